import type { AmendWay } from './amend.ts';
import { type DeliveryFacts, isTerminal, needsPerson } from './delivery.ts';
import type { DeliveryState } from './words.ts';

/** How long an uncertain post holds back a newer update of the same incident. */
export const HOLD_BACK_MS = 5 * 60_000;
/** How far ahead a time that was just written may lie without a clock having jumped, ms. */
export const CLOCK_SLACK_MS = 60_000;

/** Whether nobody has been able to look for a post for so long that somebody should: newer words wait behind it. */
export const isUnsureForLong = (d: Pick<DeliveryFacts, 'state' | 'sentAt'>, now: number): boolean =>
  (d.state === 'unknown' || d.state === 'reconciling') && d.sentAt !== null && now - d.sentAt >= HOLD_BACK_MS;

/**
 * Whether a delivery that came earlier in the same incident and connection keeps a later one waiting. What only a person
 * can settle does for five minutes: a post that is held, and a correction that waits to hear whether its post is there.
 */
export function holdsBack(
  earlier: Pick<DeliveryFacts, 'state' | 'heldAt'> & { way?: AmendWay | null; createdAt?: number },
  now: number,
): boolean {
  const isRecent = (at: number | null) =>
    // In the future: a clock that was ahead has been put right, and nobody should wait for it.
    at !== null && now - at < HOLD_BACK_MS && now - at > -CLOCK_SLACK_MS;
  if (earlier.state === 'held') return isRecent(earlier.heldAt);
  if (earlier.state === 'pending' && earlier.way === 'wait') return isRecent(earlier.createdAt ?? null);
  return !isTerminal(earlier.state) && earlier.state !== 'accepted' && earlier.state !== 'manual';
}

/** Only a person can go on with it, or may know what we could not find out for minutes. */
export const isForPerson = (d: Pick<DeliveryFacts, 'state' | 'sentAt'>, now: number): boolean =>
  needsPerson(d.state) || isUnsureForLong(d, now);

/** In the order in which the public reads an incident: an earlier update, or an earlier part of the same. */
export const isBefore = (a: { ord: number; part: number }, b: { ord: number; part: number }): boolean =>
  a.ord < b.ord || (a.ord === b.ord && a.part < b.part);

/** A delivery in the queue of its incident. */
export interface Queued extends Pick<DeliveryFacts, 'state' | 'heldAt' | 'sentAt'> {
  connectionId: string;
  recipient: string;
  ord: number;
  part: number;
  way: AmendWay | null;
  createdAt: number;
}

/** Nobody knows whether they are there, and what came later waits to hear. */
const OPEN: readonly DeliveryState[] = ['held', 'unknown', 'reconciling'];

/**
 * The post behind which a queued delivery waits: the first of its incident on its network of which nobody knows whether
 * it is there. Undefined for what only waits for its turn. `all` are the incident's deliveries.
 */
export function waitsBehind<D extends Queued>(d: D, all: readonly D[], now: number): D | undefined {
  if (d.state !== 'pending') return undefined;
  const earlier = all.filter(
    (e) => e.connectionId === d.connectionId && e.recipient === d.recipient && isBefore(e, d),
  );
  if (d.way !== 'wait' && !earlier.some((e) => holdsBack(e, now))) return undefined;
  return earlier.find((e) => OPEN.includes(e.state));
}
