import { type Connection, listConnections } from '../../db/queries/connections.ts';
import type { Incident, Promised, Update } from '../../db/queries/incidents.ts';
import { isSilent } from '../../db/queries/installation.ts';
import {
  type Component,
  type Group,
  getPage,
  listComponents,
  listGroups,
  type Page,
} from '../../db/queries/pages.ts';
import {
  countPagePromises,
  countPromises,
  findOwed,
  listChangesFrom,
  listEndedSince,
  listLastWords,
  listNewestPromises,
  listNewestWords,
  listPostings,
  listPublicBeside,
  listPublicCorrections,
  listPublicOpen,
} from '../../db/queries/public.ts';
import type { Reader } from '../../db/store.ts';
import { isEnded } from '../domain/incident.ts';
import { isLate } from '../domain/promise.ts';
import { newestOf } from '../domain/versions.ts';
import { isoDay } from '../templates/format.ts';
import type { Posting } from './accounts.ts';
import { buildDayKeeper, type DayKeeper, startOfDay } from './days.ts';

/** Everything the public page of one page says, read once for all its languages. */

/** How long an ended incident keeps its place at the top, ms. */
export const AFTERGLOW_MS = 2 * 60 * 60_000;
const OPEN = 100;
const SHOWN = 20;
const RECENT = 3;
const HISTORY = 10;
/** Updates an incident shows on the page; its own page shows all. */
const TIMELINE = 30;
/** Accounts are judged by this many of the newest updates. */
const JUDGED = 8;
const CHUNK = 5_000;
/** The year's promises are counted anew at most this often, ms. */
const COUNT_MS = 5 * 60_000;

/** One incident with its newest words, newest first. */
export interface IncidentFacts {
  incident: Incident;
  updates: Update[];
  promises: Promised[];
  kept: number;
  made: number;
}

export interface PastFacts {
  incident: Incident;
  last: Update | undefined;
  kept: number;
  made: number;
}

export interface PageFacts {
  page: Page;
  groups: Group[];
  components: Component[];
  days: DayKeeper;
  /** Open first, the worst first; then those that ended a short while ago. */
  shown: IncidentFacts[];
  maintenance: IncidentFacts[];
  history: PastFacts[];
  connections: Connection[];
  postings: Posting[];
  /** Nothing leaves for any network: a person switched it off, or this database is a copy. */
  silent: boolean;
  owed: { promise: Promised; incident: Incident } | undefined;
  promises: { made: number; kept: number };
}

/** What is remembered of a page between two readings. */
export interface Memory {
  days: DayKeeper | undefined;
  timeZone: string;
  counted: { at: number; kept: number; late: number } | undefined;
}
export const buildMemory = (): Memory => ({ days: undefined, timeZone: '', counted: undefined });

const SEVERITY = ['critical', 'major', 'minor', 'maintenance', 'none'] as const;
const byWeight = (a: Incident, b: Incident): number =>
  Number(b.grave) - Number(a.grave) ||
  SEVERITY.indexOf(a.impact) - SEVERITY.indexOf(b.impact) ||
  b.startedAt - a.startedAt;

const bySchedule = (a: Incident, b: Incident): number =>
  (a.scheduledFor ?? a.startedAt) - (b.scheduledFor ?? b.startedAt);

