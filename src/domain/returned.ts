import type { SubscriberState } from './subscriber.ts';

/** What a mail that came back says of the mail of ours that it is about. */
export type Returned =
  /** `status` is the enhanced code (RFC 3463), `said` the other server's own words. */
  | { what: 'failed'; status: string | null; said: string }
  | { what: 'complaint' }
  /** A delay, an answering machine, a receipt: nothing follows from it. */
  | { what: 'other' };

/** Mail that comes back though the address is right counts once in this time, ms: one full mailbox is one trouble. */
export const SOFT_EVERY_MS = 24 * 60 * 60_000;
/** So many such days end it, */
export const MOST_SOFT = 5;
/** unless this long was none, ms. */
export const SOFT_FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/** There is no such mailbox or domain, it moved away, it takes no mail at all, or it is shut (RFC 3463 §3.2, §3.3). */
const GONE = /^5\.(1\.(1|2|3|6|10)|2\.1)$/;
const SAYS_GONE =
  /\b(user|mailbox|recipient|address|account)\b.{0,40}\b(unknown|not found|does ?n[o']t exist|no longer|invalid|disabled)\b|\b(unknown|no such|invalid) (user|mailbox|recipient|address)\b/i;

/**
 * Whether an address is gone for good, or only could not be reached: a full mailbox, a server that is down, a filter that
 * dislikes us. The last says nothing of the recipient, and may be about everybody.
 */
export function isGone(of: { status: string | null; said: string }): boolean {
  if (of.status !== null && GONE.test(of.status)) return true;
  // Some servers know one code for everything, and say what it is in words.
  const vague = of.status === null || /^5\.0\.0$/.test(of.status);
  return vague && SAYS_GONE.test(of.said);
}

type Patch =
  | { state: 'quarantined'; reason: string; quarantinedAt: number; softBounces?: number; softAt?: number }
  | { softBounces: number; softAt: number };

/** What mail that came back makes of a subscriber: fields to write; `end` for whoever complained; undefined for nothing. */
export function afterReturn(
  s: { state: SubscriberState; softBounces: number; softAt: number | null },
  returned: Returned,
  now: number,
): Patch | 'end' | undefined {
  if (s.state === 'unsubscribed' || returned.what === 'other') return undefined;
  if (returned.what === 'complaint') return 'end';
  if (s.state === 'quarantined') return undefined;
  const code = returned.status === null ? '' : ` (${returned.status})`;
  if (isGone(returned))
    return {
      state: 'quarantined',
      reason: `Mail came back: there is no such mailbox${code}.`,
      quarantinedAt: now,
    };
  const since = s.softAt === null ? Number.POSITIVE_INFINITY : now - s.softAt;
  if (since < SOFT_EVERY_MS && since >= 0) return undefined;
  const softBounces = (since < SOFT_FORGOTTEN_MS ? s.softBounces : 0) + 1;
  const soft = { softBounces, softAt: now };
  return softBounces < MOST_SOFT
    ? soft
    : {
        ...soft,
        state: 'quarantined',
        reason: `Mail came back on ${softBounces} days${code}.`,
        quarantinedAt: now,
      };
}
