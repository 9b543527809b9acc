import { and, asc, desc, eq, exists, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { LEASE_MS, LONGEST_WAIT_MS } from '../../src/domain/delivery.ts';
import { CLOCK_SLACK_MS, HOLD_BACK_MS } from '../../src/domain/delivery-waits.ts';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type Delivery = Reader['t']['deliveries']['$inferSelect'];
export type Attempt = Reader['t']['attempts']['$inferSelect'];
export type Receipt = Reader['t']['receipts']['$inferSelect'];

/** Rows per statement: SQLite takes at most 32,766 values in one. */
const CHUNK = 500;

export async function insertDeliveries(w: Writer, rows: readonly Delivery[]): Promise<void> {
  for (let i = 0; i < rows.length; i += CHUNK)
    await w.sql.insert(w.t.deliveries).values(rows.slice(i, i + CHUNK));
}

export async function getDelivery(r: Reader, id: string): Promise<Delivery> {
  const { deliveries: d } = r.t;
  const [row] = await hot(r, 'getDelivery', { id }, () =>
    r.sql
      .select()
      .from(d)
      .where(eq(d.id, sql.placeholder('id'))),
  );
  if (!row) throw notFound('delivery');
  return row;
}

export async function listDeliveriesOfIncident(r: Reader, incidentId: string): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(and(eq(d.incidentId, incidentId), eq(d.recipient, '')))
    .orderBy(asc(d.ord), asc(d.connectionId), asc(d.part));
}

export async function listDeliveriesOfUpdates(r: Reader, updateIds: readonly string[]): Promise<Delivery[]> {
  if (updateIds.length === 0) return [];
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(and(inArray(d.updateId, [...updateIds]), eq(d.recipient, '')))
    .orderBy(asc(d.ord), asc(d.connectionId), asc(d.part));
}

/** Posts in one of these states; what goes to subscribers one by one is not among them. */
export async function listDeliveriesInState(
  r: Reader,
  states: readonly DeliveryState[],
  limit = 1_000,
): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(and(inArray(d.state, [...states]), eq(d.recipient, '')))
    .orderBy(asc(d.id))
    .limit(limit);
}

/** How many deliveries are in each state. */
export async function countDeliveries(r: Reader): Promise<Partial<Record<DeliveryState, number>>> {
  const { deliveries: d } = r.t;
  const rows = await r.sql.select({ state: d.state, n: sql<number>`count(*)` }).from(d).groupBy(d.state);
  return Object.fromEntries(rows.map((x) => [x.state, Number(x.n)]));
}

/**
 * Writes what the domain decided, only if the row is still in the state and hands it was decided from. Throws
 * `conflict` otherwise: whoever holds the row now is right.
 */
export async function changeDelivery(w: Writer, from: Delivery, patch: Partial<Delivery>): Promise<Delivery> {
  const { deliveries: d } = w.t;
  const { id, state, leaseBy } = from;
  const shape = `changeDelivery:${shapeOf(patch)}:${leaseBy === null}`;
  const [row] = await hot(w, shape, { ...patch, fromId: id, fromState: state, fromLeaseBy: leaseBy }, () =>
    w.sql
      .update(d)
      .set(placeholders(patch))
      .where(
        and(
          eq(d.id, sql.placeholder('fromId')),
          eq(d.state, sql.placeholder('fromState')),
          leaseBy === null ? isNull(d.leaseBy) : eq(d.leaseBy, sql.placeholder('fromLeaseBy')),
        ),
      )
      .returning({ id: d.id }),
  );
  if (!row) throw conflict('Somebody else holds this delivery now.');
  return { ...from, ...patch };
}

/** States in which something is still to do by itself. Naming them lets an index pass over all that is done. */
const UNFINISHED: readonly DeliveryState[] = [
  'pending',
  'leased',
  'sending',
  'unknown',
  'reconciling',
  'accepted',
];

/** Connections that have something to send, look up or take back, and may be spoken to now. */
export async function listDueConnections(r: Reader, now: number): Promise<string[]> {
  const { connections: c, deliveries: d } = r.t;
  const far = sql.placeholder('far');
  const rows = await hot(r, 'listDueConnections', { ...dueAt(now), leaseFar: now + LEASE_MS + 60_000 }, () =>
    r.sql
      .select({ id: c.id })
      .from(c)
      .where(
        and(
          eq(c.enabled, true),
          // Subscribers are spoken to one by one, on lines of their own.
          ne(c.role, 'subscribers'),
          isNull(c.pausedAt),
          or(isNull(c.notBefore), lte(c.notBefore, sql.placeholder('now')), gt(c.notBefore, far)),
          exists(
            r.sql
              .select({ one: sql`1` })
              .from(d)
              .where(
                and(
                  eq(d.connectionId, c.id),
                  inArray(d.state, [...UNFINISHED]),
                  or(
                    and(inArray(d.state, ['pending', 'unknown', 'accepted']), isNull(d.leaseBy), isDueSql(d)),
                    and(isNotNull(d.leaseBy), leaseOverSql(d)),
                  ),
                ),
              ),
          ),
        ),
      )
      .orderBy(asc(c.id)),
  );
  return rows.map((x) => x.id);
}

