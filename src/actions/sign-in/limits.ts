import { deleteOldTries, deleteTries, holdTries, setTries } from '../../../db/queries/sign-in.ts';
import type { Writer } from '../../../db/store.ts';
import { DomainError } from '../../domain/error.ts';
import type { Ctx } from '../context.ts';
import type { Locks } from './locks.ts';

/** How often somebody may try: never more than `most` in any `windowMs`. */
interface Limit {
  most: number;
  windowMs: number;
  /** Pauses between tries grow, and each round that was used up makes the next one wait longer, up to this. */
  longestWaitMs: number;
}

/** A password guessed at this rate is not guessed. The owner has links, passkeys and single sign-on meanwhile. */
const ACCOUNT: Limit = { most: 5, windowMs: 15 * 60_000, longestWaitMs: 60 * 60_000 };
const ADDRESS: Limit = { most: 20, windowMs: 60_000, longestWaitMs: 0 };
/** Rounds before this are forgotten. */
const FORGET_MS = 24 * 60 * 60_000;

export type TryKey = { account: string } | { second: string } | { address: string };

const nameOf = (locks: Locks, key: TryKey): string =>
  'address' in key
    ? `address:${key.address}`
    : // What was typed may be a password in the wrong field: only a keyed hash of it is kept.
      'account' in key
      ? `account:${locks.sign('sign-in-tries', key.account)}`
      : `second:${key.second}`;

/**
 * Counts a try before it is made, so that a thousand at once are as many as one after another. Throws `limited` with
 * the wait, in the same words whether or not there is such an account.
 */
export async function countTry(ctx: Ctx, locks: Locks, keys: readonly TryKey[]): Promise<void> {
  const refused = await ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      for (const key of keys) {
        const wait = await count(w, nameOf(locks, key), 'address' in key ? ADDRESS : ACCOUNT, now);
        if (wait > 0) return wait;
      }
      return 0;
    },
    { appends: false },
  );
  if (refused > 0)
    throw new DomainError(
      'limited',
      `Too many tries. Wait ${inWords(refused)}, or come in by a passkey or a sign-in link: those are not held back.`,
      { retryAfterMs: refused },
    );
}

/** The wait in ms, or 0 when the try is counted and may be made. */
async function count(w: Writer, key: string, limit: Limit, now: number): Promise<number> {
  const found = await holdTries(w, key, now);
  if (found.waitUntil > now) return found.waitUntil - now;
  const times = [...found.times.filter((at) => at > now - limit.windowMs && at <= now), now];
  const strikes = found.strikes + (times.length >= limit.most ? 1 : 0);
  const oldest = times[0] ?? now;
  const pause =
    limit.longestWaitMs === 0
      ? 0
      : times.length >= limit.most
        ? Math.min(limit.longestWaitMs, limit.windowMs * 2 ** (strikes - 1))
        : times.length >= 3
          ? 1_000 * 2 ** (times.length - 2)
          : 0;
  const full = times.length >= limit.most ? oldest + limit.windowMs : 0;
  await setTries(w, {
    key,
    times: times.slice(-limit.most),
    strikes,
    waitUntil: Math.max(full, pause === 0 ? 0 : now + pause),
    updatedAt: now,
  });
  return 0;
}

/** After a right password: what was counted for the account was its owner's typing. Old counts of others go too. */
export async function forgive(w: Writer, locks: Locks, key: TryKey, now: number): Promise<void> {
  await deleteTries(w, nameOf(locks, key));
  await deleteOldTries(w, now - FORGET_MS);
}

function inWords(ms: number): string {
  const s = Math.ceil(ms / 1_000);
  return s < 90 ? `${s} second${s === 1 ? '' : 's'}` : `${Math.ceil(s / 60)} minutes`;
}
