import { clockAndDay, clockOrDay, duration, fill, type Piece, pieces, safeUrl, zoneName } from '../format.ts';
import type { AccountView, IncidentNotice, LanguageView, ShownPicture, TimelineEntry } from '../views.ts';
import { promiseLine } from './notice.ts';
import { type Drawing, type Instant, instant, ownPath } from './place.ts';
import { incidentTag, type StateTag } from './state.ts';

/** What was said in an incident: the four answers, corrections, the timeline; and where else it was said. */

export interface AnswerModel {
  id: string;
  kind: string;
  title: string;
  lines: readonly (readonly Piece[])[];
}

/** The four answers in the order a reader needs them; one that has nothing to say is left out. */
export function answers(incident: IncidentNotice | undefined, d: Drawing): AnswerModel[] {
  if (!incident) return [];
  const { w } = d;
  const { grave } = d.page;
  const { action, known, unknown, doing } = incident.blocks;
  const all: [string, string, string, readonly string[]][] = [
    ['a-do', 'do', grave ? w.actionGrave : w.action, action],
    ['a-know', '', w.known, known],
    ['a-not', '', grave ? w.unknownGrave : w.unknown, unknown],
    ['a-doing', '', w.doing, doing],
  ];
  return all
    .filter(([, , , lines]) => lines.length > 0)
    .map(([id, kind, title, lines]) => ({ id, kind, title, lines: lines.map((line) => pieces(line)) }));
}

export interface CorrectionModel {
  id: string;
  title: string;
  before: string;
  wrong: string;
  right: string;
  note: readonly Piece[];
}

export const corrections = (incident: IncidentNotice | undefined, d: Drawing): CorrectionModel[] =>
  (incident?.corrections ?? []).map((c) => ({
    id: `c-${c.id}`,
    title: fill(
      c.takenBack ? d.w.retracted : d.w.correction,
      `${clockAndDay(c.at, d.now, d)} ${zoneName(c.at, d)}`,
    ),
    before: fill(d.w.weWrote, clockAndDay(c.wrongAt, d.now, d)),
    wrong: c.wrong,
    right: c.right,
    note: pieces(c.note),
  }));

export interface PictureModel extends ShownPicture {
  /** How much room it may take: a tall one as wide as a wide one would push everything else away. */
  shape: '' | 'tall' | 'long';
}

export const pictures = (shown: readonly ShownPicture[]): PictureModel[] =>
  shown.map((p) => ({
    ...p,
    shape: p.height > 1.6 * p.width ? 'long' : p.height > 0.9 * p.width ? 'tall' : '',
  }));

export interface EntryModel {
  id: string;
  at: Instant;
  heading: string;
  paragraphs: readonly (readonly Piece[])[];
  promise: string;
  corrected: string;
  retracted: string;
  /** What was wrong. */
  note: readonly Piece[];
  before: readonly string[];
  pictures: readonly PictureModel[];
}

export const timeline = (incident: IncidentNotice | undefined, d: Drawing): EntryModel[] =>
  (incident?.timeline ?? []).map((entry) => ({
    id: `u-${entry.id}`,
    at: instant(entry.at, clockOrDay(entry.at, d.now, d)),
    heading: entry.heading ?? d.w.phase[entry.status],
    paragraphs: entry.paragraphs.map((p) => pieces(p, entry.wrong)),
    promise: promiseNote(entry, d),
    corrected:
      entry.correctedAt === null ? '' : fill(d.w.corrected, clockAndDay(entry.correctedAt, d.now, d)),
    retracted:
      entry.retractedAt === null ? '' : fill(d.w.retracted, clockAndDay(entry.retractedAt, d.now, d)),
    note: pieces(entry.note),
    before: entry.before,
    pictures: pictures(entry.pictures),
  }));

