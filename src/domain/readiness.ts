/** When a connected account is looked at though nothing is sent, and when its credentials are spoken of. */

const HOUR = 60 * 60_000;
/** How often, while nothing else calls for it, ms. */
export const CHECK_EVERY_MS = 6 * HOUR;
/** How soon again after a look that failed for a reason that may pass, ms. */
export const CHECK_AGAIN_MS = 15 * 60_000;
/** How long before its end a credential is spoken of, ms: once at each. */
export const EXPIRY_NOTICE_MS = [7 * 24 * HOUR, 24 * HOUR] as const;
/** Networks tell the end to the second, and not always the same second: alerts this close are of the same notice. */
const SLACK_MS = 6 * HOUR;

/** When to look next: after the usual time, or earlier when there will be something to say of the credential. */
export function nextCheckAt(now: number, expiresAt: number | null): number {
  const notices = expiresAt === null ? [] : EXPIRY_NOTICE_MS.map((before) => expiresAt - before);
  return Math.min(now + CHECK_EVERY_MS, ...notices.filter((at) => at > now));
}

/**
 * Whether somebody must be told now that a credential ends, given when they were last told of this account (null:
 * never). Days that nobody looked at are not made up for: the last notice stands for all before it.
 */
export function mustTellExpiry(now: number, expiresAt: number | null, toldAt: number | null): boolean {
  if (expiresAt === null) return false;
  const begun = EXPIRY_NOTICE_MS.map((before) => expiresAt - before).filter((at) => at <= now);
  return begun.length > 0 && (toldAt === null || toldAt < Math.max(...begun) - SLACK_MS);
}
