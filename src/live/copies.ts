import { createHash } from 'node:crypto';
import { findIncident, type Incident } from '../../db/queries/incidents.ts';
import type { EventRow } from '../../db/queries/log.ts';
import type { Page } from '../../db/queries/pages.ts';
import { findPicture, listPagePictures, listPictures } from '../../db/queries/pictures.ts';
import { listPostings, listPublicBeside } from '../../db/queries/public.ts';
import type { Store } from '../../db/store.ts';
import { isEnded } from '../domain/incident.ts';
import { picturePath } from '../domain/media.ts';
import { openRounds } from '../domain/rounds.ts';
import { standings } from '../domain/versions.ts';
import type { ProgramModel } from '../templates/feeds/model.ts';
import { renderHistory, renderIncident } from '../templates/page.ts';
import { renderError, wear } from '../templates/plain.ts';
import { pageCss } from '../templates/styles.ts';
import { type IncidentFacts, readIncidentFacts, readPast } from './facts.ts';
import type { PageState } from './follow.ts';
import type { Mirror } from './mirror.ts';
import { type Frame, historyView, incidentView } from './page-view.ts';
import { standingPictures } from './pictures.ts';
import { folderOf, pathOf } from './place.ts';
import { entryAt, pathsOf } from './programs/catalogue.ts';
import type { Painter } from './programs/painter.ts';
import { buildStretches, type Stretch, type Stretches } from './stretches.ts';
import { asCopy } from './subscribe-links.ts';

/**
 * Everything below a page, for its mirror: incidents, the past, and what programs read. Written behind the pages
 * themselves, one file after the other, and only what events have changed.
 */
export interface Copies {
  renewed(state: PageState, events: readonly EventRow[]): void;
  /** Takes a page's files away, after the one that is being written: it is not for everybody any more, or is no more. */
  remove(page: Page): void;
  /** Whether everything that is public is written. */
  isWhole(): boolean;
  /** Resolves when everything asked for so far is written. */
  settled(): Promise<void>;
  /** Ends after the file that is being written. */
  close(): Promise<void>;
}

export interface CopyParts {
  store: Store;
  mirror: Mirror;
  now(): number;
  report(error: unknown, doing: string): void;
  painter: Painter;
  frameOf(state: PageState, language: string): Frame;
  /** What programs are told now; resolves when it contains what was asked before. */
  model(pageId: string, language: string): Promise<ProgramModel | undefined>;
  /** Files that are the same for every page, by their path. */
  files: Readonly<Record<string, string | Buffer>>;
}

interface Work {
  state: PageState;
  /** Incidents that changed since they were written. */
  touched: Set<string>;
  /** The page was closed while this was written. */
  gone: boolean;
  /** Everything is to be looked at: nothing is known of the folder yet. */
  whole: boolean;
  due: boolean;
  stretches: Stretches | undefined;
  /** What programs were told when it was written last, by language. */
  written: Map<string, ProgramModel>;
}

const UPDATES = 500;

