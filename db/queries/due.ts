import { and, asc, eq, exists, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { LEASE_MS, LONGEST_WAIT_MS } from '../../src/domain/delivery-times.ts';
import { CLOCK_SLACK_MS, HOLD_BACK_MS } from '../../src/domain/delivery-waits.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import type { Delivery } from './deliveries.ts';

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
  const rows = await hot(r, 'listDueConnections', { ...dueAt(now), leaseFar: now + LEASE_MS + 60_000 }, () =>
    r.sql
      .select({ id: c.id })
      .from(c)
      .where(
        and(
          maySpeakSql(c),
          // Subscribers are spoken to one by one, on lines of their own.
          ne(c.role, 'subscribers'),
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

type Tables = Reader['t'];
type Table = Tables['deliveries'];
/** Placeholders `now` and `far`; see `isDue` in the domain. */
export const isDueSql = (x: Pick<Tables['deliveries' | 'alerts' | 'letters'], 'nextAt'>) =>
  or(lte(x.nextAt, sql.placeholder('now')), gt(x.nextAt, sql.placeholder('far')));
/** Their values at `now`, ms. */
export const dueAt = (now: number) => ({ now, far: now + LONGEST_WAIT_MS + 60_000 });
/** Whether an account may be spoken to: on, not refusing us, not asking us to wait. Placeholders as for `isDueSql`. */
export const maySpeakSql = (c: Tables['connections']) =>
  and(
    eq(c.enabled, true),
    isNull(c.pausedAt),
    or(
      isNull(c.notBefore),
      lte(c.notBefore, sql.placeholder('now')),
      gt(c.notBefore, sql.placeholder('far')),
    ),
  );
/** Placeholders `now` and `leaseFar`; see `leaseIsOver` in the domain. */
export const leaseOverSql = (d: Table) =>
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
