import {
  and,
  asc,
  count,
  eq,
  exists,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  not,
  or,
  sql,
} from 'drizzle-orm';
import { NEEDS_ACCOUNT, type SubscriberKind, type SubscriberState } from '../../src/domain/subscriber.ts';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import { dueAt, isDueSql } from './due.ts';

export type Subscriber = Reader['t']['subscribers']['$inferSelect'];
export type Ticket = Reader['t']['tickets']['$inferSelect'];
export type Letter = Reader['t']['letters']['$inferSelect'];

export async function insertSubscriber(w: Writer, row: Subscriber): Promise<void> {
  await hot(w, 'insertSubscriber', row, () => w.sql.insert(w.t.subscribers).values(placeholders(row)));
}

/** Inserts those whose address the page does not know yet, in any state. Returns how many. */
export async function insertNewSubscribers(w: Writer, rows: readonly Subscriber[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { subscribers: s } = w.t;
  const fresh = await w.sql
    .insert(s)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ id: s.id });
  return fresh.length;
}

export async function changeSubscriber(w: Writer, id: string, patch: Partial<Subscriber>): Promise<void> {
  const { subscribers: s } = w.t;
  await hot(w, `changeSubscriber:${shapeOf(patch)}`, { ...patch, subscriberId: id }, () =>
    w.sql
      .update(s)
      .set(placeholders(patch))
      .where(eq(s.id, sql.placeholder('subscriberId'))),
  );
}

export async function findSubscriber(r: Reader, id: string): Promise<Subscriber | undefined> {
  const { subscribers: s } = r.t;
  const [row] = await r.sql.select().from(s).where(eq(s.id, id));
  return row;
}

/** `addressHash` is the keyed hash of the address; see the action that makes it. */
export async function findByAddress(
  r: Reader,
  pageId: string,
  kind: SubscriberKind,
  addressHash: string,
): Promise<Subscriber | undefined> {
  const { subscribers: s } = r.t;
  const [row] = await hot(r, 'findByAddress', { pageId, kind, addressHash }, () =>
    r.sql
      .select()
      .from(s)
      .where(
        and(
          eq(s.pageId, sql.placeholder('pageId')),
          eq(s.kind, sql.placeholder('kind')),
          eq(s.addressHash, sql.placeholder('addressHash')),
        ),
      ),
  );
  return row;
}

export async function listSubscribersById(r: Reader, ids: readonly string[]): Promise<Subscriber[]> {
  if (ids.length === 0) return [];
  const { subscribers: s } = r.t;
  const named = Object.fromEntries(ids.map((id, i) => [`id${i}`, id]));
  return hot(r, `listSubscribersById:${ids.length}`, named, () =>
    r.sql
      .select()
      .from(s)
      .where(
        inArray(
          s.id,
          ids.map((_, i) => sql.placeholder(`id${i}`)),
        ),
      ),
  );
}

/** Everybody of a page, or of one kind or state, in the order they came; after `after`, at most `limit`. */
export async function listSubscribers(
  r: Reader,
  pageId: string,
  only: { kind?: SubscriberKind; state?: SubscriberState; after?: string },
  limit: number,
): Promise<Subscriber[]> {
  const { subscribers: s } = r.t;
  return r.sql
    .select()
    .from(s)
    .where(
      and(
        eq(s.pageId, pageId),
        ...(only.kind ? [eq(s.kind, only.kind)] : []),
        ...(only.state ? [eq(s.state, only.state)] : []),
        gt(s.id, only.after ?? ''),
      ),
    )
    .orderBy(asc(s.id))
    .limit(limit);
}

export async function countSubscribers(
  r: Reader,
  pageId: string,
): Promise<{ kind: SubscriberKind; state: SubscriberState; n: number }[]> {
  const { subscribers: s } = r.t;
  const rows = await r.sql
    .select({ kind: s.kind, state: s.state, n: count() })
    .from(s)
    .where(eq(s.pageId, pageId))
    .groupBy(s.kind, s.state);
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}

/** How many were written to about their subscription since `since`: of one page or kind, or of all. */
export async function countLettersSince(
  r: Reader,
  since: number,
  { pageId, kind }: { pageId?: string; kind?: SubscriberKind } = {},
): Promise<number> {
  const { subscribers: s } = r.t;
  return Number(
    await r.sql.$count(
      s,
      and(
        gt(s.letterAt, since),
        pageId === undefined ? undefined : eq(s.pageId, pageId),
        kind === undefined ? undefined : eq(s.kind, kind),
      ),
    ),
  );
}

/** Forgets a subscriber with everything that hangs on the row. */
export async function deleteSubscriber(w: Writer, id: string): Promise<void> {
  await w.sql.delete(w.t.subscribers).where(eq(w.t.subscribers.id, id));
}

/**
 * Forgets who never confirmed. Returns how many. Of those who had unsubscribed before, somebody else may have asked: they
 * stay unsubscribed.
 */
export async function deleteUnconfirmed(w: Writer, before: number): Promise<number> {
  const { subscribers: s } = w.t;
  await w.sql
    .update(s)
    .set({ state: 'unsubscribed', sealed: '', contact: null, ticket: null })
    .where(and(eq(s.state, 'unconfirmed'), lt(s.updatedAt, before), isNotNull(s.endedAt)));
  const gone = await w.sql
    .delete(s)
    .where(and(eq(s.state, 'unconfirmed'), lt(s.updatedAt, before)))
    .returning({ id: s.id });
  return gone.length;
}

