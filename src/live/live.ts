import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getUpdate } from '../../db/queries/incidents.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import { findRenditionByCode } from '../../db/queries/words.ts';
import type { PageAccess } from '../../db/shapes.ts';
import type { Store } from '../../db/store.ts';
import type { ProgramModel } from '../templates/feeds/model.ts';
import type { PageHead, PageLinks } from '../templates/views.ts';
import { buildAddresses, type Place } from './addresses.ts';
import { buildArchive, type Leaf } from './archive.ts';
import type { BucketTarget } from './bucket/bucket.ts';
import { buildCopies } from './copies.ts';
import type { Document } from './document.ts';
import { buildElsewhere, type CopyState } from './elsewhere.ts';
import { buildFiles } from './files.ts';
import { openFollower, type PageState } from './follow.ts';
import { frame } from './frame.ts';
import type { GitTarget } from './git-copy.ts';
import { type HubLimits, type HubStats, LIMITS, openHub } from './hub.ts';
import { buildMirror } from './mirror.ts';
import type { Frame } from './page-view.ts';
import { buildPictures } from './pictures.ts';
import { folderOf, pathOf } from './place.ts';
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
  /** A git repository that is kept like the mirror's folder. */
  mirrorGit?: GitTarget | undefined;
  /** A bucket that is kept like the mirror's folder. */
  mirrorBucket?: BucketTarget | undefined;
  /** Files of other rooms that a mirror needs as well, by their path. */
  mirrorFiles?: Readonly<Record<string, string | Buffer>>;
  /** The process is an exercise: its pages and alerts say so. */
  exercise?: boolean;
  /** What a kind of network calls itself: "LinkedIn". */
  channelName?: (channel: string) => string | undefined;
  /** Addresses of what other rooms serve below a page's path; what is left out is not offered. */
  links?(path: string): Partial<PageLinks>;
}

