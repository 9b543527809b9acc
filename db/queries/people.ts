import { and, asc, eq, gt, inArray, isNull, ne, or } from 'drizzle-orm';
import { notFound } from '../../src/domain/error.ts';
import type { TokenKind } from '../shapes.ts';
import type { Reader, Writer } from '../store.ts';

export type Person = Reader['t']['people']['$inferSelect'];
export type Token = Reader['t']['tokens']['$inferSelect'];

export async function insertPerson(w: Writer, person: Person): Promise<void> {
  await w.sql.insert(w.t.people).values(person);
}

export async function getPerson(r: Reader, id: string): Promise<Person> {
  const [row] = await r.sql.select().from(r.t.people).where(eq(r.t.people.id, id));
  if (!row) throw notFound('person');
  return row;
}

export async function findPersonByEmail(r: Reader, email: string): Promise<Person | undefined> {
  const [row] = await r.sql.select().from(r.t.people).where(eq(r.t.people.email, email));
  return row;
}

export async function listPeople(r: Reader): Promise<Person[]> {
  return r.sql.select().from(r.t.people).orderBy(asc(r.t.people.id));
}

export async function insertToken(w: Writer, token: Token): Promise<void> {
  await w.sql.insert(w.t.tokens).values(token);
}

/** The token with this SHA-256, and the person it stands for, whatever state both are in. */
export async function findTokenByHash(
  r: Reader,
  hash: string,
): Promise<{ token: Token; person: Person } | undefined> {
  const { tokens, people } = r.t;
  const [row] = await r.sql
    .select({ token: tokens, person: people })
    .from(tokens)
    .innerJoin(people, eq(people.id, tokens.personId))
    .where(eq(tokens.hash, hash));
  return row;
}

export async function touchToken(w: Writer, id: string, at: number): Promise<void> {
  await w.sql.update(w.t.tokens).set({ lastUsedAt: at }).where(eq(w.t.tokens.id, id));
}

/** Ends a token for good; false when it was ended already (a one-time link used twice). */
export async function revokeToken(w: Writer, id: string, at: number): Promise<boolean> {
  const { tokens } = w.t;
  const rows = await w.sql
    .update(tokens)
    .set({ revokedAt: at })
    .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
    .returning({ id: tokens.id });
  return rows.length === 1;
}

export async function changePerson(w: Writer, id: string, patch: Partial<Person>): Promise<void> {
  await w.sql.update(w.t.people).set(patch).where(eq(w.t.people.id, id));
}

/** Tokens of these kinds that still let somebody in, of everybody or of one person, oldest first. */
export async function listLiveTokens(
  r: Reader,
  kinds: readonly TokenKind[],
  now: number,
  personId?: string,
): Promise<Token[]> {
  const { tokens: t } = r.t;
  return r.sql
    .select()
    .from(t)
    .where(
      and(
        inArray(t.kind, [...kinds]),
        isNull(t.revokedAt),
        or(isNull(t.expiresAt), gt(t.expiresAt, now)),
        ...(personId === undefined ? [] : [eq(t.personId, personId)]),
      ),
    )
    .orderBy(asc(t.id));
}

/** Browser sessions of these people that were opened since a moment, ended ones too. */
export async function listSessionsSince(
  r: Reader,
  personIds: readonly string[],
  since: number,
): Promise<Token[]> {
  if (personIds.length === 0) return [];
  const { tokens: t } = r.t;
  return r.sql
    .select()
    .from(t)
    .where(and(inArray(t.personId, [...personIds]), eq(t.kind, 'session'), gt(t.createdAt, since)));
}

/** Ends a person's tokens of these kinds, all but one if asked; how many were ended. */
export async function revokeTokensOf(
  w: Writer,
  personId: string,
  kinds: readonly TokenKind[],
  now: number,
  but?: string,
): Promise<number> {
  const { tokens: t } = w.t;
  const rows = await w.sql
    .update(t)
    .set({ revokedAt: now })
    .where(
      and(
        eq(t.personId, personId),
        inArray(t.kind, [...kinds]),
        isNull(t.revokedAt),
        ...(but === undefined ? [] : [ne(t.id, but)]),
      ),
    )
    .returning({ id: t.id });
  return rows.length;
}

export async function getToken(r: Reader, id: string): Promise<Token> {
  const [row] = await r.sql.select().from(r.t.tokens).where(eq(r.t.tokens.id, id));
  if (!row) throw notFound('token');
  return row;
}
