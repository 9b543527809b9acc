import { and, asc, desc, eq, exists, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { HOLD_BACK_MS, LEASE_MS, LONGEST_WAIT_MS } from '../../src/domain/delivery.ts';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
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
  const [row] = await r.sql.select().from(r.t.deliveries).where(eq(r.t.deliveries.id, id));
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

export async function listDeliveriesInState(
  r: Reader,
  states: readonly DeliveryState[],
  limit = 1_000,
): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(inArray(d.state, [...states]))
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
export async function changeDelivery(
  w: Writer,
  from: Pick<Delivery, 'id' | 'state' | 'leaseBy'>,
  patch: Partial<Delivery>,
): Promise<Delivery> {
  const { deliveries: d } = w.t;
  const [row] = await w.sql
    .update(d)
    .set(patch)
    .where(
      and(
        eq(d.id, from.id),
        eq(d.state, from.state),
        from.leaseBy === null ? isNull(d.leaseBy) : eq(d.leaseBy, from.leaseBy),
      ),
    )
    .returning();
  if (!row) throw conflict('Somebody else holds this delivery now.');
  return row;
}

/** Connections that have something to send, look up or take back, and may be spoken to now. */
export async function listDueConnections(r: Reader, now: number): Promise<string[]> {
  const { connections: c, deliveries: d } = r.t;
  const rows = await r.sql
    .select({ id: c.id })
    .from(c)
    .where(
      and(
        eq(c.enabled, true),
        isNull(c.pausedAt),
        or(isNull(c.notBefore), lte(c.notBefore, now), gt(c.notBefore, now + LONGEST_WAIT_MS + 60_000)),
        exists(
          r.sql
            .select({ one: sql`1` })
            .from(d)
            .where(
              and(
                eq(d.connectionId, c.id),
                or(
                  and(
                    inArray(d.state, ['pending', 'unknown', 'accepted']),
                    isNull(d.leaseBy),
                    isDueSql(d, now),
                  ),
                  and(isNotNull(d.leaseBy), leaseOverSql(d, now)),
                ),
              ),
            ),
        ),
      ),
    )
    .orderBy(asc(c.id));
  return rows.map((x) => x.id);
}

type Table = Reader['t']['deliveries'];
const isDueSql = (d: Table, now: number) =>
  or(lte(d.nextAt, now), gt(d.nextAt, now + LONGEST_WAIT_MS + 60_000));
const leaseOverSql = (d: Table, now: number) =>
  or(isNull(d.leaseUntil), lte(d.leaseUntil, now), gt(d.leaseUntil, now + LEASE_MS + 60_000));

/** Every run that holds a delivery or a lane just now. */
export async function listHolders(r: Reader): Promise<string[]> {
  const { deliveries: d, connections: c } = r.t;
  const rows = [
    ...(await r.sql.selectDistinct({ by: d.leaseBy }).from(d).where(isNotNull(d.leaseBy))),
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
  return r.sql
    .select()
    .from(d)
    .where(
      'holder' in of
        ? eq(d.leaseBy, of.holder)
        : and(eq(d.connectionId, of.connectionId), isNotNull(d.leaseBy), leaseOverSql(d, of.now)),
    )
    .orderBy(asc(d.id));
}

const HOLDING: readonly DeliveryState[] = ['pending', 'leased', 'sending', 'unknown', 'reconciling'];

/**
 * The next delivery to send on a connection: most urgent first, in the order the public read the updates, and none
 * while an earlier one of the same incident is still uncertain (held ones wait five minutes, then let go).
 */
export async function findNextToSend(
  r: Reader,
  connectionId: string,
  now: number,
): Promise<Delivery | undefined> {
  const { deliveries: d } = r.t;
  const e = alias(d as never, 'earlier') as unknown as Table;
  const [row] = await r.sql
    .select()
    .from(d)
    .where(
      and(
        eq(d.connectionId, connectionId),
        eq(d.state, 'pending'),
        isDueSql(d, now),
        sql`not exists (select 1 from ${d} as earlier where ${e.incidentId} = ${d.incidentId}
          and ${e.connectionId} = ${d.connectionId} and ${e.recipient} = ${d.recipient}
          and (${e.ord} < ${d.ord} or (${e.ord} = ${d.ord} and ${e.part} < ${d.part}))
          and (${inArray(e.state, [...HOLDING])}
            or (${e.state} = 'held' and (${e.heldAt} > ${now - HOLD_BACK_MS} or ${e.ord} = ${d.ord}))))`,
      ),
    )
    .orderBy(asc(d.priority), asc(d.ord), asc(d.part), asc(d.id))
    .limit(1);
  return row;
}

/** The next delivery to look up: one we are not sure of before one we have only not seen yet. */
export async function findNextToLookAt(
  r: Reader,
  connectionId: string,
  now: number,
): Promise<Delivery | undefined> {
  const { deliveries: d } = r.t;
  const [row] = await r.sql
    .select()
    .from(d)
    .where(
      and(
        eq(d.connectionId, connectionId),
        inArray(d.state, ['unknown', 'accepted']),
        isNull(d.leaseBy),
        isDueSql(d, now),
      ),
    )
    .orderBy(asc(d.priority), sql`case ${d.state} when 'unknown' then 0 else 1 end`, asc(d.nextAt), asc(d.id))
    .limit(1);
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
  return r.sql
    .select({ delivery: d, receipt: x })
    .from(d)
    .innerJoin(x, eq(x.deliveryId, d.id))
    .where(and(eq(d.incidentId, incidentId), eq(d.connectionId, connectionId), eq(d.recipient, '')))
    .orderBy(asc(d.ord), asc(d.part));
}

/** The newest post of ours that a connection's network has taken and not been told to remove, with its proof. */
export async function findNewestReceipt(
  r: Reader,
  connectionId: string,
): Promise<{ delivery: Delivery; receipt: Receipt } | undefined> {
  const { deliveries: d, receipts: x } = r.t;
  const [row] = await r.sql
    .select({ delivery: d, receipt: x })
    .from(d)
    .innerJoin(x, eq(x.deliveryId, d.id))
    .where(and(eq(d.connectionId, connectionId), eq(d.recipient, ''), ne(d.op, 'remove')))
    .orderBy(desc(d.ord), asc(d.part))
    .limit(1);
  return row;
}

export async function insertAttempt(w: Writer, attempt: Attempt): Promise<void> {
  await w.sql.insert(w.t.attempts).values(attempt);
}

export async function endAttempt(
  w: Writer,
  id: string,
  end: Pick<Attempt, 'endedAt' | 'outcome' | 'code' | 'status' | 'message'>,
): Promise<void> {
  await w.sql.update(w.t.attempts).set(end).where(eq(w.t.attempts.id, id));
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
  await w.sql
    .insert(x)
    .values(receipt)
    .onConflictDoUpdate({
      target: x.deliveryId,
      set: {
        remoteId: receipt.remoteId,
        url: receipt.url,
        raw: receipt.raw,
        proof: receipt.proof,
        textRead: receipt.textRead,
        readAt: receipt.readAt,
      },
    });
}

export async function findReceipt(r: Reader, deliveryId: string): Promise<Receipt | undefined> {
  const [row] = await r.sql.select().from(r.t.receipts).where(eq(r.t.receipts.deliveryId, deliveryId));
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