/** What an open page asks for when it connects. */
export interface Question {
  /** The first page when left out. */
  pageId?: string | undefined;
  /** The page's first language when left out or not one of its own. */
  language?: string | undefined;
  /** Newest seq that is already on the screen; without it everything is sent. */
  after?: number | undefined;
  /** The log it counts in; a cursor of another one is none. */
  epoch?: string | undefined;
  /** Host name that was asked; a page with a name of its own is found under it only. */
  host?: string | undefined;
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
  findPlace(parts: readonly string[], host?: string): Place | undefined;
  /** Public address of the page that these parts name, when it stands under a host name of its own. */
  movedTo(parts: readonly string[]): string | undefined;
  /** Who may read a page; null is everybody. Undefined when there is no such page. */
  access(pageId: string): PageAccess | null | undefined;
  /** Path of a page's front page; undefined when there is no such page. */
  homeOf(pageId: string): string | undefined;
  /** Whether a page is shown under this host name. */
  isShownAt(pageId: string, host: string): boolean;
  page(place: Place): Document | undefined;
  /** Name, languages and dress of a page as it is shown now: what stands beside it wears them too. */
  head(place: Place): PageHead | undefined;
  /** An incident's own page or the history; drawn on the first reading. */
  leaf(place: Place, leaf: Leaf): Document | undefined | Promise<Document | undefined>;
  /**
   * What programs read below a page's path, such as `api/v2/summary.json` or `history.atom`. Undefined when there is no
   * such thing. Never reads the database.
   */
  program(place: Place, path: string): Served | undefined | Promise<Served | undefined>;
  /** What those are made of. */
  programModel(place: Place): ProgramModel | undefined;
  /** A picture of a page's own, by its name: `<hash>.png`. */
  file(name: string): (Served & { pageId: string }) | undefined;
  /** A picture of an update that stands, by its name. Reads the database for one that is not ready. */
  picture(name: string): Promise<(Served & { pageId: string }) | undefined>;
  /** Picture of the update that a short link leads to. Reads the database. */
  card(code: string, format: PictureFormat): Promise<Document | undefined>;
  /** Where a short link of a post leads, as a path of the page it belongs to. Reads the database. */
  findLink(code: string): Promise<{ pageId: string; path: string } | undefined>;
  /** Takes over a connection on which a WebSocket handshake was answered; closes it when there is no such page. */
  join(raw: Socket, question: Question): void;
  /** Answers with server-sent events. */
  stream(response: ServerResponse, question: Question): 'streaming' | 'full' | 'no such page';
  /** One frame as JSON: what is missing, or a beat when nothing is. Undefined when there is no such page. */
  poll(question: Question): string | undefined;
  stats(): LiveStats;
  copies(): CopyState[];
  /** Resolves when every event committed before the call is on the pages. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the room; its pages are ready to be served when this resolves. */
export async function openLive(options: LiveOptions): Promise<Live> {
  const { store, now, report } = options;
  const links = options.links ?? (() => ({}));
  const scriptUrl = options.scriptUrl === undefined ? '/live.js' : options.scriptUrl;
  const opened = Promise.withResolvers<void>();
  const elsewhere =
    options.mirror === undefined
      ? undefined
      : buildElsewhere({
          folder: options.mirror,
          git: options.mirrorGit,
          bucket: options.mirrorBucket,
          now,
          report,
          async still() {
            await opened.promise;
            await mirrored();
            return isMirrorWhole();
          },
        });
  const mirror =
    options.mirror === undefined
      ? undefined
      : buildMirror(options.mirror, (path) => elsewhere?.changed(path));
  const epoch =
    (await findInstallation(store.read, 'epoch')) ??
    (await findInstallation(store.read, 'deployment_id')) ??
    '';
  const snapshot = buildSnapshot(report, mirror);
  const isExercise = options.exercise ?? false;
  const frameOf = (state: PageState, language: string): Frame => ({
    language,
    seq: state.log.seq,
    epoch,
    now: state.builtAt,
    copyOf: state.copyOf,
    scriptUrl,
    isExercise,
    channelName: options.channelName,
    links,
  });
  const archive = buildArchive({ store, now, report, frameOf });
  const painter = openPainter();
  const programs = buildPrograms({
    store,
    now,
    report,
    painter,
    exercise: isExercise,
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
  const files = buildFiles(store, mirror, report);
  const pictures = buildPictures(store, report);
  const hub = openHub(now, report, { ...LIMITS, ...options.limits });
  const addresses = buildAddresses();
  /** What may be read of each page by whom, as it was last: whoever was let in before a change is let out. */
  const doors = new Map<string, string>();

  const follower = await openFollower(
    { store, now, report, epoch, scriptUrl, isExercise, channelName: options.channelName, links },
    {
      published: (topic, framed) => hub.publish(topic, framed),
      renewed(state, events) {
        const { page } = state;
        for (const [language, topic] of state.topics)
          snapshot.renew(page.id, language, topic.view, folderOf(page, language));
        files.renewed(page);
        pictures.renewed(state, events);
        archive.renewed(state, events);
        programs.renewed(state, events);
        // A copy can ask nobody for a password: private pages have none.
        if (page.access === null) copies?.renewed(state, events);
        else copies?.remove(page);
        const door = JSON.stringify(page.access);
        const before = doors.get(page.id);
        doors.set(page.id, door);
        if (before !== undefined && before !== door)
          for (const topic of state.topics.values()) hub.dissolve(topic);
        addresses.renewed(state);
      },
      dropped: (topic) => hub.dissolve(topic),
      removed(state) {
        addresses.removed(state);
        doors.delete(state.page.id);
        snapshot.remove(state.page.id);
        files.remove(state.page.id);
        archive.remove(state.page.id);
        programs.remove(state.page.id);
        copies?.remove(state.page);
        for (const topic of state.topics.values()) hub.dissolve(topic);
      },
    },
  );
  opened.resolve();
  await snapshot.settled();
  await programs.settled();
  await files.settled();
  await pictures.settled();

  /** Resolves when nothing is being written into the mirror. */
  async function mirrored(): Promise<void> {
    await snapshot.settled();
    await files.settled();
    await copies?.settled();
  }

  /** An installation that knows no page has lost them: the copy is what is left of them. */
  function isMirrorWhole(): boolean {
    const states = [...follower.pages.values()];
    const isDrawn = ({ page }: PageState) =>
      page.languages.every((language) => snapshot.find(page.id, language));
    return states.length > 0 && states.every(isDrawn) && copies?.isWhole() === true;
  }

  function topicOf({ pageId, language, host }: Question): Topic | undefined {
    const first = addresses.first(host) ?? [...follower.pages.values()][0];
    const state = pageId === undefined ? first : follower.pages.get(pageId);
    if (state && host !== undefined && !addresses.isShownAt(state, host)) return undefined;
    return state?.topics.get(language ?? '') ?? state?.topics.get(state.page.languages[0] ?? '');
  }

  /** A cursor of another log is none. */
  const cursorOf = ({ after, epoch: of }: Question): number =>
    after === undefined || (of !== undefined && of !== '' && of !== epoch) ? -1 : after;

  return {
    findPlace: addresses.find,
    movedTo: addresses.movedTo,
    homeOf(pageId) {
      const page = follower.pages.get(pageId)?.page;
      return page && (pathOf(page, page.languages[0] ?? 'en') || '/');
    },
    access: (pageId) => follower.pages.get(pageId)?.page.access,
    isShownAt(pageId, host) {
      const state = follower.pages.get(pageId);
      return state !== undefined && addresses.isShownAt(state, host);
    },
    page: ({ pageId, language }) => snapshot.find(pageId, language),
    head: ({ pageId, language }) => follower.pages.get(pageId)?.topics.get(language)?.view.page,
    leaf({ pageId, language }, leaf) {
      const state = follower.pages.get(pageId);
      return state && archive.find(state, language, leaf);
    },
    program: ({ pageId, language }, path) => programs.find(pageId, language, path),
    programModel: ({ pageId, language }) => programs.model(pageId, language),
    file: (name) => files.find(name),
    async picture(name) {
      const found = await pictures.find(name);
      return found && follower.pages.has(found.pageId) ? found : undefined;
    },
    card: (code, format) => cards.find(code, format),
    async findLink(code) {
      const rendition = await findRenditionByCode(store.read, code);
      if (!rendition) return undefined;
      const update = await getUpdate(store.read, rendition.updateId);
      const state = follower.pages.get(update.pageId);
      if (!state || update.publishedAt === null) return undefined;
      const path = pathOf(state.page, state.page.languages[0] ?? 'en');
      return { pageId: update.pageId, path: `${path}/incidents/${update.incidentId}#u-${update.id}` };
    },
    join(raw, question) {
      const topic = topicOf(question);
      if (topic) hub.join(raw, topic, cursorOf(question), question.address);
      else hub.turnAway(raw, 1008, 'there is no such page');
    },
    stream(response, question) {
      const topic = topicOf(question);
      if (!topic) return 'no such page';
      return hub.stream(response, topic, cursorOf(question), question.address) ? 'streaming' : 'full';
    },
    poll(question) {
      const topic = topicOf(question);
      if (!topic) return undefined;
      const { copyOf } = topic.view;
      const beat = () => frame({ type: 'beat', serverTime: now(), ...(copyOf === null ? {} : { copyOf }) });
      return (catchUp(topic, cursorOf(question)) ?? beat()).json;
    },
    stats() {
      const states = [...follower.pages.values()];
      const goodAt = states.length === 0 ? null : Math.min(...states.map((s) => s.goodAt));
      return { ...hub.stats(), pages: states.length, goodAt };
    },
    copies: () => elsewhere?.copies() ?? [],
    async settled() {
      await follower.catchUp();
      await files.settled();
      await pictures.settled();
      await snapshot.settled();
      await archive.settled();
      await programs.settled();
      await copies?.settled();
      await elsewhere?.settled();
    },
    async close() {
      await follower.close();
      await hub.close();
      await snapshot.settled();
      await programs.settled();
      await copies?.close();
      await elsewhere?.close();
      await painter.close();
    },
  };
}
