import { clock, clockOrDay, fill, plural, shortDay } from '../format.ts';
import type { DayView, GroupView, IncidentNotice } from '../views.ts';
import type { Drawing } from './place.ts';
import { TONE_OF } from './state.ts';

/**
 * The ruler: a stroke a minute, tall where something was said, and the promise planted at seven eighths, under the
 * flag. Drawn in a space of 400 (minutes) or 900 (days) by 40 units that stretches; labels stand at percentages.
 */
export interface RulerModel {
  shown: boolean;
  tone: string;
  width: number;
  /** What an open page needs to move "now" along; null on days. Instants and ms. */
  runs: { from: number; step: number; start: number } | null;
  /** Turns time around on a page that is read from the right; empty on others. */
  mirror: string;
  strokes: readonly { kind: string; path: string }[];
  labels: readonly { kind: string; x: number; up: boolean; text: string; more: string }[];
}

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 7200, 10_080].map((m) => m * MINUTE);
const PLANTED = 35;
const TICKS = 40;

export const NO_RULER: RulerModel = {
  shown: false,
  tone: '',
  width: 400,
  runs: null,
  mirror: '',
  strokes: [],
  labels: [],
};

/** First instant and step (ms) of the window in which start, now and promise can all be seen. */
export function rulerWindow(start: number, due: number, now: number): { from: number; step: number } {
  const fits = (step: number) => due - start <= 31 * step && now - due <= 4.5 * step;
  const step = STEPS.find(fits) ?? (STEPS.at(-1) as number);
  return { from: Math.floor(due / MINUTE) * MINUTE - PLANTED * step, step };
}

export function incidentRuler(incident: IncidentNotice, tone: string, d: Drawing): RulerModel {
  const due = incident.promise?.dueAt;
  if (due === undefined || d.page.grave) return NO_RULER;
  const { from, step } = rulerWindow(incident.startedAt, due, d.now);
  const at = (t: number) => (t - from) / step;
  const seen = (t: number) => at(t) >= 0 && at(t) <= TICKS;
  const quiet: number[] = [];
  const bad: number[] = [];
  for (let tick = 0; tick <= TICKS; tick++) {
    const t = from + tick * step;
    // A tick stands for the stretch that begins at it, so the one the trouble began in is already bad.
    (t + step > incident.startedAt && t <= d.now && t < due ? bad : quiet).push(tick * 10);
  }
  const said = incident.timeline.map((u) => u.at).filter(seen);
  const strokes = [
    { kind: 'still', path: ticks(quiet, 9) },
    { kind: 'bad', path: ticks(bad, 20) },
    // Empty until it is late; an open page that sees it happen draws it there.
    {
      kind: 'over',
      path: d.now - due >= MINUTE && seen(d.now) ? ticks([Math.floor(at(d.now)) * 10], 30) : '',
    },
    {
      kind: 'said',
      path: ticks(
        said.map((t) => round(at(t) * 10)),
        40,
      ),
    },
    { kind: 'next', path: `M${round(at(due) * 10)} 40V-40` },
  ].filter((s) => s.path !== '' || s.kind === 'over');
  return {
    shown: true,
    tone,
    width: 400,
    runs: { from, step, start: incident.startedAt },
    mirror: mirror(400, d),
    strokes,
    labels: labels(incident, said, due, at, seen, d),
  };
}

function labels(
  incident: IncidentNotice,
  said: readonly number[],
  due: number,
  at: (t: number) => number,
  seen: (t: number) => boolean,
  d: Drawing,
): RulerModel['labels'] {
  const x = (t: number) => place((at(t) / TICKS) * 100, d);
  const distance = (a: number, b: number) => (Math.abs(at(a) - at(b)) / TICKS) * 100;
  const out: RulerModel['labels'][number][] = [];
  let last: number | undefined;
  let lastWide: number | undefined;
  for (const t of said) {
    if ((last !== undefined && distance(last, t) < 6.5) || distance(due, t) < 14) continue;
    last = t;
    // On a phone a label needs twice the room, and the promise's own label takes the right half.
    const narrow = (lastWide === undefined || distance(lastWide, t) >= 15) && distance(due, t) >= 46;
    if (narrow) lastWide = t;
    out.push({ kind: narrow ? 'up' : 'up mid', x: x(t), up: true, text: clockOrDay(t, d.now, d), more: '' });
  }
  out.push({
    kind: 'up pl',
    x: x(due),
    up: true,
    text: fill(d.w.promised, clockOrDay(due, d.now, d)),
    more: '',
  });
  const now = fill(d.copyOf === null ? d.w.now : d.w.copyEnds, clock(d.now, d));
  const nowKind = at(d.now) > 36 ? 'dn en now' : at(d.now) < 3 ? 'dn st now' : 'dn now';
  if (seen(d.now)) out.push({ kind: nowKind, x: x(d.now), up: false, text: now, more: '' });
  if (seen(incident.startedAt) && distance(incident.startedAt, d.now) > 14)
    out.push({
      // On a phone it would run into the word for now.
      kind: distance(incident.startedAt, d.now) > 22 ? 'dn st' : 'dn st mid',
      x: x(incident.startedAt),
      up: false,
      text: clockOrDay(incident.startedAt, d.now, d),
      more: distance(incident.startedAt, d.now) > 26 ? ` ${d.w.firstTrouble}` : '',
    });
  return out;
}

