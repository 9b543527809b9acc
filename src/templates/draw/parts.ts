import {
  clock,
  clockAndDay,
  day,
  dayAndClock,
  duration,
  fill,
  isoDay,
  list,
  month,
  type Piece,
  percent,
  pieces,
  plural,
  safeUrl,
  shortDay,
  zoneName,
} from '../format.ts';
import type {
  AffectedComponent,
  ComponentView,
  DayView,
  GroupView,
  HistoryEntry,
  MaintenanceView,
} from '../views.ts';
import { type Drawing, type Instant, instant, ownPath } from './place.ts';
import { mirror } from './ruler.ts';
import { componentTag, hasEnded, incidentTag, type StateTag, TONE_OF } from './state.ts';

/** Components with their ninety days, planned work, and what happened before. */

export interface BarsModel {
  id: string;
  w: Drawing['w'];
  mirror: string;
  /** Where the row of quiet strokes begins: `M0 28H360`, later for a young component. */
  quiet: string;
  /** The row of faint strokes before it, of days that nobody kept a record of; empty when there are none. */
  none: string;
  /** Strokes that are not quiet. */
  rects: readonly { tone: string; x: number; y: number; height: number }[];
  label: string;
  share: { before: string; value: string; after: string } | null;
  text: string;
  rows: readonly { day: string; what: string; time: string }[];
}

export interface ComponentModel {
  id: string;
  name: string;
  description: string;
  tag: StateTag;
  bad: boolean;
  bars: BarsModel | null;
}

export interface GroupModel {
  id: string;
  name: string;
  bars: boolean;
  components: readonly ComponentModel[];
}

export const groups = (views: readonly GroupView[], d: Drawing): GroupModel[] =>
  views
    .filter((g) => g.components.length > 0)
    .map((g) => ({
      id: `g-${g.id}`,
      name: g.name,
      bars: g.components.some((c) => c.days.length > 0),
      components: g.components.map((c) => component(c, d)),
    }));

const component = (c: ComponentView, d: Drawing): ComponentModel => ({
  id: `k-${c.id}`,
  name: c.name,
  description: c.description,
  tag: componentTag(c.status, d.w),
  bad: c.status !== 'operational',
  bars: c.days.length === 0 || d.page.grave ? null : bars(c, d),
});

const WIDTH = 360;
// Heights in a space of 32: a quarter quiet, half slow, three quarters partial, whole major; planned work floats.
const SHAPE = {
  degraded: { y: 16, height: 16 },
  partial: { y: 8, height: 24 },
  major: { y: 0, height: 32 },
  maint: { y: 16, height: 5 },
} as const;

function bars(c: ComponentView, d: Drawing): BarsModel {
  const { w } = d;
  const gap = WIDTH / c.days.length;
  const first = c.days.findIndex((x) => x.status !== null);
  const loud = c.days
    .map((x, i) => ({ x, i }))
    .filter(({ x }) => x.status !== null && x.status !== 'operational')
    .reverse();
  const troubled = loud.filter(({ x }) => x.status !== 'under_maintenance').length;
  const planned = loud.length - troubled;
  const text = [
    ...(troubled > 0 || planned === 0
      ? [troubled === 0 ? w.noTrouble : plural(w.troubleOn, troubled, d.language)]
      : []),
    ...(planned > 0 ? [plural(w.workOn, planned, d.language)] : []),
  ].join(', ');
  const rows = loud.map(({ x }) => ({ day: dayWord(x, d), what: what(x, d), time: howLong(x, d) }));
  const [before = '', after = ''] = w.working.split('{}');
  const told = rows.slice(0, 4).map((r) => fill(w.onDay, '', { what: r.what, day: r.day }));
  return {
    id: c.id,
    w,
    mirror: mirror(WIDTH, d),
    none: first === 0 ? '' : `M0 28H${first < 0 ? WIDTH : Math.round(first * gap * 10) / 10}`,
    quiet: first < 0 ? '' : `M${Math.round(first * gap * 10) / 10} 28H${WIDTH}`,
    rects: loud.map(({ x, i }) => {
      const tone = TONE_OF[x.status ?? 'operational'] as keyof typeof SHAPE;
      return { tone, x: Math.round(i * gap * 10) / 10, ...SHAPE[tone] };
    }),
    label: fill(w.last90, '', { name: c.name, text: first < 0 ? w.noRecord : told.join('; ') || text }),
    share: c.uptime === null ? null : { before, value: percent(c.uptime, d.language), after },
    text: first < 0 ? w.noRecord : text,
    rows,
  };
}

