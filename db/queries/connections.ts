import { and, asc, eq, gt, isNull, lt, lte, ne, notExists, or, sql } from 'drizzle-orm';
import { notFound } from '../../src/domain/error.ts';
import { CHECK_EVERY_MS } from '../../src/domain/readiness.ts';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import { dueAt, maySpeakSql } from './due.ts';

export type Connection = Reader['t']['connections']['$inferSelect'];

export async function insertConnection(w: Writer, connection: Connection): Promise<void> {
  await w.sql.insert(w.t.connections).values(connection);
}

export async function listConnections(r: Reader, pageId: string): Promise<Connection[]> {
  const { connections: c } = r.t;
  return r.sql.select().from(c).where(eq(c.pageId, pageId)).orderBy(asc(c.position), asc(c.id));
}

export async function listAllConnections(r: Reader): Promise<Connection[]> {
  const { connections: c } = r.t;
  return r.sql.select().from(c).orderBy(asc(c.id));
}

export async function getConnection(r: Reader, id: string): Promise<Connection> {
  const { connections: c } = r.t;
  const [row] = await hot(r, 'getConnection', { id }, () =>
    r.sql
      .select()
      .from(c)
      .where(eq(c.id, sql.placeholder('id'))),
  );
  if (!row) throw notFound('connection');
  return row;
}

export async function changeConnection(w: Writer, id: string, patch: Partial<Connection>): Promise<void> {
  const { connections: c } = w.t;
  await hot(w, `changeConnection:${shapeOf(patch)}`, { ...patch, connectionId: id }, () =>
    w.sql
      .update(c)
      .set(placeholders(patch))
      .where(eq(c.id, sql.placeholder('connectionId'))),
  );
}

/** Accounts that are to be looked at now: on, not refusing us, not asking us to wait. None while `quarantine` stands. */
export async function listDueChecks(r: Reader, now: number): Promise<string[]> {
  const { connections: c, installation: x } = r.t;
  const at = sql.placeholder('now');
  const checkFar = now + CHECK_EVERY_MS + 60_000;
  const rows = await hot(r, 'listDueChecks', { ...dueAt(now), checkFar }, () =>
    r.sql
      .select({ id: c.id })
      .from(c)
      .where(
        and(
          maySpeakSql(c),
          // A line to subscribers has no account of its own to look at.
          ne(c.role, 'subscribers'),
          // Further ahead than any look can be: written under a clock that has since jumped back.
          or(isNull(c.checkAt), lte(c.checkAt, at), gt(c.checkAt, sql.placeholder('checkFar'))),
          notExists(r.sql.select({ one: sql`1` }).from(x).where(eq(x.key, 'quarantine'))),
        ),
      )
      .orderBy(asc(c.id)),
  );
  return rows.map((row) => row.id);
}

/**
 * Takes or renews the right to speak for an account: one process at a time. False when another holds it. A lease that
 * lies further ahead than any lease can be was written under a clock that has since jumped back, and counts as over.
 */
export async function takeLane(
  w: Writer,
  id: string,
  by: string,
  now: number,
  leaseMs: number,
): Promise<boolean> {
  const { connections: c } = w.t;
  const rows = await w.sql
    .update(c)
    .set({ laneBy: by, laneUntil: now + leaseMs })
    .where(
      and(
        eq(c.id, id),
        or(
          isNull(c.laneBy),
          eq(c.laneBy, by),
          isNull(c.laneUntil),
          lt(c.laneUntil, now),
          gt(c.laneUntil, now + leaseMs + 60_000),
        ),
      ),
    )
    .returning({ id: c.id });
  return rows.length === 1;
}

export async function releaseLane(w: Writer, id: string, by: string): Promise<void> {
  const { connections: c } = w.t;
  await w.sql
    .update(c)
    .set({ laneBy: null, laneUntil: null })
    .where(and(eq(c.id, id), eq(c.laneBy, by)));
}

/** Gives back every lane of a run that is gone. */
export async function releaseLanesOf(w: Writer, by: string): Promise<void> {
  const { connections: c } = w.t;
  await w.sql.update(c).set({ laneBy: null, laneUntil: null }).where(eq(c.laneBy, by));
}
