import { type EventRow, lastSeq, listEventsAfter } from '../../db/queries/log.ts';
import { listPages, type Page } from '../../db/queries/pages.ts';
import { listLastPublicEvents } from '../../db/queries/public.ts';
import type { Store } from '../../db/store.ts';
import { DomainError } from '../domain/error.ts';
import { openRounds } from '../domain/rounds.ts';
import type { PageLinks } from '../templates/views.ts';
import { buildMemory, type Memory, type PageFacts, readFacts } from './facts.ts';
import type { Framed } from './frame.ts';
import { pageView } from './page-view.ts';
import {
  advance,
  buildPageLog,
  buildTopic,
  type PageLog,
  REMEMBERED,
  refresh,
  remember,
  type Topic,
} from './topic.ts';

/** What the room needs from outside. */
export interface LiveParts {
  store: Store;
  now(): number;
  /** Told of what went wrong; the page stays up. */
  report(error: unknown, doing: string): void;
  /** Names this log; see `PageLog`. */
  epoch: string;
  /** Address of the module that keeps a page live; null leaves pages as copies. */
  scriptUrl: string | null;
  /** The whole installation is a drill. */
  isExercise: boolean;
  /** What a kind of network calls itself. */
  channelName?: ((channel: string) => string | undefined) | undefined;
  /** Addresses of what other rooms serve below a page's path. */
  links(path: string): Partial<PageLinks>;
}

/** One page as it is known here. */
export interface PageState {
  page: Page;
  facts: PageFacts;
  readonly memory: Memory;
  readonly log: PageLog;
  /** By language. */
  readonly topics: Map<string, Topic>;
  /** When its words were last known to be the newest. */
  goodAt: number;
  /** `goodAt` once that was too long ago to call the words current; else null. */
  copyOf: number | null;
  builtAt: number;
  /** Public events that its words do not contain yet. */
  pending: EventRow[];
}

export interface Follower {
  readonly pages: ReadonlyMap<string, PageState>;
  /** Reads the log now; resolves when everything committed before the call has been shown, or could not be. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

export interface Listeners {
  /** An event's frame, ready for every open page of its topic. Called before anything slower is done. */
  published(topic: Topic, framed: Framed): void;
  /** The words of a page changed, or their age did. `events` is empty when only time has passed. */
  renewed(state: PageState, events: readonly EventRow[]): void;
  /** A page no longer has this language. */
  dropped(topic: Topic): void;
  removed(state: PageState): void;
}

/** How often to look at the log when nobody said there is something new, ms. */
const BEAT_MS = 1_000;
/** How old a page may get before it is drawn again for the clock's sake, ms. */
const REDRAW_MS = 30_000;
/** Silence of the database after which the words are called a copy, ms. */
export const STALE_MS = 5_000;
const BATCH = 500;