/** Reads the page's facts. Cost is bounded by what is shown, not by what ever happened. Throws when the page is gone. */
export async function readFacts(r: Reader, pageId: string, now: number, memory: Memory): Promise<PageFacts> {
  const page = await getPage(r, pageId);
  const groups = await listGroups(r, pageId);
  const components = await listComponents(r, pageId);
  const connections = await listConnections(r, pageId);
  const days = await keepDays(r, page, now, memory);
  const open = await listPublicOpen(r, pageId, OPEN);
  const ended = (await listEndedSince(r, pageId, now - AFTERGLOW_MS, RECENT)).filter(
    (i) => i.kind === 'incident' && i.status !== null && isEnded(i.status),
  );
  const shown: IncidentFacts[] = [];
  const worst = open.filter((i) => i.kind === 'incident').sort(byWeight);
  for (const incident of [...worst.slice(0, SHOWN), ...ended])
    shown.push(await readIncidentFacts(r, incident, now, TIMELINE));
  const maintenance: IncidentFacts[] = [];
  const planned = open.filter((i) => i.kind === 'maintenance').sort(bySchedule);
  for (const incident of planned.slice(0, SHOWN))
    maintenance.push(await readIncidentFacts(r, incident, now, 5));
  const onTop = new Set([...shown, ...maintenance].map((x) => x.incident.id));
  const recent = await listPublicBeside(r, pageId, {}, HISTORY + onTop.size);
  const history = await readPast(
    r,
    recent.filter((i) => !onTop.has(i.id) && i.status !== null && isEnded(i.status)).slice(0, HISTORY),
  );
  return {
    page,
    groups,
    components,
    days,
    shown,
    maintenance,
    history,
    connections,
    postings: await listPostings(r, newestUpdates([...shown, ...maintenance], history)),
    silent: await isSilent(r),
    owed: await findOwed(r, pageId),
    promises: await countYear(r, page, now, memory, shown),
  };
}

/** One incident in full, for the page or for its permanent address. */
export async function readIncidentFacts(
  r: Reader,
  incident: Incident,
  now: number,
  limit: number,
): Promise<IncidentFacts> {
  const updates = await listNewestWords(r, incident.id, limit);
  const promises = await listNewestPromises(r, incident.id, limit + 1);
  const counts = await countPromises(r, [incident.id]);
  const { kept, made } = tally(counts, incident.id);
  const late = promises.some((p) => isLate(p, now)) ? 1 : 0;
  return { incident, updates, promises, kept, made: made + late };
}

/** What a list of past incidents says of each. */
export async function readPast(r: Reader, incidents: readonly Incident[]): Promise<PastFacts[]> {
  const ids = incidents.map((i) => i.id);
  const words = await listLastWords(r, ids);
  const corrections = await listPublicCorrections(r, ids);
  const counts = await countPromises(r, ids);
  return incidents.map((incident) => ({
    incident,
    last: newestOf([...words, ...corrections].filter((u) => u.incidentId === incident.id))?.words,
    ...tally(counts, incident.id),
  }));
}

function tally(counts: Awaited<ReturnType<typeof countPromises>>, incidentId: string) {
  const of = (state: string) => counts.find((c) => c.incidentId === incidentId && c.state === state)?.n ?? 0;
  return { kept: of('kept'), made: of('kept') + of('late') };
}

async function keepDays(r: Reader, page: Page, now: number, memory: Memory): Promise<DayKeeper> {
  if (!memory.days || memory.timeZone !== page.timeZone) {
    memory.days = buildDayKeeper(page.timeZone);
    memory.timeZone = page.timeZone;
  }
  for (let from = memory.days.readFrom(now); ; ) {
    const changes = await listChangesFrom(r, page.id, from, CHUNK);
    memory.days.add(changes);
    const last = changes.at(-1)?.at;
    // More than a chunk in one instant cannot be told apart by time; no page changes 5,000 parts at once.
    if (changes.length < CHUNK || last === undefined || last === from) return memory.days;
    from = last;
  }
}

const newestUpdates = (told: readonly IncidentFacts[], past: readonly PastFacts[]): string[] =>
  [...told.flatMap((x) => x.updates), ...past.flatMap((x) => x.last ?? [])]
    .sort((a, b) => (b.publishedSeq ?? 0) - (a.publishedSeq ?? 0))
    .slice(0, JUDGED)
    .map((u) => u.id);

async function countYear(
  r: Reader,
  page: Page,
  now: number,
  memory: Memory,
  shown: readonly IncidentFacts[],
): Promise<{ made: number; kept: number }> {
  const { counted } = memory;
  if (!counted || now - counted.at >= COUNT_MS || now < counted.at) {
    const year = startOfDay(`${isoDay(now, page.timeZone).slice(0, 4)}-01-01`, page.timeZone);
    memory.counted = { at: now, ...(await countPagePromises(r, page.id, year)) };
  }
  const { kept, late } = memory.counted!;
  const lateNow = shown.filter((x) => x.promises.some((p) => isLate(p, now))).length;
  return { kept, made: kept + late + lateNow };
}
