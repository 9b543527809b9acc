import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, ne, sql } from 'drizzle-orm';
import type { PromiseState } from '../../src/domain/words.ts';
import type { Reader } from '../store.ts';
import type { Incident, Promised, Update } from './incidents.ts';
import type { EventRow } from './log.ts';
import type { ComponentChange } from './pages.ts';
import type { Rendition } from './words.ts';

/** What the public page is built from. Every query has a bound that does not grow with the page's history. */

/** Published incidents and maintenance that are not over, in no order: asking for one would read all that ever were. */
export async function listPublicOpen(r: Reader, pageId: string, limit: number): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), isNull(i.resolvedAt), isNotNull(i.publishedAt)))
    .limit(limit);
}

/** Published incidents and maintenance that ended after a time, the last one first. */
export async function listEndedSince(
  r: Reader,
  pageId: string,
  since: number,
  limit: number,
): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), gt(i.resolvedAt, since), isNotNull(i.publishedAt)))
    .orderBy(desc(i.resolvedAt))
    .limit(limit);
}

/** Published incidents beside a cursor (an incident id), newest first either way. */
export async function listPublicBeside(
  r: Reader,
  pageId: string,
  beside: { before?: string; after?: string },
  limit: number,
): Promise<Incident[]> {
  const { incidents: i } = r.t;
  const { before, after } = beside;
  const rows = await r.sql
    .select()
    .from(i)
    .where(
      and(
        eq(i.pageId, pageId),
        isNotNull(i.publishedAt),
        before === undefined ? undefined : lt(i.id, before),
        after === undefined ? undefined : gt(i.id, after),
      ),
    )
    .orderBy(after === undefined ? desc(i.id) : asc(i.id))
    .limit(limit);
  return after === undefined ? rows : rows.reverse();
}

/** Public incidents that began in a time, newest first. */
export async function listPublicBetween(
  r: Reader,
  pageId: string,
  from: number,
  to: number,
  limit: number,
): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), isNotNull(i.publishedAt), gte(i.startedAt, from), lt(i.startedAt, to)))
    .orderBy(desc(i.startedAt), desc(i.id))
    .limit(limit);
}

/** What the public was told in an incident, newest first. */
export async function listNewestWords(r: Reader, incidentId: string, limit: number): Promise<Update[]> {
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(and(eq(u.incidentId, incidentId), isNotNull(u.publishedSeq)))
    .orderBy(desc(u.publishedSeq))
    .limit(limit);
}

/** Corrections in these incidents, in the order they were told: what the last words have become. */
export async function listPublicCorrections(r: Reader, incidentIds: readonly string[]): Promise<Update[]> {
  if (incidentIds.length === 0) return [];
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(
      and(
        inArray(u.incidentId, [...incidentIds]),
        isNotNull(u.publishedSeq),
        isNotNull(u.correctsId),
        ne(u.state, 'retracted'),
      ),
    )
    .orderBy(asc(u.publishedSeq));
}

/** The last thing the public was told in each of these incidents and that was not taken back, as it was told first. */
export async function listLastWords(r: Reader, incidentIds: readonly string[]): Promise<Update[]> {
  if (incidentIds.length === 0) return [];
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(
      and(
        inArray(u.incidentId, [...incidentIds]),
        sql`${u.publishedSeq} = (select max(other.published_seq) from ${u} as other where other.incident_id = ${u.incidentId} and other.corrects_id is null and other.state <> 'retracted')`,
      ),
    );
}

/** How many promises of each incident were kept, came late, or are open. */
export async function countPromises(
  r: Reader,
  incidentIds: readonly string[],
): Promise<{ incidentId: string; state: PromiseState; n: number }[]> {
  if (incidentIds.length === 0) return [];
  const { promises: p } = r.t;
  const rows = await r.sql
    .select({ incidentId: p.incidentId, state: p.state, n: sql<number>`count(*)` })
    .from(p)
    .where(inArray(p.incidentId, [...incidentIds]))
    .groupBy(p.incidentId, p.state);
  return rows.map((x) => ({ ...x, n: Number(x.n) }));
}

/** The promises that these updates made or settled. */
export async function listNewestPromises(r: Reader, incidentId: string, limit: number): Promise<Promised[]> {
  const { promises: p } = r.t;
  return r.sql.select().from(p).where(eq(p.incidentId, incidentId)).orderBy(desc(p.id)).limit(limit);
}