/** Ninety days of the whole page, a stroke a day, each as tall as the worst any part had. */
export function dayRuler(groups: readonly GroupView[], d: Drawing): RulerModel {
  const days = worstDays(groups);
  if (days.length === 0) return NO_RULER;
  const gap = 900 / days.length;
  const x = (i: number) => round((i + 0.5) * gap);
  const strokes: { kind: string; path: string }[] = [];
  const calm = days.flatMap((day, i) => (trouble(day) || day.status === null ? [] : [x(i)]));
  if (calm.length > 0) strokes.push({ kind: 'bad ok', path: calm.map((v) => `M${v} 40v-9`).join('') });
  const out: RulerModel['labels'][number][] = [];
  const loud = days.map((day, i) => ({ day, i })).filter(({ day }) => trouble(day));
  for (const { day, i } of loud) {
    const tone = TONE_OF[day.status ?? 'operational'];
    strokes.push({ kind: `day ${tone}`, path: `M${x(i)} 40v-${HEIGHT[tone]}` });
  }
  let last = Number.POSITIVE_INFINITY;
  for (const { day, i } of loud.reverse()) {
    const percent = x(i) / 9;
    if (last - percent < 8 || percent < 4 || percent > 96) continue;
    out.push({
      kind: last - percent < 16 ? 'up mid' : 'up',
      x: place(percent, d),
      up: true,
      text: shortDay(noon(day), { language: d.language, timeZone: 'UTC' }),
      more: '',
    });
    last = percent;
  }
  const first = days[0] as DayView;
  const known = days.filter((day) => day.status !== null).length;
  const quiet = plural(d.w.quietDays, known - loud.length, d.language);
  const middle = loud.length === 0 ? quiet : `${quiet}, ${fill(d.w.withTrouble, '', { n: loud.length })}`;
  out.push(
    {
      kind: 'dn st',
      x: place(0, d),
      up: false,
      text: shortDay(noon(first), { language: d.language, timeZone: 'UTC' }),
      more: '',
    },
    { kind: 'dn', x: place(50, d), up: false, text: middle, more: '' },
    { kind: 'dn en now', x: place(100, d), up: false, text: d.w.today, more: '' },
  );
  return { shown: true, tone: 'ok', width: 900, runs: null, mirror: mirror(900, d), strokes, labels: out };
}

const HEIGHT = { ok: 9, maint: 9, degraded: 18, partial: 28, major: 40 } as const;
const RANK = ['operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage'];
const trouble = (day: DayView) => day.status !== null && RANK.indexOf(day.status) > 1;
const noon = (day: DayView) => Date.parse(`${day.date}T12:00:00Z`);

function worstDays(groups: readonly GroupView[]): DayView[] {
  const rows = groups.flatMap((g) => g.components.map((c) => c.days)).filter((days) => days.length > 0);
  const longest = Math.max(0, ...rows.map((days) => days.length));
  return Array.from({ length: longest }, (_, i) =>
    rows
      .flatMap((days) => days[days.length - longest + i] ?? [])
      .reduce((a, b) => (RANK.indexOf(b.status ?? '') > RANK.indexOf(a.status ?? '') ? b : a)),
  );
}

// Ticks ten apart are told relative to each other: shorter, and nothing to a compressor.
function ticks(xs: readonly number[], height: number): string {
  let path = '';
  let before: number | undefined;
  for (const x of xs) {
    path += before !== undefined && x - before === 10 ? `m10 ${height}v-${height}` : `M${x} 40v-${height}`;
    before = x;
  }
  return path;
}

/** An SVG transform that turns a drawing of that width around where time runs from right to left. */
export const mirror = (width: number, d: Drawing): string =>
  d.page.dir === 'rtl' ? `matrix(-1 0 0 1 ${width} 0)` : '';

const round = (n: number) => Math.round(n * 10) / 10;
const place = (percent: number, d: Drawing) => round(d.page.dir === 'rtl' ? 100 - percent : percent);
