import { and, asc, eq, isNull, lt } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';
import type { Person } from './people.ts';

export type Passkey = Reader['t']['passkeys']['$inferSelect'];
export type Totp = Reader['t']['totps']['$inferSelect'];

/** What a person can sign in with, besides links. */
export interface Credentials {
  passwordHash: string | null;
  passkeys: Passkey[];
  /** Only once it was confirmed. */
  totp: Totp | null;
  /** Recovery codes that have not been used. */
  recoveryLeft: number;
}

export async function findPasswordHash(r: Reader, personId: string): Promise<string | null> {
  const { passwords } = r.t;
  const [row] = await r.sql.select().from(passwords).where(eq(passwords.personId, personId));
  return row?.hash ?? null;
}

/** A person and their password by address, in one question, so that nobody and somebody take equally long. */
export async function findPasswordByEmail(
  r: Reader,
  email: string,
): Promise<{ person: Person; hash: string | null } | undefined> {
  const { people, passwords } = r.t;
  const [row] = await r.sql
    .select({ person: people, hash: passwords.hash })
    .from(people)
    .leftJoin(passwords, eq(passwords.personId, people.id))
    .where(eq(people.email, email));
  return row;
}

export async function setPasswordHash(w: Writer, personId: string, hash: string, now: number): Promise<void> {
  const { passwords } = w.t;
  await w.sql
    .insert(passwords)
    .values({ personId, hash, changedAt: now })
    .onConflictDoUpdate({ target: passwords.personId, set: { hash, changedAt: now } });
}

export async function deletePasswordHash(w: Writer, personId: string): Promise<void> {
  await w.sql.delete(w.t.passwords).where(eq(w.t.passwords.personId, personId));
}

export async function listPasskeys(r: Reader, personId: string): Promise<Passkey[]> {
  const { passkeys } = r.t;
  return r.sql.select().from(passkeys).where(eq(passkeys.personId, personId)).orderBy(asc(passkeys.id));
}

export async function findPasskey(
  r: Reader,
  credentialId: string,
): Promise<{ passkey: Passkey; person: Person } | undefined> {
  const { passkeys, people } = r.t;
  const [row] = await r.sql
    .select({ passkey: passkeys, person: people })
    .from(passkeys)
    .innerJoin(people, eq(people.id, passkeys.personId))
    .where(eq(passkeys.credentialId, credentialId));
  return row;
}

export async function insertPasskey(w: Writer, passkey: Passkey): Promise<void> {
  await w.sql.insert(w.t.passkeys).values(passkey);
}

export async function notePasskeyUse(w: Writer, id: string, counter: number, now: number): Promise<void> {
  await w.sql.update(w.t.passkeys).set({ counter, lastUsedAt: now }).where(eq(w.t.passkeys.id, id));
}

/** False when this person has no such passkey. */
export async function deletePasskey(w: Writer, personId: string, id: string): Promise<boolean> {
  const { passkeys } = w.t;
  const rows = await w.sql
    .delete(passkeys)
    .where(and(eq(passkeys.id, id), eq(passkeys.personId, personId)))
    .returning({ id: passkeys.id });
  return rows.length === 1;
}

/** Also one that was never confirmed. */
export async function findTotp(r: Reader, personId: string): Promise<Totp | undefined> {
  const [row] = await r.sql.select().from(r.t.totps).where(eq(r.t.totps.personId, personId));
  return row;
}

export async function setTotp(w: Writer, totp: Totp): Promise<void> {
  const { personId, ...rest } = totp;
  await w.sql
    .insert(w.t.totps)
    .values({ personId, ...rest })
    .onConflictDoUpdate({ target: w.t.totps.personId, set: rest });
}

/** Takes the code of a step; false when that step, or a later one, was taken before: no code works twice. */
export async function takeTotpStep(w: Writer, personId: string, step: number): Promise<boolean> {
  const { totps } = w.t;
  const rows = await w.sql
    .update(totps)
    .set({ lastStep: step })
    .where(and(eq(totps.personId, personId), lt(totps.lastStep, step)))
    .returning({ personId: totps.personId });
  return rows.length === 1;
}

export async function deleteTotp(w: Writer, personId: string): Promise<void> {
  await w.sql.delete(w.t.totps).where(eq(w.t.totps.personId, personId));
}

/** The new codes; the ones before them are worth nothing from now on. */
export async function replaceRecoveryCodes(
  w: Writer,
  personId: string,
  rows: readonly { id: string; hash: string }[],
  now: number,
): Promise<void> {
  const { recoveryCodes } = w.t;
  await w.sql.delete(recoveryCodes).where(eq(recoveryCodes.personId, personId));
  if (rows.length > 0)
    await w.sql
      .insert(recoveryCodes)
      .values(rows.map((row) => ({ ...row, personId, usedAt: null, createdAt: now })));
}

/** Spends a recovery code; false when it is not theirs or was used. */
export async function spendRecoveryCode(
  w: Writer,
  personId: string,
  hash: string,
  now: number,
): Promise<boolean> {
  const { recoveryCodes: c } = w.t;
  const rows = await w.sql
    .update(c)
    .set({ usedAt: now })
    .where(and(eq(c.personId, personId), eq(c.hash, hash), isNull(c.usedAt)))
    .returning({ id: c.id });
  return rows.length === 1;
}

export async function findCredentials(r: Reader, personId: string): Promise<Credentials> {
  const { recoveryCodes: c } = r.t;
  const totp = await findTotp(r, personId);
  return {
    passwordHash: await findPasswordHash(r, personId),
    passkeys: await listPasskeys(r, personId),
    totp: totp && totp.confirmedAt !== null ? totp : null,
    recoveryLeft: await r.sql.$count(c, and(eq(c.personId, personId), isNull(c.usedAt))),
  };
}
