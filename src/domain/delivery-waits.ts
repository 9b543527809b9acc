import type { AmendWay } from './amend.ts';
import { type DeliveryFacts, isTerminal } from './delivery.ts';

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
