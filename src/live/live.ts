import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getUpdate } from '../../db/queries/incidents.ts';
import { findRenditionByCode } from '../../db/queries/words.ts';
import type { Store } from '../../db/store.ts';
import type { ProgramModel } from '../templates/feeds/model.ts';
import type { PageLinks } from '../templates/views.ts';
import { buildArchive, type Leaf } from './archive.ts';
import { buildCopies } from './copies.ts';
import type { Document } from './document.ts';
import { openFollower, type PageState } from './follow.ts';
import { frame } from './frame.ts';
import { type HubLimits, type HubStats, LIMITS, openHub } from './hub.ts';
import { buildMirror } from './mirror.ts';
import type { Frame } from './page-view.ts';
import { pathOf } from './place.ts';
import { buildCards } from './programs/cards.ts';
import { openPainter, type PictureFormat } from './programs/painter.ts';
import { buildPrograms, type Served } from './programs/programs.ts';
import { buildSnapshot } from './snapshot.ts';
import { catchUp, type Topic } from './topic.ts';

export interface LiveOptions {
  store: Store;
  now(): number;
  /** Told of what went wrong; the pages stay up. */
  report(error: unknown, doing: string): void;
  limits?: Partial<HubLimits>;
  /** Address of the module that keeps a page live; null leaves pages as copies. */
  scriptUrl?: string | null;
  /** Folder that is kept a copy of the pages, for another web server to serve should this process be gone. */
  mirror?: string | undefined;
  /** Files of other rooms that a mirror needs as well, by their path. */
  mirrorFiles?: Readonly<Record<string, string | Buffer>>;
  /** The process is an exercise: alerts say so. */
  exercise?: boolean;
  /** Addresses of what other rooms serve below a page's path; what is left out is not offered. */
  links?(path: string): Partial<PageLinks>;
}

/** Which page, in which language. */
export interface Place {
  pageId: string;
  language: string;
}

/** What an open page asks for when it connects. */
export interface Question {
  /** The first page when left out. */
  pageId?: string | undefined;
  /** The page's first language when left out or not one of its own. */
  language?: string | undefined;
  /** Newest seq that is already on the screen; without it everything is sent. */
  after?: number | undefined;
  /** Of the reader, as far as it is known; counted against the cap. */
  address: string;
}

export interface LiveStats extends HubStats {
  pages: number;
  /** Newest moment at which every page was known to be current, wall ms; null without pages. */
  goodAt: number | null;
}

