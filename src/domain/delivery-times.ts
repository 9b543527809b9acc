import type { Abilities } from './channel.ts';

/** When a delivery is due, for how long it is held, and how long it waits; every number is in ms. */

/** How long a claim on a delivery holds, ms. */
export const LEASE_MS = 120_000;
/** A request must be over this long before its claim is, ms. */
export const MARGIN_MS = 5_000;
/** No network may make us wait longer than this at one go. */
export const LONGEST_WAIT_MS = 15 * 60_000;

/** What the waits for one network are made of. */
export interface Waits extends Pick<Abilities, 'lagMs' | 'everyUpdate'> {
  /** Deadline of one request, ms. */
  timeoutMs: number;
  /** How far two clocks may differ, ms. */
  skewMs: number;
}

/** How long after a request an absent post can be believed absent. */
export const settleMs = (rules: Waits): number => rules.timeoutMs + rules.lagMs + rules.skewMs;

/** A network that comes back after an outage is caught up with within two minutes: people wait for its posts. */
const LONGEST_PAUSE_MS = 60_000;

/** How long to wait after a try that surely did not leave; programs are pressed less than networks people read. */
export const patience = (attempts: number, rules: Waits): number =>
  Math.min(rules.everyUpdate ? LONGEST_WAIT_MS : LONGEST_PAUSE_MS, backoffMs(attempts));

/** How long to wait after so many tries, ms: twice as long each time. Without chance, so that it is a function of values. */
export const backoffMs = (attempts: number): number =>
  Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 10));

/** Due to be looked at, even when a clock that jumped back has left `nextAt` absurdly far away. */
export const isDue = (d: { nextAt: number }, now: number): boolean =>
  d.nextAt <= now || d.nextAt > now + LONGEST_WAIT_MS + 60_000;

/** A lease that has run out, or lies further ahead than any lease can (the clock jumped). */
export const leaseIsOver = (d: { leaseUntil: number | null }, now: number): boolean =>
  d.leaseUntil === null || d.leaseUntil <= now || d.leaseUntil > now + LEASE_MS + 60_000;

/** When to look again after so many looks in a row that did not show the post, in ms from now. */
export const nextLook = (absences: number, rules: Waits): number =>
  absences <= 1 ? Math.min(10_000, settleMs(rules)) : settleMs(rules);