type Table = Reader['t']['deliveries'];
/** Placeholders `now` and `far`; see `isDue` in the domain. */
const isDueSql = (d: Table) =>
  or(lte(d.nextAt, sql.placeholder('now')), gt(d.nextAt, sql.placeholder('far')));
const dueAt = (now: number) => ({ now, far: now + LONGEST_WAIT_MS + 60_000 });
/** Placeholders `now` and `leaseFar`; see `leaseIsOver` in the domain. */
const leaseOverSql = (d: Table) =>
  or(
    isNull(d.leaseUntil),
    lte(d.leaseUntil, sql.placeholder('now')),
    gt(d.leaseUntil, sql.placeholder('leaseFar')),
  );

/** Every run that holds a delivery or a lane just now. */
export async function listHolders(r: Reader): Promise<string[]> {
  const { deliveries: d, connections: c } = r.t;
  const rows = [
    // More than nothing: unlike "not null" that is a range, for which SQLite asks the index.
    ...(await r.sql.selectDistinct({ by: d.leaseBy }).from(d).where(gt(d.leaseBy, ''))),
    ...(await r.sql.selectDistinct({ by: c.laneBy }).from(c).where(isNotNull(c.laneBy))),
  ];
  return [...new Set(rows.flatMap((x) => (x.by === null ? [] : [x.by])))];
}

/** Deliveries held by a run that is gone, or whose lease ran out while nobody in this process works on them. */
export async function listLost(
  r: Reader,
  of: { holder: string } | { connectionId: string; now: number },
): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  if ('holder' in of) return r.sql.select().from(d).where(eq(d.leaseBy, of.holder)).orderBy(asc(d.id));
  const { connectionId, now } = of;
  return hot(r, 'listLost', { connectionId, now, leaseFar: now + LEASE_MS + 60_000 }, () =>
    r.sql
      .select()
      .from(d)
      .where(
        and(
          eq(d.connectionId, sql.placeholder('connectionId')),
          inArray(d.state, [...UNFINISHED]),
          isNotNull(d.leaseBy),
          leaseOverSql(d),
        ),
      )
      .orderBy(asc(d.id)),
  );
}

const HOLDING: readonly DeliveryState[] = ['pending', 'leased', 'sending', 'unknown', 'reconciling'];

/**
 * The next delivery to send on a connection: most urgent first, in the order the public read the updates, and none
 * while an earlier one of the same incident is still uncertain; see `holdsBack` in the domain. What waits for a person
 * lets go after five minutes.
 */
export async function findNextToSend(
  r: Reader,
  connectionId: string,
  now: number,
): Promise<Delivery | undefined> {
  const { deliveries: d } = r.t;
  const [row] = await hot(
    r,
    'findNextToSend',
    { connectionId, ...dueAt(now), heldSince: now - HOLD_BACK_MS, heldBy: now + CLOCK_SLACK_MS },
    () => {
      const e = alias(d as never, 'earlier') as unknown as Table;
      return r.sql
        .select()
        .from(d)
        .where(
          and(
            eq(d.connectionId, sql.placeholder('connectionId')),
            eq(d.state, 'pending'),
            isDueSql(d),
            sql`not exists (select 1 from ${d} as earlier where ${e.incidentId} = ${d.incidentId}
              and ${e.connectionId} = ${d.connectionId} and ${e.recipient} = ${d.recipient}
              and (${e.ord}, ${e.part}) < (${d.ord}, ${d.part})
              and ((${inArray(e.state, [...HOLDING])} and not (${e.state} = 'pending' and coalesce(${e.way}, '') = 'wait'
                  and (${e.createdAt} <= ${sql.placeholder('heldSince')} or ${e.createdAt} >= ${sql.placeholder('heldBy')})))
                or (${e.state} = 'held' and (${e.ord} = ${d.ord}
                  or (${e.heldAt} > ${sql.placeholder('heldSince')} and ${e.heldAt} < ${sql.placeholder('heldBy')})))))`,
          ),
        )
        .orderBy(asc(d.priority), asc(d.ord), asc(d.part), asc(d.id))
        .limit(1);
    },
  );
  return row;
}

/** The next delivery to look up: one we are not sure of before one we have only not seen yet. */
export async function findNextToLookAt(
  r: Reader,
  connectionId: string,
  now: number,
): Promise<Delivery | undefined> {
  const { deliveries: d } = r.t;
  const [row] = await hot(r, 'findNextToLookAt', { connectionId, ...dueAt(now) }, () =>
    r.sql
      .select()
      .from(d)
      .where(
        and(
          eq(d.connectionId, sql.placeholder('connectionId')),
          inArray(d.state, ['unknown', 'accepted']),
          isNull(d.leaseBy),
          isDueSql(d),
        ),
      )
      .orderBy(
        asc(d.priority),
        sql`case ${d.state} when 'unknown' then 0 else 1 end`,
        asc(d.nextAt),
        asc(d.id),
      )
      .limit(1),
  );
  return row;
}

