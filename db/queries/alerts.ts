import { and, asc, desc, eq, gte, isNull, sql } from 'drizzle-orm';
import { notFound } from '../../src/domain/error.ts';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import { dueAt, isDueSql } from './due.ts';

export type Alert = Reader['t']['alerts']['$inferSelect'];

/** What need not be said of an alert: about nothing in particular, for whoever is on call, and nothing done yet. */
const PLAIN = {
  connectionId: null,
  deliveryId: null,
  incidentId: null,
  updateId: null,
  personId: null,
  sentAt: null,
  tries: 0,
  doneAt: null,
  doneBy: null,
};
type Told = keyof typeof PLAIN | 'nextAt';

/** An alert that is due to be sent from the moment it is raised. */
export async function insertAlert(
  w: Writer,
  alert: Omit<Alert, Told> & Partial<Pick<Alert, Told>>,
): Promise<void> {
  await w.sql.insert(w.t.alerts).values({ ...PLAIN, nextAt: alert.raisedAt, ...alert });
}

/** Alerts that somebody has still to be told, oldest first. */
export async function listDueAlerts(r: Reader, now: number, limit: number): Promise<Alert[]> {
  const { alerts: a } = r.t;
  return hot(r, 'listDueAlerts', { ...dueAt(now), limit }, () =>
    r.sql
      .select()
      .from(a)
      .where(and(isNull(a.sentAt), isDueSql(a)))
      .orderBy(asc(a.id))
      .limit(sql.placeholder('limit')),
  );
}

/** Puts an alert off while one process sends it; false when another took it, or its turn has passed. */
export async function claimAlert(
  w: Writer,
  alert: Alert,
  patch: Pick<Alert, 'nextAt' | 'tries'>,
): Promise<boolean> {
  const { alerts: a } = w.t;
  const rows = await w.sql
    .update(a)
    .set(patch)
    .where(and(eq(a.id, alert.id), isNull(a.sentAt), eq(a.nextAt, alert.nextAt), eq(a.tries, alert.tries)))
    .returning({ id: a.id });
  return rows.length === 1;
}

export async function changeAlert(w: Writer, id: string, patch: Partial<Alert>): Promise<void> {
  await w.sql.update(w.t.alerts).set(patch).where(eq(w.t.alerts.id, id));
}

/** Newest first, for the desk. */
export async function listAlerts(r: Reader, pageId: string, limit: number): Promise<Alert[]> {
  const { alerts: a } = r.t;
  return r.sql.select().from(a).where(eq(a.pageId, pageId)).orderBy(desc(a.id)).limit(limit);
}

/** When an alert of this kind was last raised for an account; null is never. */
export async function findLastAlertAt(r: Reader, connectionId: string, kind: string): Promise<number | null> {
  const { alerts: a } = r.t;
  const [row] = await r.sql
    .select({ at: a.raisedAt })
    .from(a)
    .where(and(eq(a.connectionId, connectionId), eq(a.kind, kind)))
    .orderBy(desc(a.raisedAt))
    .limit(1);
  return row?.at ?? null;
}

/** When an alert of this kind was last raised on a page; null is never. */
export async function findLastAlertOn(r: Reader, pageId: string, kind: string): Promise<number | null> {
  const { alerts: a } = r.t;
  const [row] = await r.sql
    .select({ at: a.raisedAt })
    .from(a)
    .where(and(eq(a.pageId, pageId), eq(a.kind, kind)))
    .orderBy(desc(a.raisedAt))
    .limit(1);
  return row?.at ?? null;
}

/** The newest alert of this kind about an incident since a moment. */
export async function findAlertAbout(
  r: Reader,
  incidentId: string,
  kind: string,
  since: number,
): Promise<Alert | undefined> {
  const { alerts: a } = r.t;
  const [row] = await r.sql
    .select()
    .from(a)
    .where(and(eq(a.incidentId, incidentId), eq(a.kind, kind), gte(a.raisedAt, since)))
    .orderBy(desc(a.id))
    .limit(1);
  return row;
}

export async function getAlert(r: Reader, id: string): Promise<Alert> {
  const [row] = await r.sql.select().from(r.t.alerts).where(eq(r.t.alerts.id, id));
  if (!row) throw notFound('alert');
  return row;
}

/** The newest alert of this kind about an update since a moment. */
export async function findAlertOf(
  r: Reader,
  updateId: string,
  kind: string,
  since: number,
): Promise<Alert | undefined> {
  const { alerts: a } = r.t;
  const [row] = await r.sql
    .select()
    .from(a)
    .where(and(eq(a.updateId, updateId), eq(a.kind, kind), gte(a.raisedAt, since)))
    .orderBy(desc(a.id))
    .limit(1);
  return row;
}
