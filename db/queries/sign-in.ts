import { and, eq, gt, inArray, lt } from 'drizzle-orm';
import type { ChallengeKind } from '../shapes.ts';
import type { Reader, Writer } from '../store.ts';
import type { Person } from './people.ts';

export type Challenge = Reader['t']['challenges']['$inferSelect'];
export type SignInTries = Reader['t']['signInTries']['$inferSelect'];
export type Identity = Reader['t']['identities']['$inferSelect'];

/** Also forgets those that nobody answered in time. */
export async function insertChallenge(w: Writer, challenge: Challenge): Promise<void> {
  const { challenges } = w.t;
  await w.sql.delete(challenges).where(lt(challenges.expiresAt, challenge.createdAt));
  await w.sql.insert(challenges).values(challenge);
}

/** Takes a challenge away, so that it can be answered once; undefined when it is not there, not theirs, or too old. */
export async function takeChallenge(
  w: Writer,
  wanted: { hash: string; kinds: readonly ChallengeKind[]; boundTo: string },
  now: number,
): Promise<Challenge | undefined> {
  const { challenges: c } = w.t;
  const [row] = await w.sql
    .delete(c)
    .where(
      and(
        eq(c.hash, wanted.hash),
        eq(c.boundTo, wanted.boundTo),
        inArray(c.kind, [...wanted.kinds]),
        gt(c.expiresAt, now),
      ),
    )
    .returning();
  return row;
}

/** The tries of a key, held until this transaction ends: whoever else counts waits, and sees what was counted. */
export async function holdTries(w: Writer, key: string, now: number): Promise<SignInTries> {
  const { signInTries } = w.t;
  const [row] = await w.sql
    .insert(signInTries)
    .values({ key, times: [], strikes: 0, waitUntil: 0, updatedAt: now })
    .onConflictDoUpdate({ target: signInTries.key, set: { updatedAt: now } })
    .returning();
  return row!;
}

export async function setTries(w: Writer, tries: SignInTries): Promise<void> {
  const { key, ...rest } = tries;
  await w.sql
    .insert(w.t.signInTries)
    .values({ key, ...rest })
    .onConflictDoUpdate({ target: w.t.signInTries.key, set: rest });
}

export async function deleteTries(w: Writer, key: string): Promise<void> {
  await w.sql.delete(w.t.signInTries).where(eq(w.t.signInTries.key, key));
}

/** Forgets tries that nobody has added to since `before`. */
export async function deleteOldTries(w: Writer, before: number): Promise<void> {
  await w.sql.delete(w.t.signInTries).where(lt(w.t.signInTries.updatedAt, before));
}

export async function findIdentity(
  r: Reader,
  issuer: string,
  subject: string,
): Promise<{ identity: Identity; person: Person } | undefined> {
  const { identities, people } = r.t;
  const [row] = await r.sql
    .select({ identity: identities, person: people })
    .from(identities)
    .innerJoin(people, eq(people.id, identities.personId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)));
  return row;
}

export async function listIdentities(r: Reader, personId: string): Promise<Identity[]> {
  return r.sql.select().from(r.t.identities).where(eq(r.t.identities.personId, personId));
}

export async function insertIdentity(w: Writer, identity: Identity): Promise<void> {
  await w.sql.insert(w.t.identities).values(identity);
}

export async function noteIdentityUse(w: Writer, id: string, now: number): Promise<void> {
  await w.sql.update(w.t.identities).set({ lastUsedAt: now }).where(eq(w.t.identities.id, id));
}