/** Everything the public reads, ready before it is asked for. */
export interface Live {
  /**
   * Where a public path leads: a page by its slug and one of its languages, in that order, each optional. Undefined
   * when a part is neither.
   */
  findPlace(parts: readonly string[]): Place | undefined;
  page(place: Place): Document | undefined;
  /** What the page is called. */
  name(place: Place): string;
  /** An incident's own page or the history; drawn on the first reading. */
  leaf(place: Place, leaf: Leaf): Document | undefined | Promise<Document | undefined>;
  /**
   * What programs read below a page's path, such as `api/v2/summary.json` or `history.atom`. Undefined when there is no
   * such thing. Never reads the database.
   */
  program(place: Place, path: string): Served | undefined | Promise<Served | undefined>;
  /** What those are made of. */
  programModel(place: Place): ProgramModel | undefined;
  /** Picture of the update that a short link leads to. Reads the database. */
  card(code: string, format: PictureFormat): Promise<Document | undefined>;
  /** Where a short link of a post leads, as a path. Reads the database. */
  findLink(code: string): Promise<string | undefined>;
  /** Takes over a connection on which a WebSocket handshake was answered; closes it when there is no such page. */
  join(raw: Socket, question: Question): void;
  /** Answers with server-sent events. */
  stream(response: ServerResponse, question: Question): 'streaming' | 'full' | 'no such page';
  /** One frame as JSON: what is missing, or a beat when nothing is. Undefined when there is no such page. */
  poll(question: Question): string | undefined;
  stats(): LiveStats;
  /** Resolves when every event committed before the call is on the pages. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the room; its pages are ready to be served when this resolves. */
export async function openLive(options: LiveOptions): Promise<Live> {
  const { store, now, report } = options;
  const links = options.links ?? (() => ({}));
  const scriptUrl = options.scriptUrl === undefined ? '/live.js' : options.scriptUrl;
  const mirror = options.mirror === undefined ? undefined : buildMirror(options.mirror);
  const snapshot = buildSnapshot(report, mirror);
  const frameOf = (state: PageState, language: string): Frame => ({
    language,
    seq: state.log.seq,
    now: state.builtAt,
    copyOf: state.copyOf,
    scriptUrl,
    links,
  });
  const archive = buildArchive({ store, now, report, frameOf });
  const painter = openPainter();
  const programs = buildPrograms({
    store,
    now,
    report,
    painter,
    exercise: options.exercise ?? false,
    after: () => snapshot.settled(),
  });
  const cards = buildCards({ store, painter, model: programs.model });
  const copies =
    mirror &&
    buildCopies({
      store,
      mirror,
      now,
      report,
      painter,
      frameOf,
      files: options.mirrorFiles ?? {},
      async model(pageId, language) {
        await programs.settled();
        return programs.model(pageId, language);
      },
    });
  const hub = openHub(now, report, { ...LIMITS, ...options.limits });
  let bySlug = new Map<string, PageState>();
  /** Places that were found, by their path. Forgotten whenever a page changes. */
  const places = new Map<string, Place>();

  const follower = await openFollower(
    { store, now, report, scriptUrl, links },
    {
      published: (topic, framed) => hub.publish(topic, framed),
      renewed(state, events) {
        places.clear();
        for (const [language, topic] of state.topics) snapshot.renew(state.page.id, language, topic.view);
        archive.renewed(state, events);
        programs.renewed(state, events);
        copies?.renewed(state, events);
        if (bySlug.get(state.page.slug) === state) return;
        bySlug = new Map([...bySlug].filter(([, s]) => s !== state));
        bySlug.set(state.page.slug, state);
      },
      dropped: (topic) => hub.dissolve(topic),
      removed(state) {
        places.clear();
        bySlug.delete(state.page.slug);
        snapshot.remove(state.page.id);
        archive.remove(state.page.id);
        programs.remove(state.page.id);
        copies?.remove(state.page.id);
        for (const topic of state.topics.values()) hub.dissolve(topic);
      },
    },
  );
  await snapshot.settled();
  await programs.settled();

  function lookUp(parts: readonly string[]): Place | undefined {
    const [first, second] = parts;
    const named = first === undefined || first === '' ? undefined : bySlug.get(first);
    const state = named ?? bySlug.get('');
    const language = named ? second : first;
    const used = (named ? 1 : 0) + (language === undefined ? 0 : 1);
    if (!state || used !== parts.length) return undefined;
    const chosen = language ?? state.page.languages[0] ?? 'en';
    return state.topics.has(chosen) ? { pageId: state.page.id, language: chosen } : undefined;
  }

  function topicOf({ pageId, language }: Question): Topic | undefined {
    const state = pageId === undefined ? [...follower.pages.values()][0] : follower.pages.get(pageId);
    return state?.topics.get(language ?? '') ?? state?.topics.get(state.page.languages[0] ?? '');
  }

  return {
    findPlace(parts) {
      const key = parts.length === 0 ? '' : parts.join('/');
      const known = places.get(key);
      if (known) return known;
      const found = lookUp(parts);
      // Only what is there is remembered, so that nobody can fill it with what is not.
      if (found) places.set(key, found);
      return found;
    },
    page: ({ pageId, language }) => snapshot.find(pageId, language),
    name: ({ pageId }) => follower.pages.get(pageId)?.page.name ?? '',
    leaf({ pageId, language }, leaf) {
      const state = follower.pages.get(pageId);
      return state && archive.find(state, language, leaf);
    },
    program: ({ pageId, language }, path) => programs.find(pageId, language, path),
    programModel: ({ pageId, language }) => programs.model(pageId, language),
    card: (code, format) => cards.find(code, format),
    async findLink(code) {
      const rendition = await findRenditionByCode(store.read, code);
      if (!rendition) return undefined;
      const update = await getUpdate(store.read, rendition.updateId);
      const state = follower.pages.get(update.pageId);
      if (!state || update.publishedAt === null) return undefined;
      const path = pathOf(state.page, state.page.languages[0] ?? 'en');
      return `${path}/incidents/${update.incidentId}#u-${update.id}`;
    },
    join(raw, question) {
      const topic = topicOf(question);
      if (topic) hub.join(raw, topic, question.after ?? -1, question.address);
      else hub.turnAway(raw, 1008, 'there is no such page');
    },
    stream(response, question) {
      const topic = topicOf(question);
      if (!topic) return 'no such page';
      return hub.stream(response, topic, question.after ?? -1, question.address) ? 'streaming' : 'full';
    },
    poll(question) {
      const topic = topicOf(question);
      if (!topic) return undefined;
      return (catchUp(topic, question.after ?? -1) ?? frame({ type: 'beat', serverTime: now() })).json;
    },
    stats() {
      const states = [...follower.pages.values()];
      const goodAt = states.length === 0 ? null : Math.min(...states.map((s) => s.goodAt));
      return { ...hub.stats(), pages: states.length, goodAt };
    },
    async settled() {
      await follower.catchUp();
      await snapshot.settled();
      await archive.settled();
      await programs.settled();
      await copies?.settled();
    },
    async close() {
      await follower.close();
      await hub.close();
      await snapshot.settled();
      await programs.settled();
      await copies?.close();
      await painter.close();
    },
  };
}