/** Forgets contacts of programs that nobody has said are theirs. */
export async function forgetContacts(w: Writer, before: number): Promise<void> {
  const { subscribers: s } = w.t;
  await w.sql
    .update(s)
    .set({ contact: null })
    .where(and(isNotNull(s.contact), isNull(s.contactAt), lt(s.createdAt, before)));
}

export async function listTargets(r: Reader, subscriberId: string): Promise<string[]> {
  const { subscriberTargets: x } = r.t;
  const rows = await r.sql
    .select({ id: x.targetId })
    .from(x)
    .where(eq(x.subscriberId, subscriberId))
    .orderBy(asc(x.targetId));
  return rows.map((row) => row.id);
}

export async function replaceTargets(
  w: Writer,
  subscriberId: string,
  targets: readonly string[],
): Promise<void> {
  const { subscriberTargets: x } = w.t;
  await w.sql.delete(x).where(eq(x.subscriberId, subscriberId));
  if (targets.length > 0)
    await w.sql.insert(x).values(targets.map((targetId) => ({ subscriberId, targetId })));
}

/**
 * An incident is over: those who asked for nothing else have nothing more to come. At most `limit` of them, as ids.
 */
export async function listEndedWith(r: Reader, incidentId: string, limit: number): Promise<string[]> {
  const { subscribers: s, subscriberTargets: x } = r.t;
  const others = r.sql
    .select({ one: sql`1` })
    .from(x)
    .where(and(eq(x.subscriberId, s.id), ne(x.targetId, incidentId)));
  const rows = await r.sql
    .select({ id: s.id })
    .from(s)
    .innerJoin(x, eq(x.subscriberId, s.id))
    .where(and(eq(x.targetId, incidentId), eq(s.everything, false), sql`not ${exists(others)}`))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** Lets go of an ended incident for those who asked for more than it. */
export async function deleteTarget(w: Writer, targetId: string): Promise<void> {
  await w.sql.delete(w.t.subscriberTargets).where(eq(w.t.subscriberTargets.targetId, targetId));
}

export async function insertLetter(w: Writer, letter: Letter): Promise<void> {
  await w.sql.insert(w.t.letters).values(letter);
}

/** Letters to send now: those that leave by an account of the page, or those that are brought to where a program is. */
export async function listDueLetters(
  r: Reader,
  by: 'account' | 'address',
  now: number,
  limit: number,
): Promise<Letter[]> {
  const { letters: l, subscribers: s } = r.t;
  // About a program's own trouble its owner hears by mail.
  const byAccount = or(inArray(s.kind, [...NEEDS_ACCOUNT]), inArray(l.kind, ['contact', 'quarantined']))!;
  return hot(r, `listDueLetters:${by}`, { ...dueAt(now), limit }, () =>
    r.sql
      .select(getTableColumns(l))
      .from(l)
      .innerJoin(s, eq(s.id, l.subscriberId))
      .where(and(isDueSql(l), by === 'account' ? byAccount : not(byAccount)))
      .orderBy(asc(l.nextAt), asc(l.id))
      .limit(sql.placeholder('limit')),
  );
}

/** Moves a letter on only if nobody else has: false when another node was faster, or it is gone. */
export async function claimLetter(
  w: Writer,
  letter: Letter,
  patch: Pick<Letter, 'nextAt' | 'tries'>,
): Promise<boolean> {
  const { letters: l } = w.t;
  const rows = await w.sql
    .update(l)
    .set(patch)
    .where(and(eq(l.id, letter.id), eq(l.nextAt, letter.nextAt), eq(l.tries, letter.tries)))
    .returning({ id: l.id });
  return rows.length === 1;
}

export async function deleteLetter(w: Writer, id: string): Promise<void> {
  await w.sql.delete(w.t.letters).where(eq(w.t.letters.id, id));
}

/** Letters that no longer matter: the link or code in them is void. */
export async function deleteLettersOf(w: Writer, subscriberId: string): Promise<void> {
  await w.sql.delete(w.t.letters).where(eq(w.t.letters.subscriberId, subscriberId));
}

/** Incidents that were over before `before` and are still followed by somebody. */
export async function listFollowedEnded(r: Reader, before: number, limit: number): Promise<string[]> {
  const { subscriberTargets: x, incidents: i } = r.t;
  const rows = await r.sql
    .selectDistinct({ id: i.id })
    .from(x)
    .innerJoin(i, eq(i.id, x.targetId))
    .where(lt(i.resolvedAt, before))
    .limit(limit);
  return rows.map((row) => row.id);
}

export async function insertTicket(w: Writer, ticket: Ticket): Promise<void> {
  await w.sql.insert(w.t.tickets).values(ticket);
}

export async function findTicket(r: Reader, id: string): Promise<Ticket | undefined> {
  const [row] = await r.sql.select().from(r.t.tickets).where(eq(r.t.tickets.id, id));
  return row;
}

export async function deleteTicket(w: Writer, id: string): Promise<void> {
  await w.sql.delete(w.t.tickets).where(eq(w.t.tickets.id, id));
}

/** Everything that programs were answered about one address. */
export async function deleteTicketsOf(w: Writer, addressHash: string): Promise<void> {
  await w.sql.delete(w.t.tickets).where(eq(w.t.tickets.addressHash, addressHash));
}

export async function deleteTicketsBefore(w: Writer, before: number): Promise<void> {
  await w.sql.delete(w.t.tickets).where(lt(w.t.tickets.createdAt, before));
}
