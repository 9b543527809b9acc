import { findIncident } from '../../db/queries/incidents.ts';
import type { EventRow } from '../../db/queries/log.ts';
import { listPostings } from '../../db/queries/public.ts';
import type { Store } from '../../db/store.ts';
import { DomainError } from '../domain/error.ts';
import { renderHistory, renderIncident, renderWall } from '../templates/page.ts';
import type { HistoryView, IncidentView, PageView } from '../templates/views.ts';
import { buildDocument, type Document } from './document.ts';
import { readIncidentFacts } from './facts.ts';
import type { PageState } from './follow.ts';
import { type Frame, incidentView, pageView } from './page-view.ts';
import { type PastLeaf, readHistory } from './past.ts';

/** What is asked for below a page: one incident for ever, a stretch of the past, or the page for a screen on a wall. Ids are incident ids. */
export type Leaf = { incident: string } | { wall: true } | PastLeaf;

/**
 * Incidents' own pages and the history, kept ready for as long as somebody reads them. The first reader of a cold one
 * waits for it to be drawn; events draw again what they changed. What cannot be drawn again is served as a copy.
 */
export interface Archive {
  /** Undefined when there is no such thing, or it is not public. Throws when it is cold and the database is away. */
  find(state: PageState, language: string, leaf: Leaf): Document | Promise<Document | undefined>;
  renewed(state: PageState, events: readonly EventRow[]): void;
  remove(pageId: string): void;
  settled(): Promise<void>;
}

interface Entry {
  key: string;
  state: PageState;
  language: string;
  leaf: Leaf;
  view: LeafView | undefined;
  document: Document | undefined;
  builtAt: number;
  usedAt: number;
  stale: boolean;
  building: Promise<Document | undefined> | undefined;
}

const KEPT = 200;
const UPDATES = 500;
/** Searches that are answered at a time: each looks through everything that was ever said. */
const SEARCHES = 4;
/** Times and "ago" in a document may be this old, ms. */
const FRESH_MS = 60_000;
/** One that is read is drawn again, before it gets too old, when it is this old, ms. */
const REDRAW_MS = 30_000;
/** What nobody has read for so long is drawn when it is asked for, ms. */
const READ_MS = 10 * 60_000;

type LeafView = IncidentView | HistoryView | PageView;
const render = (view: LeafView): string =>
  'incident' in view ? renderIncident(view) : 'entries' in view ? renderHistory(view) : renderWall(view);

export function buildArchive(parts: {
  store: Store;
  now(): number;
  report(error: unknown, doing: string): void;
  frameOf(state: PageState, language: string): Frame;
}): Archive {
  const { store, now, report, frameOf } = parts;
  /** Least recently read first. */
  const entries = new Map<string, Entry>();
  let line: Promise<unknown> = Promise.resolve();

  async function read(entry: Entry): Promise<LeafView | undefined> {
    const { state, language, leaf } = entry;
    const { page, facts } = state;
    const frame = { ...frameOf(state, language), now: now(), copyOf: null };
    if ('incident' in leaf) {
      const incident = await findIncident(store.read, leaf.incident);
      if (!incident || incident.pageId !== page.id || incident.publishedAt === null) return undefined;
      const one = await readIncidentFacts(store.read, incident, frame.now, UPDATES);
      const postings = await listPostings(
        store.read,
        one.updates.slice(0, 8).map((u) => u.id),
      );
      return incidentView(facts, { facts: one, postings }, frame);
    }
    if ('wall' in leaf) return pageView(facts, frame);
    return readHistory(store.read, state, leaf, frame);
  }

  async function build(entry: Entry): Promise<Document | undefined> {
    entry.stale = false;
    try {
      entry.view = await read(entry);
    } catch (error) {
      entry.stale = true;
      if (!entry.view) throw error;
      entry.view = { ...entry.view, copyOf: entry.state.copyOf ?? entry.view.copyOf ?? entry.builtAt };
      entry.document = await buildDocument(render(entry.view), entry.view.page.style?.csp);
      return entry.document;
    }
    if (!entry.view) {
      entries.delete(entry.key);
      return undefined;
    }
    entry.builtAt = now();
    entry.document = await buildDocument(render(entry.view), entry.view.page.style?.csp);
    return entry.document;
  }

  let searching = 0;
  async function search(state: PageState, language: string, leaf: { search: string }) {
    if (searching >= SEARCHES)
      throw new DomainError('unavailable', 'Many people search just now. Try again in a moment.', {
        retryAfterMs: 3_000,
      });
    searching += 1;
    try {
      const frame = { ...frameOf(state, language), now: now(), copyOf: null };
      const view = await readHistory(store.read, state, leaf, frame);
      return view && (await buildDocument(render(view), view.page.style?.csp));
    } finally {
      searching -= 1;
    }
  }

  function rebuild(entry: Entry): Promise<Document | undefined> {
    entry.building ??= build(entry).finally(() => {
      entry.building = undefined;
    });
    return entry.building;
  }

  /** Whether events changed what this page is about, or only what surrounds it, or nothing. */
  function concerns({ leaf }: Entry, events: readonly EventRow[]): 'what' | 'around' | undefined {
    if (events.length === 0) return undefined;
    if ('wall' in leaf) return 'what';
    const told = events.filter((e) => e.incidentId !== null);
    if ('incident' in leaf ? told.some((e) => e.incidentId === leaf.incident) : told.length > 0)
      return 'what';
    return told.length < events.length ? 'around' : undefined;
  }

  return {
    find(state, language, leaf) {
      // Whoever searches asks something of their own: it is answered, and not kept for others.
      if ('search' in leaf) return search(state, language, leaf);
      const key = `${state.page.id} ${language} ${JSON.stringify(leaf)}`;
      const at = now();
      const entry: Entry = entries.get(key) ?? {
        key,
        state,
        language,
        leaf,
        view: undefined,
        document: undefined,
        builtAt: at,
        usedAt: at,
        stale: true,
        building: undefined,
      };
      entries.delete(key);
      entries.set(key, entry);
      for (const [oldest] of entries) {
        if (entries.size <= KEPT) break;
        entries.delete(oldest);
      }
      entry.usedAt = at;
      if (entry.document && !entry.stale && at - entry.builtAt < FRESH_MS) return entry.document;
      return rebuild(entry).catch((error: unknown) => {
        if (!entry.document) entries.delete(key);
        throw error;
      });
    },
    renewed(state, events) {
      for (const entry of entries.values()) {
        if (entry.state !== state) continue;
        const changed = concerns(entry, events);
        if (changed || (entry.view?.copyOf ?? null) !== state.copyOf) entry.stale = true;
        const old = now() - entry.builtAt >= REDRAW_MS && entry.usedAt > entry.builtAt;
        // The rest is drawn when it is asked for: two hundred at once would keep the newest words waiting.
        if (!(changed === 'what' || old) || now() - entry.usedAt > READ_MS) continue;
        line = line
          .then(() => rebuild(entry))
          .catch((error: unknown) => report(error, 'drawing an older page'));
      }
    },
    remove(pageId) {
      for (const [key, entry] of entries) if (entry.state.page.id === pageId) entries.delete(key);
    },
    async settled() {
      await line;
    },
  };
}
