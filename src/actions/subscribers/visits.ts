import { holdTries, setTries } from '../../../db/queries/sign-in.ts';
import { DomainError } from '../../domain/error.ts';
import type { Ctx } from '../context.ts';
import type { SubscriberLocks } from './locks.ts';

/** How often one network address may ask to subscribe, or try a code. */
const LIMITS = [
  { name: 'minute', most: 3, windowMs: 60_000 },
  { name: 'hour', most: 10, windowMs: 60 * 60_000 },
] as const;
/** How often it may use ids that it was told: a program that tidies up has several. */
const TICKET_LIMITS = [
  { name: 'minute', most: 20, windowMs: 60_000 },
  { name: 'hour', most: 120, windowMs: 60 * 60_000 },
] as const;

/**
 * Counts a visitor's request before anything is done with it; only a keyed hash of where they come from is kept. Throws
 * `limited`. `address` is one address, or the /64 of one.
 */
export async function countVisit(
  ctx: Pick<Ctx, 'store' | 'now'>,
  locks: Pick<SubscriberLocks, 'sign'>,
  address: string,
  what: 'subscribe' | 'code' | 'ticket' | 'question',
): Promise<void> {
  const wait = await ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      let longest = 0;
      for (const { name, most, windowMs } of what === 'ticket' ? TICKET_LIMITS : LIMITS) {
        const key = `${what}:${name}:${locks.sign('subscriber visit', address)}`;
        const { times } = await holdTries(w, key, now);
        const recent = times.filter((at) => at > now - windowMs && at <= now);
        if (recent.length >= most) longest = Math.max(longest, (recent[0] ?? now) + windowMs - now);
        else
          await setTries(w, {
            key,
            times: [...recent, now],
            strikes: 0,
            waitUntil: 0,
            updatedAt: now,
          });
      }
      return longest;
    },
    { appends: false },
  );
  if (wait > 0)
    throw new DomainError('limited', 'That was a bit much at once. Try again in a few minutes.', {
      retryAfterMs: wait,
    });
}
