import { invalid } from './error.ts';
import { isEnded } from './incident.ts';
import type { IncidentStatus, PromiseState } from './words.ts';

/** How often a page speaks during an incident, in milliseconds. Defaults: PagerDuty's and Atlassian's practice. */
export interface Cadence {
  /** How soon after detection the first public word is due. */
  firstWithinMs: number;
  /** What the composer proposes for "next update by". */
  nextAfterMs: number;
  /** The longest promise that may be made. */
  longestMs: number;
}

const minutes = (n: number) => n * 60_000;

export const CADENCES = {
  digital_outage: { firstWithinMs: minutes(5), nextAfterMs: minutes(20), longestMs: minutes(60) },
  life_safety: { firstWithinMs: minutes(15), nextAfterMs: minutes(30), longestMs: minutes(60) },
  data_breach: { firstWithinMs: minutes(24 * 60), nextAfterMs: minutes(240), longestMs: minutes(24 * 60) },
  product_recall: { firstWithinMs: minutes(60), nextAfterMs: minutes(24 * 60), longestMs: minutes(24 * 60) },
  rumour: { firstWithinMs: minutes(30), nextAfterMs: minutes(30), longestMs: minutes(60) },
  maintenance: { firstWithinMs: minutes(60), nextAfterMs: minutes(60), longestMs: minutes(90 * 24 * 60) },
} satisfies Record<string, Cadence>;
export type CadenceName = keyof typeof CADENCES;

/** Checks a promise before it is made: present where owed, in the future, and no later than the cadence allows. */
export function checkPromise(
  p: { nextUpdateBy: number | null; status: IncidentStatus; cadence: Cadence },
  now: number,
): void {
  const { nextUpdateBy, status, cadence } = p;
  if (nextUpdateBy === null) {
    if (isEnded(status)) return;
    throw invalid(
      'nextUpdateBy',
      'An update of an open incident must say when the next one comes. Set "next update by" to a time.',
    );
  }
  if (nextUpdateBy <= now)
    throw invalid('nextUpdateBy', '"Next update by" has already passed. Set it to a time in the future.');
  if (!isEnded(status) && nextUpdateBy - now > cadence.longestMs)
    throw invalid(
      'nextUpdateBy',
      `"Next update by" is too far away: at most ${Math.round(cadence.longestMs / 60_000)} minutes from now in this cadence.`,
    );
}

export interface PromiseLike {
  dueAt: number;
  state: PromiseState;
}

/** What an update published at `now` makes of an open promise: kept up to and including its minute, else late. */
export function settle(promise: PromiseLike, now: number): { state: 'kept' | 'late'; lateMs: number } {
  const lateMs = Math.max(0, now - promise.dueAt);
  // A promise of 14:40 is kept at 14:40:59: people read minutes, not seconds.
  return { state: lateMs < 60_000 ? 'kept' : 'late', lateMs };
}

/** True from the first second of the minute after the promised one. */
export const isLate = (promise: PromiseLike, now: number): boolean =>
  promise.state === 'open' && now - promise.dueAt >= 60_000;
