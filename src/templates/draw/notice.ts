import {
  ago,
  clock,
  clockAndDay,
  clockZone,
  dayAndClock,
  duration,
  fill,
  list,
  type Piece,
  pieces,
  plural,
  safeUrl,
  zoneName,
} from '../format.ts';
import type { IncidentNotice, MaintenanceView, PageView } from '../views.ts';
import { type Drawing, type Instant, instant } from './place.ts';
import { hasEnded, incidentTag, pageTag, type StateTag } from './state.ts';

/** The promise flag. `kind` is its class; `dueMs` lets the browser count. */
export interface FlagModel {
  kind: 'open' | 'late' | 'old' | 'calm' | '';
  title: string;
  big: (Instant & { zone: string; long: boolean }) | null;
  left: string;
  dueMs: number | null;
  /** "Last check 14:41." */
  checked: string;
  /** No running count: the page is grave. */
  quiet: boolean;
  note: string;
  noteUrl: string | null;
  family: { label: string; phone: string; tel: string; note: string } | null;
}

export interface NoticeModel {
  tone: string;
  tag: StateTag | null;
  phase: string;
  updated: (Instant & { before: string; after: string; clock: string; relative: boolean; ms: number }) | null;
  corrections: string;
  /** Words in another language are newer: how much, and where they are. */
  newer: { text: string; url: string; language: string } | null;
  headline: string;
  lede: readonly Piece[];
  tellUs: { before: string; text: string; after: string; url: string } | null;
  flag: FlagModel;
  safety: boolean;
}

const NO_FLAG: FlagModel = {
  kind: '',
  title: '',
  big: null,
  left: '',
  dueMs: null,
  checked: '',
  quiet: false,
  note: '',
  noteUrl: null,
  family: null,
};

/** What stands at the top of the page: the first incident, else work under way, else how all parts are. */
export function pageNotice(view: PageView, d: Drawing): NoticeModel {
  const incident = view.incidents[0];
  if (incident) return incidentNotice(incident, d, owedFlag(view, d));
  const work = view.maintenance.find((m) => m.status === 'in_progress' || m.status === 'verifying');
  if (work && (view.status.indicator === 'none' || view.status.indicator === 'maintenance'))
    return workNotice(work, d);
  return calmNotice(view, d);
}

export function incidentNotice(incident: IncidentNotice, d: Drawing, afterwards = NO_FLAG): NoticeModel {
  const { w } = d;
  const ended = hasEnded(incident.status);
  const tag = d.page.grave ? null : incidentTag(incident, w);
  return {
    tone: d.page.grave ? 'note' : (tag?.tone ?? 'note'),
    tag,
    phase: d.page.grave || ended || tag?.word === w.phase[incident.status] ? '' : w.phase[incident.status],
    updated: stamp(w.updated, incident.updatedAt, d),
    corrections:
      incident.corrections.length === 0 || d.page.grave
        ? ''
        : plural(w.correctionCount, incident.corrections.length, d.language),
    newer: newerWords(d),
    headline: incident.headline || incident.title,
    lede: pieces(incident.lede),
    tellUs: null,
    flag: ended ? endedFlag(incident, d, afterwards) : openFlag(incident, d),
    safety: incident.safety,
  };
}

/** Whoever reads a translation that lags must know it before they rely on it. */
function newerWords(d: Drawing): NoticeModel['newer'] {
  const { languages } = d.page;
  const own = languages.find((l) => l.current);
  const newest = languages.find((l) => l.behindMs === 0);
  if (!own || !newest || own.behindMs < 60_000) return null;
  const time = duration(own.behindMs, d.language);
  return {
    text: fill(d.w.newerBy, '', { language: newest.name, time }),
    url: safeUrl(newest.url),
    language: newest.code,
  };
}

/** "Updated 2 min ago (14:20 UTC)"; a copy says only the time, because it cannot know what "ago" is. */
function stamp(words: string, at: number, d: Drawing): NoticeModel['updated'] {
  const [before = '', after = ''] = words.split('{}');
  const relative = d.copyOf === null;
  const when = clockAndDay(at, d.now, d);
  return {
    ...instant(at, relative ? ago(d.now - at, d.language) : `${when} ${zoneName(at, d)}`),
    before,
    after,
    clock: `${when} ${zoneName(at, d)}`,
    relative,
    ms: at,
  };
}

function openFlag(incident: IncidentNotice, d: Drawing): FlagModel {
  const { w } = d;
  const contact = incident.contact;
  const family = contact ? { ...contact, tel: contact.phone.replace(/[^+\d]/g, '') } : null;
  const promise = incident.promise;
  if (!promise) return family ? { ...NO_FLAG, kind: 'open', family } : NO_FLAG;
  const { dueAt } = promise;
  const hour = clockAndDay(dueAt, d.now, d);
  const big = { ...instant(dueAt, hour), zone: zoneName(dueAt, d), long: hour.length > 5 };
  const made = fill(w.keptSoFar, '', { kept: promise.kept, made: promise.made });
  const base = {
    ...NO_FLAG,
    title: w.nextBy,
    big,
    dueMs: dueAt,
    quiet: d.page.grave,
    family,
    note: promise.made > 0 ? made : '',
    noteUrl: '#timeline',
  };
  const left = fill(w.in, duration(Math.max(0, dueAt - d.realNow), d.language));
  if (d.copyOf !== null)
    return { ...base, kind: 'old', title: w.copyBy, left: d.realNow - dueAt < 60_000 ? left : w.passed };
  // A promise of 14:40 is kept up to 14:40:59.
  if (promise.state !== 'late' && d.now - dueAt < 60_000)
    return d.page.grave
      ? { ...base, kind: 'open', note: w.evenIfNothing, noteUrl: null }
      : { ...base, kind: 'open', left };
  return {
    ...base,
    kind: 'late',
    title: w.promisedBy,
    left: fill(w.late, duration(Math.max(60_000, d.now - dueAt), d.language)),
    checked: promise.lastCheckAt === null ? '' : fill(w.lastCheck, clock(promise.lastCheckAt, d)),
  };
}

