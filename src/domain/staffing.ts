/** Whether enough people answer: what comes in against what is done, and when the first hour will be missed. */

const HOUR = 60 * 60_000;
/** Rates of a shorter time than this say nothing, ms. */
const LEAST_MS = 10 * 60_000;
/** Whoever must be answered sooner than this is not saved by people who are called now, ms. */
const CALLED_MS = 10 * 60_000;
/** Farther ahead nobody's rate holds, ms. */
const AHEAD_MS = 12 * HOUR;
/** What division leaves, ms: somebody who is answered on the very minute has not been missed. */
const SLIVER_MS = 0.001;

export interface Work {
  /** When each of those who wait must have been answered, the soonest first. */
  due: readonly number[];
  /** How many wrote, and how many were dealt with, within `overMs`; by how many people. */
  arrived: number;
  done: number;
  people: number;
  /** Over how long that was counted, ms. */
  overMs: number;
}

/** Since when to count: the last hour, or since the first of it wrote where it was quiet before. Ms. */
export const countOver = (firstAt: number | null, now: number): number =>
  Math.min(HOUR, Math.max(LEAST_MS, firstAt === null ? HOUR : now - firstAt));

export interface Staffing {
  /** Of those who wait, for how many the hour is over. */
  overdue: number;
  /** When at this rate the next hour runs out unanswered; null where none does within twelve hours. */
  missedAt: number | null;
  /** How many more people, as quick as those now, keep the hour; null while nobody has done anything to count by. */
  short: number | null;
}

/** What the rates of now lead to, if they hold and whoever waited longest is answered first. */
export function foresee(w: Work, now: number): Staffing {
  const perMs = { in: w.arrived / w.overMs, out: w.done / w.overMs };
  const overdue = w.due.filter((at) => at <= now).length;
  const needs = Math.max(
    perMs.in,
    ...w.due.map((at, i) => (at - now < CALLED_MS ? 0 : (i + 1) / (at - now))),
  );
  const short =
    w.done === 0 || w.people === 0
      ? null
      : Math.max(0, Math.ceil(needs / (perMs.out / w.people) - 1e-9) - w.people);
  return { overdue, missedAt: missedAt(w, now), short };
}

function missedAt({ due, arrived, done, overMs }: Work, now: number): number | null {
  const everyIn = overMs / arrived;
  const everyOut = overMs / done;
  const among = due.find((at, i) => at > now && (i + 1) * everyOut > at - now + SLIVER_MS);
  if (among !== undefined) return among;
  if (everyOut <= everyIn || done === 0) return null;
  // Whoever writes as the n-th from now has an hour, and everybody before them is answered first.
  const late = (HOUR + SLIVER_MS - due.length * everyOut) / (everyOut - everyIn);
  const at = now + Math.max(1, Math.floor(late) + 1) * everyIn + HOUR;
  return at - now > AHEAD_MS ? null : at;
}