/** Follows the event log by cursor and keeps every page's words. The first pages are ready when this resolves. */
export async function openFollower(parts: LiveParts, listeners: Listeners): Promise<Follower> {
  const { store, now, report } = parts;
  const pages = new Map<string, PageState>();
  let cursor = await lastSeq(store.read);
  let closed = false;

  const draw = (facts: PageFacts, language: string, seq: number, at: number, copyOf: number | null) =>
    pageView(facts, {
      language,
      seq,
      epoch: parts.epoch,
      now: at,
      copyOf,
      scriptUrl: parts.scriptUrl,
      isExercise: parts.isExercise,
      channelName: parts.channelName,
      links: parts.links,
    });

  async function addPage(id: string): Promise<void> {
    const known = await listLastPublicEvents(store.read, id, REMEMBERED);
    const memory = buildMemory();
    const at = now();
    const facts = await readFacts(store.read, id, at, memory);
    const log = buildPageLog(known, known.length < REMEMBERED, parts.epoch, store.kind === 'sqlite');
    const state: PageState = {
      page: facts.page,
      facts,
      memory,
      log,
      topics: new Map(),
      goodAt: at,
      copyOf: null,
      builtAt: at,
      pending: [],
    };
    for (const language of facts.page.languages)
      state.topics.set(language, buildTopic(log, draw(facts, language, log.seq, at, null)));
    pages.set(id, state);
    listeners.renewed(state, []);
  }

  /** Reads the log to its end and sorts what is public by page. */
  async function sort(): Promise<void> {
    for (;;) {
      const events = await listEventsAfter(store.read, cursor, BATCH);
      for (const event of events) {
        if (!event.public || event.pageId === null) continue;
        const state = pages.get(event.pageId);
        // A page that was opened a moment ago comes with its events.
        if (state === undefined) await addPage(event.pageId);
        else if (event.seq > state.log.seq) state.pending.push(event);
      }
      cursor = events.at(-1)?.seq ?? cursor;
      if (events.length < BATCH) return;
    }
  }

  /** Facts that contain the log up to the cursor and nothing newer, unless it will not stand still for a moment. */
  async function read(state: PageState, at: number): Promise<PageFacts> {
    for (let tries = 0; ; tries += 1) {
      const facts = await readFacts(store.read, state.page.id, at, state.memory);
      if (tries === 4 || (await lastSeq(store.read)) === cursor) return facts;
      await sort();
    }
  }

  async function renew(state: PageState): Promise<void> {
    const at = now();
    const facts = await read(state, at);
    const events = [...state.pending];
    const seq = events.at(-1)?.seq ?? state.log.seq;
    // Drawn before anything is changed: a page that cannot be drawn stays as it was, with its events waiting.
    const views = facts.page.languages.map(
      (language) => [language, draw(facts, language, seq, at, null)] as const,
    );
    Object.assign(state, { facts, page: facts.page, builtAt: at, goodAt: at, copyOf: null });
    state.pending.splice(0, events.length);
    const added = remember(state.log, events);
    for (const [language, topic] of state.topics)
      if (!facts.page.languages.includes(language)) {
        state.topics.delete(language);
        listeners.dropped(topic);
      }
    for (const [language, view] of views) {
      const topic = state.topics.get(language);
      if (!topic) state.topics.set(language, buildTopic(state.log, view));
      else if (added.length > 0) listeners.published(topic, advance(topic, added, view));
      else refresh(topic, view);
    }
    listeners.renewed(state, events);
  }

  async function round(): Promise<void> {
    await sort();
    for (const state of [...pages.values()]) {
      const due = now() - state.builtAt >= REDRAW_MS || now() < state.builtAt || state.copyOf !== null;
      if (state.pending.length === 0 && !due) {
        state.goodAt = now();
        continue;
      }
      try {
        await renew(state);
        // SQLite answers at once, so that many pages in a row would keep everybody else waiting.
        await new Promise((done) => setImmediate(done));
      } catch (error) {
        if (error instanceof DomainError && error.code === 'not_found') {
          pages.delete(state.page.id);
          listeners.removed(state);
        } else report(error, `page ${state.page.slug || '/'}`);
      }
    }
  }

  /** Calls a page a copy when nobody could say for a while that its words are the newest. */
  function age(): void {
    for (const state of pages.values()) {
      if (state.copyOf !== null || now() - state.goodAt < STALE_MS) continue;
      state.copyOf = state.goodAt;
      for (const [language, topic] of state.topics)
        refresh(topic, draw(state.facts, language, state.log.seq, state.builtAt, state.copyOf));
      listeners.renewed(state, []);
    }
  }

  let failing = false;
  const rounds = openRounds(async () => {
    if (closed) return;
    try {
      await round();
      failing = false;
    } catch (error) {
      if (!failing) report(error, 'following the log');
      failing = true;
    }
  });
  const catchUp = () => (closed ? Promise.resolve() : rounds.ask());

  for (const page of await listPages(store.read)) await addPage(page.id);
  const unhint = store.onHint(() => void catchUp());
  const beat = setInterval(() => {
    age();
    void catchUp();
  }, BEAT_MS);

  return {
    pages,
    catchUp,
    async close() {
      closed = true;
      unhint();
      clearInterval(beat);
      await rounds.rest();
    },
  };
}