export function buildCopies(parts: CopyParts): Copies {
  const { store, mirror, now, report } = parts;
  const pages = new Map<string, Work>();
  const leaving = new Map<string, Page>();
  let closed = false;
  let failing = false;
  let made: 'by us' | 'by another version' | undefined;

  /** Between two files everybody else has a turn. */
  const turn = () => new Promise((done) => setImmediate(done));
  const isPublic = (i: Incident): boolean =>
    i.status !== null && i.publishedAt !== null && (i.kind === 'incident' || isEnded(i.status));

  async function writeIncident({ state, whole }: Work, incident: Incident): Promise<void> {
    const at = Math.max(incident.updatedAt, state.page.updatedAt);
    const file = (language: string) =>
      `${folderOf(state.page, language)}/incidents/${incident.id}/index.html`;
    const mayStand = whole && made === 'by us' && incident.resolvedAt !== null;
    const old: string[] = [];
    for (const language of state.page.languages)
      if (!mayStand || !(await mirror.isFrom(file(language), at))) old.push(language);
    if (old.length === 0) return;
    const facts = await readIncidentFacts(store.read, incident, now(), UPDATES);
    await writePictures(facts);
    const postings = await listPostings(
      store.read,
      facts.updates.slice(0, 8).map((u) => u.id),
    );
    for (const language of old) {
      const frame = { ...parts.frameOf(state, language), now: now(), copyOf: null };
      await mirror.put(
        file(language),
        renderIncident(asCopy(incidentView(state.facts, { facts, postings }, frame))),
        at,
      );
      await turn();
    }
  }

  /** Before the pages that show them; what was taken back since is taken away. */
  async function writePictures({ incident, updates }: IncidentFacts): Promise<void> {
    const standing = new Set(standingPictures(standings(updates)).map((m) => m.id));
    for (const kept of await listPictures(store.read, incident.id)) {
      const file = picturePath(kept);
      if (!standing.has(kept.id)) await mirror.drop(file);
      else if (!(await mirror.isFrom(file, kept.createdAt))) {
        const found = await findPicture(store.read, kept.id);
        if (found) await mirror.put(file, Buffer.from(found.body, 'base64'), kept.createdAt);
      }
    }
  }

  /** The past in numbered pages, the oldest first, because a file cannot be asked a question. */
  async function writeStretch(work: Work, stretch: Stretch, incidents: readonly Incident[]): Promise<void> {
    const { state } = work;
    const shown = incidents.filter(isPublic);
    const past = await readPast(store.read, shown);
    for (const language of state.page.languages) {
      const path = `${pathOf(state.page, language)}/history`;
      const frame = { ...parts.frameOf(state, language), now: now(), copyOf: null };
      const view = asCopy(historyView(state.facts, past, { newer: null, older: null }, frame));
      const url = (name: string | null) => (name === null ? null : `${path}${name === '' ? '' : `/${name}`}`);
      await mirror.put(
        `${folderOf(state.page, language)}/history/${stretch.name === '' ? '' : `${stretch.name}/`}index.html`,
        renderHistory({
          ...view,
          canSearch: false,
          newerUrl: url(stretch.newer),
          olderUrl: url(stretch.older),
        }),
      );
      await turn();
    }
  }

  /** What web servers of static files show for an address at which nothing is, under the name they look for. */
  async function writeMissing({ state }: Work): Promise<void> {
    for (const [language, { view }] of state.topics) {
      const { history } = view.page.links;
      await mirror.put(
        `${folderOf(state.page, language)}/404.html`,
        renderError({ page: wear(view.page, '', true), status: 404, id: null, history, help: null }),
      );
    }
  }

  async function writePrograms(work: Work): Promise<void> {
    const { state } = work;
    for (const [i, language] of state.page.languages.entries()) {
      const model = await parts.model(state.page.id, language);
      const before = work.written.get(language);
      if (!model || model === before) continue;
      const path = folderOf(state.page, language);
      const same = unchangedIncidents(before, model);
      for (const program of pathsOf(model)) {
        if (closed || work.gone) return;
        if (same.has(idIn(program))) continue;
        // Pictures of single incidents are for previews of links, which nobody makes on such a day.
        if (program.startsWith('og/') || (program === 'og.png' && i > 0)) continue;
        const drawn = entryAt(program)?.draw(model);
        if (drawn === undefined) continue;
        const file = program.includes('.') ? program : `${program}/index.html`;
        await mirror.put(
          `${path}/${file}`,
          typeof drawn === 'string' ? drawn : await parts.painter.paint(drawn, 'png'),
        );
        await turn();
      }
      work.written.set(language, model);
    }
  }

  async function write(work: Work): Promise<void> {
    if (made === undefined) {
      // Another version draws pages anew, whatever their files say of their age.
      const stamp = createHash('sha256').update(pageCss().text);
      for (const [file, body] of Object.entries(parts.files)) {
        stamp.update(body);
        await mirror.put(file, body);
      }
      const version = stamp.digest('hex').slice(0, 16);
      made = (await mirror.read('.version')) === version ? 'by us' : 'by another version';
      await mirror.put('.version', version);
    }
    const { state, touched, whole } = work;
    const ids = [...touched];
    // The newest words first; the years before can wait.
    const told: string[] = [];
    for (const id of ids) {
      const incident = await findIncident(store.read, id);
      if (incident?.pageId !== state.page.id || incident.publishedAt === null) continue;
      told.push(id);
      await writeIncident({ ...work, whole: false }, incident);
    }
    await writeMissing(work);
    await writePrograms(work);
    work.stretches ??= buildStretches(state.page.id);
    const read = (pageId: string, after: string, limit: number) =>
      listPublicBeside(store.read, pageId, { after }, limit);
    for await (const { stretch, incidents } of work.stretches.changed(read, told)) {
      if (closed || work.gone) return;
      if (whole) for (const incident of incidents) await writeIncident(work, incident);
      await writeStretch(work, stretch, incidents);
    }
    for (const id of ids) touched.delete(id);
    work.whole = false;
  }

  /** Nothing of a page stays, under its path or a host name of its own. */
  async function takeAway(page: Page): Promise<void> {
    for (const picture of await listPagePictures(store.read, page.id))
      await mirror.drop(picturePath(picture));
    for (const language of page.languages)
      for (const stood of [page, { ...page, domain: null }]) await mirror.drop(folderOf(stood, language));
  }

  async function run(): Promise<void> {
    for (;;) {
      for (const [id, page] of leaving) {
        leaving.delete(id);
        await takeAway(page).catch((error: unknown) => report(error, `taking page ${page.slug || '/'} away`));
      }
      const next = [...pages.values()].find((work) => work.due);
      if (!next || closed) {
        if (leaving.size > 0) continue;
        return;
      }
      next.due = false;
      try {
        await write(next);
        failing = false;
      } catch (error) {
        // What is there stays; the clock and the next event try again.
        if (!failing) report(error, `mirroring ${next.state.page.slug || '/'}`);
        failing = true;
      }
    }
  }

  const rounds = openRounds(run);

  return {
    renewed(state, events) {
      leaving.delete(state.page.id);
      const work = pages.get(state.page.id) ?? {
        state,
        touched: new Set<string>(),
        whole: true,
        due: false,
        gone: false,
        stretches: undefined,
        written: new Map<string, ProgramModel>(),
      };
      pages.set(state.page.id, work);
      work.state = state;
      for (const { incidentId } of events) if (incidentId !== null) work.touched.add(incidentId);
      // Time alone changes nothing here that a copy would say.
      work.due ||= events.length > 0 || work.whole || work.touched.size > 0 || failing;
      void rounds.ask();
    },
    remove(page) {
      const work = pages.get(page.id);
      if (work) work.gone = true;
      pages.delete(page.id);
      leaving.set(page.id, page);
      void rounds.ask();
    },
    isWhole: () =>
      !closed &&
      !rounds.busy() &&
      !failing &&
      [...pages.values()].every(
        ({ due, whole, state, written }) =>
          !due && !whole && state.page.languages.every((language) => written.has(language)),
      ),
    settled: rounds.rest,
    async close() {
      closed = true;
      await rounds.rest();
    },
  };
}

/** The incident or update that a path is about: the last part without its ending. */
const idIn = (path: string): string => /([0-9a-z]+)(?:-retracted)?(?:\.\w+)?$/.exec(path)?.[1] ?? '';

/** Incidents and updates of which programs are told what they were told before. */
function unchangedIncidents(before: ProgramModel | undefined, model: ProgramModel): Set<string> {
  const around = ({ page, groups, components }: ProgramModel) =>
    JSON.stringify([{ ...page, updatedAt: 0 }, groups, components]);
  if (!before || around(before) !== around(model)) return new Set();
  const was = new Map([...before.incidents, ...before.maintenance].map((i) => [i.id, JSON.stringify(i)]));
  return new Set(
    [...model.incidents, ...model.maintenance]
      .filter((i) => was.get(i.id) === JSON.stringify(i))
      .flatMap((i) => [i.id, ...i.updates.map((u) => u.id)]),
  );
}