/** After the end: what we still owe, else how well this incident's promises were kept. */
function endedFlag(incident: IncidentNotice, d: Drawing, afterwards: FlagModel): FlagModel {
  if (afterwards.title === d.w.owe) return afterwards;
  const { w } = d;
  const at = incident.endedAt ?? incident.updatedAt;
  const promise = incident.promise;
  return {
    ...NO_FLAG,
    kind: 'calm',
    title: w.overNow,
    left: fill(w.overAt, `${clockAndDay(at, d.now, d)} ${zoneName(at, d)}`),
    note: `${fill(w.lasted, duration(at - incident.startedAt, d.language))}${
      promise && promise.made > 0
        ? ` ${fill(w.keptSoFar, '', { kept: promise.kept, made: promise.made })}`
        : ''
    }`,
    noteUrl: '#timeline',
  };
}

function owedFlag(view: PageView, d: Drawing): FlagModel {
  const { w } = d;
  const promises = view.promises;
  const year = promises ? fill(w.promisesThisYear, '', { made: promises.made, kept: promises.kept }) : '';
  if (view.owed)
    return {
      ...NO_FLAG,
      kind: 'calm',
      title: w.owe,
      left: view.owed.title,
      big: {
        ...instant(view.owed.dueAt, fill(w.by, dayAndClock(view.owed.dueAt, d))),
        zone: zoneName(view.owed.dueAt, d),
        long: false,
      },
      note: year,
      noteUrl: d.page.links.promises,
    };
  if (!promises || promises.made === 0) return NO_FLAG;
  return {
    ...NO_FLAG,
    kind: 'calm',
    title: w.promisesTitle,
    left: fill(w.madeKept, '', { made: promises.made, kept: promises.kept }),
    noteUrl: d.page.links.promises,
    note: d.page.links.promises ? w.promises : '',
  };
}

function workNotice(work: MaintenanceView, d: Drawing): NoticeModel {
  const { w } = d;
  return {
    tone: 'maint',
    tag: { tone: 'maint', icon: 'maint', word: w.impact.maintenance },
    phase: w.phase[work.status],
    updated: null,
    corrections: '',
    newer: null,
    headline: work.title,
    lede: pieces(work.text),
    tellUs: null,
    flag: {
      ...NO_FLAG,
      kind: work.overdue === 'end' ? 'late' : 'calm',
      title: w.workUntil,
      left: `${clockAndDay(work.endsAt, d.now, d)} ${zoneName(work.endsAt, d)}`,
      checked:
        work.overdue === 'end'
          ? fill(w.longerBy, duration(Math.max(60_000, d.now - work.endsAt), d.language))
          : '',
      note: work.components.length > 0 ? fill(w.affectedParts, list(work.components, d.language)) : '',
      noteUrl: null,
    },
    safety: false,
  };
}

function calmNotice(view: PageView, d: Drawing): NoticeModel {
  const { w } = d;
  const parts = view.groups.flatMap((g) => g.components).length;
  const { indicator } = view.status;
  const empty = parts === 0 && indicator === 'none';
  const { ask } = d.page.links;
  const lede = empty
    ? fill(w.emptyLede, d.page.name)
    : indicator === 'none'
      ? plural(w.partsWork, parts, d.language, { page: d.page.name })
      : w.troubleLede;
  const [before = '', after = ''] = w.tellUs.split('{}');
  const tag = empty ? { tone: 'ok' as const, icon: 'ok', word: w.nothingYet } : pageTag(indicator, w);
  return {
    tone: tag.tone,
    tag,
    phase: '',
    updated: view.checkedAt === null ? null : stamp(w.checked, view.checkedAt, d),
    corrections: '',
    newer: null,
    headline: empty ? w.empty : w.headline[indicator],
    // The page's name is not a place for links.
    lede: [{ text: lede, href: null, wrong: false }],
    tellUs:
      ask !== null && indicator === 'none' && !empty ? { before, text: w.tellUsLink, after, url: ask } : null,
    flag: owedFlag(view, d),
    safety: false,
  };
}

/** "Next update by 14:55 UTC", for the incidents below the first. */
export const promiseLine = (incident: IncidentNotice, d: Drawing): string =>
  incident.promise && !hasEnded(incident.status)
    ? d.now - incident.promise.dueAt < 60_000
      ? `${d.w.nextBy} ${clockZone(incident.promise.dueAt, d)}`
      : `${d.w.promisedBy} ${clockZone(incident.promise.dueAt, d)}. ${fill(d.w.late, duration(d.now - incident.promise.dueAt, d.language))}`
    : '';
