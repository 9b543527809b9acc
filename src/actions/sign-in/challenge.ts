import { type Challenge, insertChallenge, takeChallenge } from '../../../db/queries/sign-in.ts';
import type { ChallengeKind } from '../../../db/shapes.ts';
import { DomainError } from '../../domain/error.ts';
import { type Ctx, sha256 } from '../context.ts';
import type { Locks } from './locks.ts';

/** How long an answer may take, ms: somebody looks for their security key, or signs in at the issuer. */
const CHALLENGE_MS = 10 * 60_000;

export interface Asked {
  kind: ChallengeKind;
  /** What comes back with the answer; only its hash is kept. */
  value: string;
  /** The one who may answer: a session's id, or the hash of the browser's own secret. */
  boundTo: string;
  personId: string | null;
  /** What the answer will be checked with. */
  secret?: string;
}

export async function keepChallenge(ctx: Ctx, locks: Locks, asked: Asked): Promise<void> {
  const now = ctx.now();
  const id = ctx.newId();
  await ctx.store.transact(
    (w) =>
      insertChallenge(w, {
        id,
        kind: asked.kind,
        hash: sha256(asked.value),
        boundTo: asked.boundTo,
        personId: asked.personId,
        sealed: asked.secret === undefined ? '' : locks.seal(`challenges|${id}|sealed`, asked.secret),
        createdAt: now,
        expiresAt: now + CHALLENGE_MS,
      }),
    { appends: false },
  );
}

/** Spends a challenge before its answer is looked at. Throws `unauthorized` when we did not ask it, of them, just now. */
export async function spendChallenge(
  ctx: Ctx,
  locks: Locks,
  wanted: { kinds: readonly ChallengeKind[]; value: string; boundTo: string },
): Promise<Challenge & { secret: string }> {
  const found = await ctx.store.transact(
    (w) =>
      takeChallenge(
        w,
        { hash: sha256(wanted.value), kinds: wanted.kinds, boundTo: wanted.boundTo },
        ctx.now(),
      ),
    { appends: false },
  );
  if (!found)
    throw new DomainError(
      'unauthorized',
      'This answer is too old, was used already, or belongs to another browser. Start again.',
    );
  const secret = found.sealed === '' ? '' : locks.open(`challenges|${found.id}|sealed`, found.sealed);
  return { ...found, secret };
}