/** The network lets us look no more for a while: none of an account's looks is due before `until`. Sending goes on. */
export async function postponeLooks(w: Writer, connectionId: string, until: number): Promise<void> {
  const { deliveries: d } = w.t;
  await w.sql
    .update(d)
    .set({ nextAt: until })
    .where(
      and(eq(d.connectionId, connectionId), inArray(d.state, ['unknown', 'accepted']), lte(d.nextAt, until)),
    );
}

/** Deliveries of older updates of an incident that are still waiting, for channels where the newest words suffice. */
export async function listOvertaken(r: Reader, incidentId: string, beforeOrd: number): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(
      and(
        eq(d.incidentId, incidentId),
        // Subscribers may be a hundred thousand: theirs are overtaken while the newer words are handed out.
        eq(d.recipient, ''),
        inArray(d.state, ['pending', 'manual']),
        sql`${d.ord} < ${beforeOrd}`,
      ),
    )
    .orderBy(asc(d.ord), asc(d.part));
}

/** Posts of an incident on one connection that the network has taken, oldest first: what a follow-up answers. */
export async function listPosted(
  r: Reader,
  incidentId: string,
  connectionId: string,
): Promise<{ delivery: Delivery; receipt: Receipt }[]> {
  const { deliveries: d, receipts: x } = r.t;
  return hot(r, 'listPosted', { incidentId, connectionId }, () =>
    r.sql
      .select({ delivery: d, receipt: x })
      .from(d)
      .innerJoin(x, eq(x.deliveryId, d.id))
      .where(
        and(
          eq(d.incidentId, sql.placeholder('incidentId')),
          eq(d.connectionId, sql.placeholder('connectionId')),
          eq(d.recipient, ''),
        ),
      )
      .orderBy(asc(d.ord), asc(d.part)),
  );
}

/** When anything was last tried on a connection, ms; null is never. */
export async function findLastTryAt(r: Reader, connectionId: string): Promise<number | null> {
  const { attempts: a, deliveries: d } = r.t;
  const [row] = await r.sql
    .select({ at: a.startedAt })
    .from(a)
    .innerJoin(d, eq(d.id, a.deliveryId))
    .where(eq(d.connectionId, connectionId))
    .orderBy(desc(a.id))
    .limit(1);
  return row?.at ?? null;
}

export async function insertAttempt(w: Writer, attempt: Attempt): Promise<void> {
  await hot(w, 'insertAttempt', attempt, () => w.sql.insert(w.t.attempts).values(placeholders(attempt)));
}

export async function endAttempt(
  w: Writer,
  id: string,
  end: Pick<Attempt, 'endedAt' | 'outcome' | 'code' | 'status' | 'message'>,
): Promise<void> {
  const { attempts: a } = w.t;
  await hot(w, `endAttempt:${shapeOf(end)}`, { ...end, attemptId: id }, () =>
    w.sql
      .update(a)
      .set(placeholders(end))
      .where(eq(a.id, sql.placeholder('attemptId'))),
  );
}

export async function listAttempts(r: Reader, deliveryIds: readonly string[]): Promise<Attempt[]> {
  if (deliveryIds.length === 0) return [];
  const { attempts: a } = r.t;
  return r.sql
    .select()
    .from(a)
    .where(inArray(a.deliveryId, [...deliveryIds]))
    .orderBy(asc(a.id));
}

/** Keeps the proof of a delivery; what is already known of it stays unless the new proof says more. */
export async function recordReceipt(w: Writer, receipt: Receipt): Promise<void> {
  const { receipts: x } = w.t;
  await hot(w, 'recordReceipt', receipt, () => {
    const { deliveryId: _, acceptedAt: __, ...known } = placeholders(receipt);
    return w.sql
      .insert(x)
      .values(placeholders(receipt))
      .onConflictDoUpdate({ target: x.deliveryId, set: known });
  });
}

/** What it proved is not so: the post that it names is not there. Returns the proof that stood. */
export async function removeReceipt(w: Writer, deliveryId: string): Promise<Receipt | undefined> {
  const { receipts: x } = w.t;
  const [row] = await w.sql.delete(x).where(eq(x.deliveryId, deliveryId)).returning();
  return row;
}

export async function findReceipt(r: Reader, deliveryId: string): Promise<Receipt | undefined> {
  const { receipts: x } = r.t;
  const [row] = await hot(r, 'findReceipt', { deliveryId }, () =>
    r.sql
      .select()
      .from(x)
      .where(eq(x.deliveryId, sql.placeholder('deliveryId'))),
  );
  return row;
}

export async function listReceipts(r: Reader, deliveryIds: readonly string[]): Promise<Receipt[]> {
  if (deliveryIds.length === 0) return [];
  const { receipts: x } = r.t;
  return r.sql
    .select()
    .from(x)
    .where(inArray(x.deliveryId, [...deliveryIds]));
}
