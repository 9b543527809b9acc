import type { ArrivalPlot, PromisePlot } from '../../templates/desk-report-views.ts';

/** Where everything stands in the report's drawings, which are 520 wide. */

const LEFT = 64;
const RIGHT = 430;
const ROW = 22;
const MINUTE = 60_000;

/** "2:54", minutes and seconds; hours in front when there are any. Below ten seconds "0.4 s". */
export function span(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A round step that parts `range` (ms) in two to five. */
function stepOf(range: number): number {
  const steps = [
    5_000,
    15_000,
    30_000,
    ...[1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1_440].map((n) => n * MINUTE),
  ];
  return steps.find((s) => range / s <= 5) ?? Math.ceil(range / 5);
}

const round = (n: number): number => Math.round(n * 10) / 10;

const frame = (rows: number) => ({ height: rows * ROW + 36, base: rows * ROW + 10, foot: rows * ROW + 28 });

/** When each update came, against the time that was promised: `at` is ms after it, negative when before. */
export function promisePlot(
  promises: readonly { label: string; at: number; late: boolean }[],
  kept: string,
): PromisePlot | null {
  if (promises.length === 0) return null;
  const from = Math.min(-MINUTE, ...promises.map((p) => p.at));
  const to = Math.max(MINUTE, ...promises.map((p) => p.at));
  const x = (at: number) => round(LEFT + ((at - from) / (to - from)) * (RIGHT - LEFT));
  const step = stepOf(to - from);
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    if (at !== 0) ticks.push({ x: x(at), text: `${span(Math.abs(at))} ${at < 0 ? 'early' : 'late'}` });
  return {
    desc: kept,
    ...frame(promises.length),
    due: x(0),
    // Words that would run into those of the promised time are left out; the line stays.
    ticks: ticks.map((tick) => (Math.abs(tick.x - x(0)) < 90 ? { ...tick, text: '' } : tick)),
    rows: promises.map((p, i) => {
      const y = 14 + i * ROW;
      const px = x(p.at);
      return {
        y,
        ty: y + 4,
        label: p.label,
        x: px,
        late: p.late,
        diamond: `M${px} ${y - 7}l7 7-7 7-7-7z`,
        note: p.late ? `late ${span(p.at)}` : '',
        tx: px + 11,
      };
    }),
  };
}

/** How long after its release each network had an update: `after` in ms, one a delivery that arrived. */
export function arrivalPlot(
  updates: readonly { label: string; after: readonly number[]; all: boolean }[],
): ArrivalPlot | null {
  if (!updates.some((u) => u.after.length > 0)) return null;
  const longest = Math.max(5_000, ...updates.flatMap((u) => u.after));
  // The words behind the last dot have room even where it stands at the end.
  const right = updates.every((u) => u.all) ? RIGHT : RIGHT - 64;
  const x = (ms: number) => round(LEFT + (Math.max(0, ms) / longest) * (right - LEFT));
  const step = stepOf(longest);
  const ticks = [];
  for (let at = 0; at <= longest; at += step) ticks.push({ x: x(at), text: span(at) });
  return {
    desc: `${updates.length} updates; the slowest arrival took ${span(longest)}`,
    ...frame(updates.length),
    ticks,
    rows: updates.map((u, i) => {
      const y = 14 + i * ROW;
      const last = Math.max(0, ...u.after);
      return {
        y,
        ty: y + 4,
        label: u.label,
        to: x(last),
        // Many arrivals at one spot are one dot to the eye.
        dots: [...new Set(u.after.map(x))].map((at) => ({ x: at })),
        note: u.after.length === 0 ? 'nowhere yet' : u.all ? span(last) : `${span(last)}, not everywhere`,
        tx: x(last) + 10,
      };
    }),
  };
}