/** A promise that outlives its incident: the report we still owe. */
export async function findOwed(
  r: Reader,
  pageId: string,
): Promise<{ promise: Promised; incident: Incident } | undefined> {
  const { promises: p, incidents: i } = r.t;
  const [row] = await r.sql
    .select({ promise: p, incident: i })
    .from(p)
    .innerJoin(i, eq(i.id, p.incidentId))
    .where(and(eq(p.state, 'open'), eq(p.pageId, pageId), isNotNull(i.resolvedAt)))
    .orderBy(asc(p.dueAt))
    .limit(1);
  return row;
}

/** Promises of a whole page made since a time, by how they ended. Grows with the year: do not ask on every event. */
export async function countPagePromises(
  r: Reader,
  pageId: string,
  since: number,
): Promise<{ kept: number; late: number }> {
  const { promises: p } = r.t;
  const rows = await r.sql
    .select({ state: p.state, n: sql<number>`count(*)` })
    .from(p)
    .where(and(eq(p.pageId, pageId), gte(p.madeAt, since)))
    .groupBy(p.state);
  const of = (state: PromiseState) => Number(rows.find((x) => x.state === state)?.n ?? 0);
  return { kept: of('kept'), late: of('late') };
}

/** Status changes of a page's components from a time on, oldest first, at most `limit`. */
export async function listChangesFrom(
  r: Reader,
  pageId: string,
  from: number,
  limit: number,
): Promise<ComponentChange[]> {
  const { componentChanges: c } = r.t;
  return r.sql
    .select()
    .from(c)
    .where(and(eq(c.pageId, pageId), gte(c.at, from)))
    .orderBy(asc(c.at), asc(c.id))
    .limit(limit);
}

/** What became of these updates on every connection: one row a delivery, with when the network took it. */
export async function listPostings(r: Reader, updateIds: readonly string[]) {
  if (updateIds.length === 0) return [];
  const { deliveries: d, receipts: x } = r.t;
  return r.sql
    .select({
      connectionId: d.connectionId,
      ord: d.ord,
      part: d.part,
      state: d.state,
      acceptedAt: x.acceptedAt,
    })
    .from(d)
    .leftJoin(x, eq(x.deliveryId, d.id))
    .where(
      and(
        inArray(d.updateId, [...updateIds]),
        eq(d.recipient, ''),
        inArray(d.op, ['publish', 'edit']),
        ne(d.state, 'skipped'),
      ),
    );
}

/** The newest public events of a page, oldest first. */
export async function listLastPublicEvents(r: Reader, pageId: string, limit: number): Promise<EventRow[]> {
  const { events: e } = r.t;
  const rows = await r.sql
    .select()
    .from(e)
    .where(and(eq(e.pageId, pageId), eq(e.public, true)))
    .orderBy(desc(e.seq))
    .limit(limit);
  return rows.reverse();
}

/** Seq of the newest thing a page has said; 0 while it has said nothing. */
export async function lastSaidSeq(r: Reader, pageId: string): Promise<number> {
  const { updates: u } = r.t;
  const [row] = await r.sql
    .select({ seq: u.publishedSeq })
    .from(u)
    .where(and(eq(u.pageId, pageId), isNotNull(u.publishedSeq)))
    .orderBy(desc(u.publishedSeq))
    .limit(1);
  return row?.seq ?? 0;
}

/** The newest things a page has said, newest first, each with its words on every network. */
export async function listNewestSaid(
  r: Reader,
  pageId: string,
  limit: number,
): Promise<{ update: Update; renditions: Rendition[] }[]> {
  const { updates: u, renditions: x } = r.t;
  const updates = await r.sql
    .select()
    .from(u)
    .where(and(eq(u.pageId, pageId), isNotNull(u.publishedSeq)))
    .orderBy(desc(u.publishedSeq))
    .limit(limit);
  if (updates.length === 0) return [];
  const ids = updates.map(({ id }) => id);
  const renditions = Map.groupBy(
    await r.sql.select().from(x).where(inArray(x.updateId, ids)),
    ({ updateId }) => updateId,
  );
  return updates.map((update) => ({ update, renditions: renditions.get(update.id) ?? [] }));
}
