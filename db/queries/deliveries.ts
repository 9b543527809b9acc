import { and, asc, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type Delivery = Reader['t']['deliveries']['$inferSelect'];
/** Rows per statement: SQLite takes at most 32,766 values in one. */
const CHUNK = 500;
/** Published here, and the network does not show it, as far as we know. */
const NOT_THERE: DeliveryState[] = ['pending', 'unknown', 'reconciling', 'held', 'refused', 'dead', 'manual'];

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

/** Posts in one of these states, of these pages or of all; what goes to subscribers one by one is not among them. */
export async function listDeliveriesInState(
  r: Reader,
  states: readonly DeliveryState[],
  limit = 1_000,
  pageIds?: readonly string[],
): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  const there = pageIds && inArray(d.pageId, [...pageIds]);
  return r.sql
    .select()
    .from(d)
    .where(and(inArray(d.state, [...states]), eq(d.recipient, ''), there))
    .orderBy(asc(d.id))
    .limit(limit);
}

/** What came after `ord` on a connection and is not there, or not surely there: oldest first, at most a hundred. */
export async function listBehind(r: Reader, connectionId: string, ord: number): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return r.sql
    .select()
    .from(d)
    .where(
      and(
        eq(d.connectionId, connectionId),
        gt(d.ord, ord),
        eq(d.recipient, ''),
        eq(d.part, 0),
        inArray(d.state, NOT_THERE),
      ),
    )
    .orderBy(asc(d.ord))
    .limit(100);
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
