import {
  findCredentials,
  listPasskeys,
  notePasskeyUse,
  takeTotpStep,
} from '../../../db/queries/credentials.ts';
import { getPerson, type Person } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import type { Assurance } from '../../domain/approval.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import type { Ways } from '../../domain/proof.ts';
import { type Ctx, type Decision, sha256 } from '../context.ts';
import { countTry, forgive } from './limits.ts';
import type { Locks } from './locks.ts';
import { askForPasskey, readPasskey } from './passkeys.ts';
import { stepOf } from './second-factor.ts';

/** Showing once more that it is you, for one decision: bound to this session and to what is decided. */

/** What a person typed or their authenticator answered; only one of them is looked at, the strongest. */
export interface Shown {
  passkey?: string;
  code?: string;
  password?: string;
}

/** A proof that holds for one decision. `spend` makes it worthless for any other, in the decision's transaction. */
export interface Proof {
  assurance: Assurance;
  spend(d: Decision): Promise<void>;
}

export const NO_PROOF: Proof = { assurance: 'session', spend: async () => undefined };

export async function waysOf(r: Reader, personId: string): Promise<Ways> {
  const { passkeys, totp, passwordHash } = await findCredentials(r, personId);
  return { passkey: passkeys.length > 0, code: totp !== null, password: passwordHash !== null };
}

/** `about` is what is decided on, like the hash of the words: the answer is worth nothing for anything else. */
const boundTo = (sessionId: string, about: string) => sha256(`${sessionId}|${about}`);

/** What a browser needs to show one of this person's passkeys for one decision. */
export async function askForProof(ctx: Ctx, locks: Locks, of: { sessionId: string; about: string }) {
  const person = await getPerson(ctx.store.read, ctx.actor.id);
  return askForPasskey(ctx, locks, {
    kind: 'passkey_second',
    boundTo: boundTo(of.sessionId, of.about),
    person,
  });
}

/** Reads what was shown. Throws `unauthorized` or `invalid` (field `code`, `password`) when it is wrong, `limited` when guessed. */
export async function prove(
  ctx: Ctx,
  locks: Locks,
  shown: Shown,
  of: { sessionId: string; about: string; address: string },
): Promise<Proof> {
  const person = await getPerson(ctx.store.read, ctx.actor.id);
  if (shown.passkey) return byPasskey(ctx, locks, person, shown.passkey, of);
  if (shown.code) return byCode(ctx, locks, person, shown.code, of.address);
  if (shown.password) return byPassword(ctx, locks, person, shown.password, of.address);
  return NO_PROOF;
}

async function byPasskey(
  ctx: Ctx,
  locks: Locks,
  person: Person,
  answer: string,
  of: { sessionId: string; about: string },
): Promise<Proof> {
  const read = await readPasskey(ctx, locks, {
    answer,
    kind: 'passkey_second',
    boundTo: boundTo(of.sessionId, of.about),
  });
  const gone = new DomainError('unauthorized', 'This passkey is not yours. Use one of your own.');
  if (read.person.id !== person.id) throw gone;
  return {
    assurance: 'passkey',
    async spend(d) {
      if (!(await listPasskeys(d.w, person.id)).some((k) => k.id === read.passkey.id)) throw gone;
      await notePasskeyUse(d.w, read.passkey.id, read.counter, d.now);
    },
  };
}

async function byCode(ctx: Ctx, locks: Locks, person: Person, code: string, address: string): Promise<Proof> {
  await countTry(ctx, locks, [{ address }, { second: person.id }]);
  const { totp } = await findCredentials(ctx.store.read, person.id);
  const wrong = invalid('code', 'This code is not right, or was used. Wait for the next one.');
  const step = totp && stepOf(locks.open(`totps|${person.id}|sealed`, totp.sealed), code, ctx.now());
  if (step === undefined || step === null) throw wrong;
  return {
    assurance: 'code',
    async spend(d) {
      if (!(await takeTotpStep(d.w, person.id, step))) throw wrong;
      await forgive(d.w, locks, { second: person.id }, d.now);
    },
  };
}

async function byPassword(
  ctx: Ctx,
  locks: Locks,
  person: Person,
  password: string,
  address: string,
): Promise<Proof> {
  await countTry(ctx, locks, [{ address }, { second: person.id }]);
  const { passwordHash } = await findCredentials(ctx.store.read, person.id);
  if (!(await locks.passwords.matches(password, passwordHash)))
    throw invalid('password', 'This is not your password.');
  return {
    assurance: 'password',
    spend: (d) => forgive(d.w, locks, { second: person.id }, d.now),
  };
}
