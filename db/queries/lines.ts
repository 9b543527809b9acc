import { and, asc, eq, exists, getTableColumns, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { LEASE_MS } from '../../src/domain/delivery-times.ts';
import { SLOW_AFTER } from '../../src/domain/subscriber.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import type { Delivery } from './deliveries.ts';
import { dueAt, isDueSql, leaseOverSql, maySpeakSql } from './due.ts';

/** States of what has not arrived and has not been given up. */
export const ON_THEIR_WAY: readonly DeliveryState[] = ['pending', 'leased', 'sending', 'unknown'];

/** Connections that speak to subscribers and have something to send or take back now. */
export async function listDueLines(r: Reader, now: number): Promise<string[]> {
  const { connections: c, deliveries: d } = r.t;
  const rows = await hot(r, 'listDueLines', { ...dueAt(now), leaseFar: now + LEASE_MS + 60_000 }, () =>
    r.sql
      .select({ id: c.id })
      .from(c)
      .where(
        and(
          eq(c.role, 'subscribers'),
          maySpeakSql(c),
          or(
            exists(
              r.sql
                .select({ one: sql`1` })
                .from(d)
                .where(and(eq(d.connectionId, c.id), eq(d.state, 'pending'), isDueSql(d))),
            ),
            exists(
              r.sql
                .select({ one: sql`1` })
                .from(d)
                .where(
                  and(eq(d.connectionId, c.id), inArray(d.state, ['leased', 'sending']), leaseOverSql(d)),
                ),
            ),
          ),
        ),
      ),
  );
  return rows.map((row) => row.id);
}

/** The next to send on a line, in the order in which the public read the updates. */
export async function listNextOnLine(
  r: Reader,
  connectionId: string,
  now: number,
  limit: number,
): Promise<Delivery[]> {
  const { deliveries: d } = r.t;
  return hot(r, 'listNextOnLine', { connectionId, ...dueAt(now), limit }, () =>
    r.sql
      .select()
      .from(d)
      .where(and(eq(d.connectionId, sql.placeholder('connectionId')), eq(d.state, 'pending'), isDueSql(d)))
      .orderBy(asc(d.priority), asc(d.ord), asc(d.part))
      .limit(sql.placeholder('limit')),
  );
}

/** As `listNextOnLine`, to none but those who have not answered in time again and again, or to all but those. */
export async function listNextByPace(
  r: Reader,
  pace: 'slow' | 'usual',
  connectionId: string,
  now: number,
  limit: number,
): Promise<Delivery[]> {
  if (limit === 0) return [];
  const { deliveries: d, subscribers: s } = r.t;
  const which = pace === 'slow' ? gte(s.timeouts, SLOW_AFTER) : or(isNull(s.id), lt(s.timeouts, SLOW_AFTER));
  return hot(r, `listNextByPace:${pace}`, { connectionId, ...dueAt(now), limit }, () =>
    r.sql
      .select(getTableColumns(d))
      .from(d)
      .leftJoin(s, eq(s.id, d.recipient))
      .where(
        and(eq(d.connectionId, sql.placeholder('connectionId')), eq(d.state, 'pending'), isDueSql(d), which),
      )
      .orderBy(asc(d.priority), asc(d.ord), asc(d.part))
      .limit(sql.placeholder('limit')),
  );
}

/** What of these updates is still on its way to `recipients`, on this connection. */
export async function listOnTheirWay(
  r: Reader,
  of: { connectionId: string; updateIds: readonly string[]; recipients: readonly string[] },
): Promise<Pick<Delivery, 'recipient' | 'ord' | 'part'>[]> {
  if (of.updateIds.length === 0 || of.recipients.length === 0) return [];
  const { deliveries: d } = r.t;
  return r.sql
    .select({ recipient: d.recipient, ord: d.ord, part: d.part })
    .from(d)
    .where(
      and(
        inArray(d.updateId, [...of.updateIds]),
        eq(d.connectionId, of.connectionId),
        inArray(d.recipient, [...of.recipients]),
        inArray(d.state, [...ON_THEIR_WAY]),
      ),
    );
}

/**
 * Writes one patch to many deliveries that are all in the same state and hands. Returns the ids that it found so:
 * whoever holds the others now is right.
 */
export async function changeDeliveries(
  w: Writer,
  ids: readonly string[],
  from: Pick<Delivery, 'state' | 'leaseBy'>,
  patch: Partial<Delivery>,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { deliveries: d } = w.t;
  const { state, leaseBy } = from;
  const named = Object.fromEntries(ids.map((id, i) => [`from${i}`, id]));
  const rows = await hot(
    w,
    `changeDeliveries:${shapeOf(patch)}:${ids.length}:${leaseBy === null}`,
    { ...patch, ...named, fromState: state, fromLeaseBy: leaseBy },
    () =>
      w.sql
        .update(d)
        .set(placeholders(patch))
        .where(
          and(
            inArray(
              d.id,
              ids.map((_, i) => sql.placeholder(`from${i}`)),
            ),
            eq(d.state, sql.placeholder('fromState')),
            leaseBy === null ? isNull(d.leaseBy) : eq(d.leaseBy, sql.placeholder('fromLeaseBy')),
          ),
        )
        .returning({ id: d.id }),
  );
  return new Set(rows.map((row) => row.id));
}
