import { randomInt } from 'node:crypto';
import { findCredentials, replaceRecoveryCodes } from '../../../db/queries/credentials.ts';
import { conflict } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import { type Ctx, type Decision, decide } from '../context.ts';
import type { Locks } from './locks.ts';

const HOW_MANY = 10;
/** No 0, o, 1, l or i: they are read from paper. Ten of these are 49 bits. */
const LETTERS = '23456789abcdefghjkmnpqrstuvwxyz';

function newCode(): string {
  const letters = Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** Keyed, so that a stolen database is no list to try codes against. */
export const recoveryHash = (locks: Pick<Locks, 'sign'>, personId: string, code: string): string =>
  locks.sign('recovery-code', `${personId}|${code.toLowerCase().replace(/[^0-9a-z]/g, '')}`);

/** Writes new codes within a decision; shown once, in the clear, by whoever asked. */
export async function writeRecoveryCodes(
  ctx: Pick<Ctx, 'newId'>,
  d: Decision,
  locks: Locks,
  personId: string,
): Promise<string[]> {
  const codes = Array.from({ length: HOW_MANY }, newCode);
  await replaceRecoveryCodes(
    d.w,
    personId,
    codes.map((code) => ({ id: ctx.newId(), hash: recoveryHash(locks, personId, code) })),
    d.now,
  );
  await d.account({ action: 'person.recovery_codes', subjectKind: 'person', subjectId: personId });
  return codes;
}

/** New recovery codes for the person who asks; the old ones end. */
export async function makeRecoveryCodes(ctx: Ctx, locks: Locks): Promise<string[]> {
  assertOwnWay(ctx.actor);
  return decide(ctx, async (d) => {
    const { totp, passkeys } = await findCredentials(d.w, ctx.actor.id);
    if (!totp && passkeys.length === 0)
      throw conflict('Recovery codes stand in for a second factor. Set up an app or a passkey first.');
    return writeRecoveryCodes(ctx, d, locks, ctx.actor.id);
  });
}
