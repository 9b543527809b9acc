import {
  and,
  asc,
  type Column,
  count,
  eq,
  exists,
  getTableColumns,
  gt,
  inArray,
  isNull,
  lt,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { SubscriberKind } from '../../src/domain/subscriber.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import type { Delivery } from './deliveries.ts';
import { ON_THEIR_WAY } from './lines.ts';

export type Fanout = Reader['t']['fanouts']['$inferSelect'];

export async function insertFanout(w: Writer, row: Fanout): Promise<void> {
  await w.sql.insert(w.t.fanouts).values(row).onConflictDoNothing();
}

/** The oldest update that has not been handed to every subscriber. */
export async function findOpenFanout(r: Reader): Promise<Fanout | undefined> {
  const { fanouts: f } = r.t;
  const [row] = await hot(r, 'findOpenFanout', {}, () =>
    r.sql.select().from(f).where(isNull(f.doneAt)).orderBy(asc(f.ord)).limit(1),
  );
  return row;
}

/** Moves it on only from where it was read: false when another node has. */
export async function moveFanout(w: Writer, from: Fanout, patch: Partial<Fanout>): Promise<boolean> {
  const { fanouts: f } = w.t;
  const rows = await w.sql
    .update(f)
    .set(patch)
    .where(
      and(eq(f.updateId, from.updateId), eq(f.step, from.step), eq(f.cursor, from.cursor), isNull(f.doneAt)),
    )
    .returning({ id: f.updateId });
  return rows.length === 1;
}

export async function findFanout(r: Reader, updateId: string): Promise<Fanout | undefined> {
  const { fanouts: f } = r.t;
  const [row] = await hot(r, 'findFanout', { updateId }, () =>
    r.sql
      .select()
      .from(f)
      .where(eq(f.updateId, sql.placeholder('updateId'))),
  );
  return row;
}

/** Updates of the same incident that went to subscribers before this one. */
export async function listFanoutsBefore(r: Reader, incidentId: string, ord: number): Promise<string[]> {
  const { fanouts: f } = r.t;
  const rows = await r.sql
    .select({ id: f.updateId })
    .from(f)
    .where(and(eq(f.incidentId, incidentId), lt(f.ord, ord)))
    .orderBy(asc(f.ord));
  return rows.map((row) => row.id);
}

/** The id of the last of the next `size` active subscribers of a kind after `cursor`; undefined when there is none. */
export async function findBatchEnd(
  r: Reader,
  pageId: string,
  kind: SubscriberKind,
  cursor: string,
  size: number,
): Promise<string | undefined> {
  const { subscribers: s } = r.t;
  const rows = await hot(r, 'findBatchEnd', { pageId, kind, cursor, size }, () =>
    r.sql
      .select({ id: s.id })
      .from(s)
      .where(
        and(
          eq(s.pageId, sql.placeholder('pageId')),
          eq(s.kind, sql.placeholder('kind')),
          eq(s.state, 'active'),
          gt(s.id, sql.placeholder('cursor')),
        ),
      )
      .orderBy(asc(s.id))
      .limit(sql.placeholder('size')),
  );
  return rows.at(-1)?.id;
}

export interface Batch {
  pageId: string;
  kind: SubscriberKind;
  /** After this subscriber, up to and including that one. */
  after: string;
  upTo: string;
  /** What the update concerns: the incident and the components it has touched. */
  targets: readonly string[];
  /** The words by language; others get those of `otherwise`. */
  words: readonly { language: string; renditionId: string }[];
  otherwise: string;
}

/**
 * Queues one part of an update for a batch of subscribers, in one statement: what is already there stays. The id of each
 * row is made of the update's, the subscriber's and the part, so that it is the same however often this is done.
 * Returns how many were queued.
 */
export async function queueBatch(
  w: Writer,
  row: Omit<Delivery, 'id' | 'recipient' | 'renditionId'>,
  b: Batch,
): Promise<number> {
  const { subscribers: s, subscriberTargets: x, deliveries: d } = w.t;
  const wants = exists(
    w.sql
      .select({ one: sql`1` })
      .from(x)
      .where(and(eq(x.subscriberId, s.id), inArray(x.targetId, [...b.targets]))),
  );
  const cases = b.words.map((one) => sql`when ${one.language} then ${one.renditionId}`);
  const own: Record<string, SQL> = {
    id: sql`${typed(row.updateId, d.updateId)} || ${s.id} || ${typed(row.part === 0 ? '' : `p${row.part}`, d.id)}`,
    recipient: sql`${s.id}`,
    renditionId:
      cases.length === 0
        ? typed(b.otherwise, d.renditionId)
        : sql`case ${s.language} ${sql.join(cases, sql` `)} else ${typed(b.otherwise, d.renditionId)} end`,
  };
  const columns = Object.fromEntries(
    Object.entries(getTableColumns(d)).map(([name, column]) => [
      name,
      (own[name] ?? typed(row[name as keyof typeof row] ?? null, column)).as(name),
    ]),
  );
  const queued = await w.sql
    .insert(d)
    .select(
      w.sql
        .select(columns as never)
        .from(s)
        .where(
          and(
            eq(s.pageId, b.pageId),
            eq(s.kind, b.kind),
            eq(s.state, 'active'),
            gt(s.id, b.after),
            lte(s.id, b.upTo),
            or(eq(s.everything, true), wants),
          ),
        ) as never,
    )
    .onConflictDoNothing()
    .returning({ part: d.part });
  return queued.length;
}

/** A value with its column's type said out loud: a bare parameter in a select list is text to PostgreSQL. */
const typed = (value: unknown, column: Column): SQL =>
  sql`cast(${sql.param(value, column)} as ${sql.raw(column.getSQLType())})`;

/**
 * What older updates of an incident have not yet sent to subscribers is not sent any more: people should read the newest
 * words. At most `limit` at a time; returns how many.
 */
export async function supersedeBatch(
  w: Writer,
  of: { incidentId: string; connectionId: string; ord: number },
  patch: Partial<Delivery>,
  limit: number,
): Promise<number> {
  const { deliveries: d } = w.t;
  const some = w.sql
    .select({ id: d.id })
    .from(d)
    .where(
      and(
        eq(d.incidentId, of.incidentId),
        eq(d.connectionId, of.connectionId),
        lt(d.ord, of.ord),
        eq(d.state, 'pending'),
        eq(d.mayBeThere, false),
        eq(d.op, 'publish'),
        ne(d.recipient, ''),
      ),
    )
    .limit(limit);
  const rows = await w.sql.update(d).set(patch).where(inArray(d.id, some)).returning({ part: d.part });
  return rows.length;
}

/** How an update fared with the subscribers of each connection, by state. */
export async function countOfUpdate(
  r: Reader,
  updateId: string,
): Promise<{ connectionId: string; state: DeliveryState; n: number }[]> {
  const { deliveries: d } = r.t;
  const rows = await r.sql
    .select({ connectionId: d.connectionId, state: d.state, n: count() })
    .from(d)
    .where(and(eq(d.updateId, updateId), ne(d.recipient, '')))
    .groupBy(d.connectionId, d.state);
  return rows.map((row) => ({ ...row, n: Number(row.n) }));
}

/** Forgets what was sent to subscribers long ago; the fan-out keeps the number. At most `limit`; returns how many. */
export async function forgetSent(w: Writer, before: number, limit: number): Promise<number> {
  const { deliveries: d, fanouts: f } = w.t;
  const old = w.sql.select({ id: f.updateId }).from(f).where(lt(f.createdAt, before));
  const some = w.sql
    .select({ id: d.id })
    .from(d)
    .where(and(inArray(d.updateId, old), ne(d.recipient, '')))
    .limit(limit);
  const rows = await w.sql.delete(d).where(inArray(d.id, some)).returning({ part: d.part });
  return rows.length;
}

/**
 * Gives up everything on its way to subscribers, and every update that was still to be handed out: this database is a
 * copy, and the original may have sent it. Returns how many messages.
 */
export async function cancelForSubscribers(w: Writer, reason: string, now: number): Promise<number> {
  const { deliveries: d, fanouts: f } = w.t;
  await w.sql.update(f).set({ doneAt: now }).where(isNull(f.doneAt));
  const rows = await w.sql
    .update(d)
    .set({ state: 'cancelled', reason, leaseBy: null, leaseUntil: null, doneAt: now, updatedAt: now })
    .where(and(ne(d.recipient, ''), inArray(d.state, [...ON_THEIR_WAY])))
    .returning({ part: d.part });
  return rows.length;
}