const utc = (d: Drawing) => ({ language: d.language, timeZone: 'UTC' });
const noon = (x: DayView) => Date.parse(`${x.date}T12:00:00Z`);
const isToday = (x: DayView, d: Drawing) => x.date === isoDay(d.now, d.timeZone);
const dayWord = (x: DayView, d: Drawing) => (isToday(x, d) ? d.w.today : day(noon(x), d.now, utc(d)));
const what = (x: DayView, d: Drawing) => d.w.status[x.status ?? 'operational'];
function howLong(x: DayView, d: Drawing): string {
  const time = duration(x.troubleMs, d.language);
  if (x.status === 'under_maintenance') return fill(d.w.announced, time);
  return isToday(x, d) ? fill(d.w.soFar, time) : time;
}

/** The parts an incident touches, as a short list. */
export const affected = (views: readonly AffectedComponent[], d: Drawing) =>
  views.map((c) => ({ name: c.name, ...componentTag(c.status, d.w), bad: c.status !== 'operational' }));

export interface PlannedModel {
  id: string;
  url: string;
  title: string;
  phase: string;
  when: Instant;
  text: readonly Piece[];
  affected: string;
  /** That it takes longer, or has not begun; empty while it goes as planned. */
  overdue: string;
  calendarUrl: string | null;
}

export const planned = (views: readonly MaintenanceView[], d: Drawing): PlannedModel[] =>
  views.map((m) => {
    const sameDay = isoDay(m.startsAt, d.timeZone) === isoDay(m.endsAt, d.timeZone);
    const end = sameDay ? clock(m.endsAt, d) : dayAndClock(m.endsAt, d);
    return {
      id: `m-${m.id}`,
      url: ownPath(m.url, d),
      title: m.title,
      phase: m.status === 'scheduled' ? '' : d.w.phase[m.status],
      when: instant(
        m.startsAt,
        `${fill(d.w.fromTo, '', { from: dayAndClock(m.startsAt, d), to: end })} ${zoneName(m.endsAt, d)}`,
      ),
      text: pieces(m.text),
      overdue: overdueWords(m, d),
      affected: m.components.length > 0 ? fill(d.w.affectedParts, list(m.components, d.language)) : '',
      calendarUrl: m.calendarUrl === null ? null : safeUrl(m.calendarUrl),
    };
  });

function overdueWords(m: MaintenanceView, d: Drawing): string {
  if (m.overdue === null) return '';
  const at = m.overdue === 'start' ? m.startsAt : m.endsAt;
  const when = `${clockAndDay(at, d.now, d)} ${zoneName(at, d)}`;
  return fill(m.overdue === 'start' ? d.w.workNotBegun : d.w.workLonger, when);
}

export interface PastModel {
  id: string;
  url: string;
  title: string;
  at: Instant;
  tag: StateTag;
  summary: readonly Piece[];
  note: string;
}

const past = (h: HistoryEntry, d: Drawing): PastModel => ({
  id: `h-${h.id}`,
  url: ownPath(h.url, d),
  title: h.title,
  // Under a month: the hour alone would not say which day of it.
  at: instant(h.startedAt, shortDay(h.startedAt, d)),
  // How bad it was at its worst is not how it is: while it goes on, it is told by how far it is.
  tag: hasEnded(h.status) ? incidentTag(h, d.w) : { ...incidentTag(h, d.w), word: d.w.phase[h.status] },
  summary: pieces(h.summary),
  note: [
    ...(hasEnded(h.status) && h.endedAt !== null
      ? [fill(d.w.lasted, duration(h.endedAt - h.startedAt, d.language))]
      : []),
    ...(h.promises.made > 0
      ? [plural(d.w.promisesOf, h.promises.made, d.language, { kept: h.promises.kept })]
      : []),
  ].join(' '),
});

export interface MonthModel {
  id: string;
  title: string;
  entries: readonly PastModel[];
}

/** Newest first, under the month each began in. */
export function months(entries: readonly HistoryEntry[], d: Drawing): MonthModel[] {
  const out = new Map<string, { title: string; entries: PastModel[] }>();
  for (const entry of entries) {
    const key = isoDay(entry.startedAt, d.timeZone).slice(0, 7);
    const group = out.get(key) ?? { title: month(entry.startedAt, d), entries: [] };
    group.entries.push(past(entry, d));
    out.set(key, group);
  }
  return [...out].map(([key, group]) => ({ id: `mo-${key}`, ...group }));
}
