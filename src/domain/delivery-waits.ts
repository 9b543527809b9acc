import { type DeliveryFacts, isTerminal } from './delivery.ts';

/** How long an uncertain post holds back a newer update of the same incident. */
export const HOLD_BACK_MS = 5 * 60_000;
/** How far ahead a time that was just written may lie without a clock having jumped, ms. */
export const CLOCK_SLACK_MS = 60_000;

/** Whether nobody has been able to look for a post for so long that somebody should: newer words wait behind it. */
export const isUnsureForLong = (d: Pick<DeliveryFacts, 'state' | 'sentAt'>, now: number): boolean =>
  (d.state === 'unknown' || d.state === 'reconciling') && d.sentAt !== null && now - d.sentAt >= HOLD_BACK_MS;

/** Whether a delivery that came earlier in the same incident and connection keeps a later one waiting. */
export function holdsBack(earlier: Pick<DeliveryFacts, 'state' | 'heldAt'>, now: number): boolean {
  if (earlier.state === 'held') {
    const since = earlier.heldAt === null ? HOLD_BACK_MS : now - earlier.heldAt;
    // Held in the future: a clock that was ahead has been put right, and nobody should wait for it.
    return since < HOLD_BACK_MS && since > -CLOCK_SLACK_MS;
  }
  return !isTerminal(earlier.state) && earlier.state !== 'accepted' && earlier.state !== 'manual';
}
