import { and, asc, desc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { UpdateState } from '../../src/domain/words.ts';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type Incident = Reader['t']['incidents']['$inferSelect'];
export type Update = Reader['t']['updates']['$inferSelect'];
export type Promised = Reader['t']['promises']['$inferSelect'];

export async function insertIncident(w: Writer, incident: Incident): Promise<void> {
  await w.sql.insert(w.t.incidents).values(incident);
}

export async function findIncident(r: Reader, id: string): Promise<Incident | undefined> {
  const [row] = await r.sql.select().from(r.t.incidents).where(eq(r.t.incidents.id, id));
  return row;
}

export async function getIncident(r: Reader, id: string): Promise<Incident> {
  const row = await findIncident(r, id);
  if (!row) throw notFound('incident');
  return row;
}

export async function changeIncident(w: Writer, id: string, patch: Partial<Incident>): Promise<void> {
  await w.sql.update(w.t.incidents).set(patch).where(eq(w.t.incidents.id, id));
}

/**
 * Incidents of a page that are not over, published or still inside the house, newest first. Ordered here: asked to
 * order, SQLite would walk every ended incident too.
 */
export async function listOpenIncidents(r: Reader, pageId: string): Promise<Incident[]> {
  const { incidents: i } = r.t;
  const open = await r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), isNull(i.resolvedAt)));
  return open.sort((a, b) => (a.id < b.id ? 1 : -1));
}

export async function listIncidents(r: Reader, pageId: string, limit: number): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql.select().from(i).where(eq(i.pageId, pageId)).orderBy(desc(i.id)).limit(limit);
}

export async function insertUpdate(w: Writer, update: Update): Promise<void> {
  await w.sql.insert(w.t.updates).values(update);
}

export async function getUpdate(r: Reader, id: string): Promise<Update> {
  const { updates: u } = r.t;
  const [row] = await hot(r, 'getUpdate', { id }, () =>
    r.sql
      .select()
      .from(u)
      .where(eq(u.id, sql.placeholder('id'))),
  );
  if (!row) throw notFound('update');
  return row;
}

/**
 * Writes a change of an update only if it is still the version that the caller read; otherwise throws `conflict`,
 * so that two authors never overwrite each other and nothing is approved that has just changed.
 */
export async function changeUpdate(
  w: Writer,
  update: Pick<Update, 'id' | 'version'>,
  patch: Partial<Update>,
): Promise<Update> {
  const { updates: u } = w.t;
  const [row] = await w.sql
    .update(u)
    .set({ ...patch, version: update.version + 1 })
    .where(and(eq(u.id, update.id), eq(u.version, update.version)))
    .returning();
  if (!row)
    throw conflict(
      'Somebody else changed this update while you were working on it. Load it again.',
      'version',
    );
  return row;
}

/** All updates of an incident, oldest first. */
export async function listUpdates(r: Reader, incidentId: string): Promise<Update[]> {
  const { updates: u } = r.t;
  return r.sql.select().from(u).where(eq(u.incidentId, incidentId)).orderBy(asc(u.id));
}

/** What the public has been told in these incidents, in the order it was told. */
export async function listPublishedUpdates(r: Reader, incidentIds: readonly string[]): Promise<Update[]> {
  if (incidentIds.length === 0) return [];
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(and(inArray(u.incidentId, [...incidentIds]), isNotNull(u.publishedSeq)))
    .orderBy(asc(u.publishedSeq));
}

export async function listUpdatesInState(r: Reader, states: readonly UpdateState[]): Promise<Update[]> {
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(inArray(u.state, [...states]))
    .orderBy(asc(u.id));
}

export async function insertPromise(w: Writer, promise: Promised): Promise<void> {
  await w.sql.insert(w.t.promises).values(promise);
}

export async function findOpenPromise(r: Reader, incidentId: string): Promise<Promised | undefined> {
  const { promises: p } = r.t;
  const [row] = await r.sql
    .select()
    .from(p)
    .where(and(eq(p.incidentId, incidentId), eq(p.state, 'open')))
    .orderBy(desc(p.id))
    .limit(1);
  return row;
}

export async function changePromise(w: Writer, id: string, patch: Partial<Promised>): Promise<void> {
  await w.sql.update(w.t.promises).set(patch).where(eq(w.t.promises.id, id));
}

export async function listPromises(r: Reader, incidentIds: readonly string[]): Promise<Promised[]> {
  if (incidentIds.length === 0) return [];
  const { promises: p } = r.t;
  return r.sql
    .select()
    .from(p)
    .where(inArray(p.incidentId, [...incidentIds]))
    .orderBy(asc(p.id));
}

export async function listOpenPromises(r: Reader): Promise<Promised[]> {
  const { promises: p } = r.t;
  return r.sql.select().from(p).where(eq(p.state, 'open')).orderBy(asc(p.dueAt));
}
