import { verifySync } from 'otplib';
import {
  findCredentials,
  listPasskeys,
  notePasskeyUse,
  spendRecoveryCode,
  takeTotpStep,
} from '../../../db/queries/credentials.ts';
import { getPerson, getToken, type Person, type Token } from '../../../db/queries/people.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import { type Ctx, type Decision, decide, sha256 } from '../context.ts';
import { countTry, forgive } from './limits.ts';
import type { Locks, Visit } from './locks.ts';
import { readPasskey } from './passkeys.ts';
import { recoveryHash } from './recovery-codes.ts';
import { openSession, type Way } from './session.ts';

/** The 30-second step this code is of, one early or late allowed; undefined when it is not of this secret. */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const read = verifySync({ secret, token, epoch: Math.floor(now / 1_000), epochTolerance: 30 });
  return read.valid && 'timeStep' in read ? read.timeStep : undefined;
}

/** Turns a half session into a session, by a code of the app, a recovery code, or a passkey (`answer`). */
export async function showSecondFactor(
  ctx: Ctx,
  locks: Locks,
  half: Token,
  input: { code: string } | { answer: string },
  visit: Visit,
): Promise<{ person: Person; session: Token; by: Way }> {
  const shown = 'answer' in input ? await byPasskey(ctx, locks, half, input.answer) : undefined;
  // A passkey cannot be guessed, so only codes are counted.
  if ('code' in input) await countTry(ctx, locks, [{ address: visit.address }, { second: half.personId }]);
  return decide(ctx, async (d) => {
    const person = await getPerson(d.w, half.personId);
    const token = await getToken(d.w, half.id);
    if (token.revokedAt !== null || (token.expiresAt ?? 0) <= d.now || person.disabledAt !== null)
      throw new DomainError('unauthorized', 'This took too long. Sign in again.');
    const by = shown ? await shown(d) : await byCode(d, locks, person, 'code' in input ? input.code : '');
    await forgive(d.w, locks, { second: person.id }, d.now);
    await forgive(d.w, locks, { account: person.email }, d.now);
    const session = await openSession(ctx, d, person, visit, sha256(visit.secret), {
      by,
      kind: 'session',
      secondFactor: true,
    });
    return { person, session, by };
  });
}

async function byPasskey(ctx: Ctx, locks: Locks, half: Token, answer: string) {
  const { passkey, counter } = await readPasskey(ctx, locks, {
    answer,
    kind: 'passkey_second',
    boundTo: half.id,
  });
  return async (d: Decision): Promise<Way> => {
    if (!(await listPasskeys(d.w, half.personId)).some((k) => k.id === passkey.id))
      throw new DomainError('unauthorized', 'This passkey is not yours any more.');
    await notePasskeyUse(d.w, passkey.id, counter, d.now);
    return 'passkey';
  };
}

async function byCode(d: Decision, locks: Locks, person: Person, code: string): Promise<Way> {
  const { totp } = await findCredentials(d.w, person.id);
  if (totp) {
    const step = stepOf(locks.open(`totps|${person.id}|sealed`, totp.sealed), code, d.now);
    if (step !== undefined && (await takeTotpStep(d.w, person.id, step))) return 'code';
  }
  if (await spendRecoveryCode(d.w, person.id, recoveryHash(locks, person.id, code), d.now))
    return 'recovery code';
  throw invalid(
    'code',
    'This code is not right, or was used. Wait for the next one, or use a recovery code.',
  );
}