function promiseNote(entry: TimelineEntry, d: Drawing): string {
  const { w } = d;
  const parts: string[] = [];
  if (entry.promise && !d.page.grave) {
    const { dueAt, state, lateMs } = entry.promise;
    const due = clockAndDay(dueAt, entry.at, d);
    if (state === 'late') parts.push(fill(w.keptLate, due, { late: duration(lateMs, d.language) }));
    else if (lateMs <= -60_000) parts.push(fill(w.keptEarly, due, { early: duration(-lateMs, d.language) }));
    else parts.push(fill(w.kept, due));
  }
  if (entry.nextBy !== null) parts.push(fill(w.next, clockAndDay(entry.nextBy, entry.at, d)));
  return parts.join(' ');
}

export interface OtherModel {
  id: string;
  url: string;
  tag: StateTag;
  phase: string;
  updated: string;
  headline: string;
  lede: readonly Piece[];
  promise: string;
  action: readonly Piece[];
}

/** Incidents below the first, each told in a few lines. */
export const others = (incidents: readonly IncidentNotice[], d: Drawing): OtherModel[] =>
  incidents.map((incident) => ({
    id: `o-${incident.id}`,
    url: ownPath(incident.url, d),
    tag: incidentTag(incident, d.w),
    phase: incidentTag(incident, d.w).word === d.w.phase[incident.status] ? '' : d.w.phase[incident.status],
    updated: fill(d.w.updated, `${clockAndDay(incident.updatedAt, d.now, d)}`),
    headline: incident.headline || incident.title,
    lede: pieces(incident.lede),
    promise: promiseLine(incident, d),
    action: pieces(incident.blocks.action[0] ?? ''),
  }));

export interface AccountModel {
  name: string;
  url: string | null;
  handle: string;
  tone: string;
  icon: string;
  lamp: string;
  bad: boolean;
  note: string;
}

export const accounts = (views: readonly AccountView[], d: Drawing): AccountModel[] =>
  views.map((a) => {
    const bad = a.state === 'cannot_post';
    const done = a.state === 'posted' || a.state === 'sent';
    const when = a.at === null ? '' : clockOrDay(a.at, d.now, d);
    const lamp = bad
      ? d.w.cannotPost
      : a.state === 'answers'
        ? d.w.answersYou
        : a.state === 'waiting'
          ? d.w.waiting
          : done && when !== ''
            ? fill(a.state === 'sent' ? d.w.sent : d.w.posted, when)
            : d.w.idle;
    return {
      name: a.network,
      url: a.url === null ? null : safeUrl(a.url),
      handle: a.handle,
      tone: bad ? 'major' : done ? 'ok' : 'note',
      icon: bad ? 'off' : done ? 'ok' : 'ring',
      lamp,
      bad,
      note: bad ? fill(d.w.cannotPostOn, a.network) : '',
    };
  });

// A longer list would outlast the words beside it, which are what people came for.
const MOST_ACCOUNTS = 8;
const FEWER = 6;

/** The accounts in full sight, and the rest behind a line; of many, those that cannot speak come first. */
export function accountLists(views: readonly AccountView[], d: Drawing) {
  const all = accounts(views, d);
  if (all.length <= MOST_ACCOUNTS) return { accounts: all, moreAccounts: null };
  const sorted = [...all.filter((a) => a.bad), ...all.filter((a) => !a.bad)];
  const rows = sorted.slice(FEWER);
  return { accounts: sorted.slice(0, FEWER), moreAccounts: { word: fill(d.w.moreParts, rows.length), rows } };
}

export interface LanguageModel {
  code: string;
  name: string;
  dir: string;
  url: string;
  current: boolean;
  lamp: string;
  note: string;
}

/** Each language with how far its words are behind the newest; a language never hides that it is. */
export function languages(views: readonly LanguageView[], d: Drawing): LanguageModel[] {
  const newest = views.find((l) => l.behindMs === 0);
  return views.map((l) => {
    const time = duration(l.behindMs, d.language);
    return {
      code: l.code,
      name: l.name,
      dir: l.dir,
      url: safeUrl(l.url),
      current: l.current,
      lamp: l.behindMs < 60_000 ? d.w.upToDate : fill(d.w.behind, time),
      note: l.behindMs < 60_000 || !newest ? '' : fill(d.w.newerBy, '', { language: newest.name, time }),
    };
  });
}
