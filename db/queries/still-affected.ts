import { and, count, eq, inArray, isNotNull, lt, max, sql } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';

/** Counts people who say that they still have trouble: whoever says it again is counted once, with the later time. */
export async function keepStillAffected(
  w: Writer,
  rows: readonly { incidentId: string; visitor: string; at: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  const { stillAffected: x } = w.t;
  await w.sql
    .insert(x)
    .values([...rows])
    .onConflictDoUpdate({ target: [x.incidentId, x.visitor], set: { at: sql`excluded.at` } });
}

/** How many said so of each of these incidents, and how many since a time. What was counted for good is in `incidents`. */
export async function countStillAffected(
  r: Reader,
  incidentIds: readonly string[],
  since: number,
): Promise<Map<string, { all: number; lately: number }>> {
  if (incidentIds.length === 0) return new Map();
  const { stillAffected: x } = r.t;
  const rows = await r.sql
    .select({
      incidentId: x.incidentId,
      all: count(),
      lately: sql<number>`sum(case when ${x.at} >= ${since} then 1 else 0 end)`,
    })
    .from(x)
    .where(inArray(x.incidentId, [...incidentIds]))
    .groupBy(x.incidentId);
  return new Map(rows.map((row) => [row.incidentId, { all: Number(row.all), lately: Number(row.lately) }]));
}

/** When somebody last said so; null when nobody did. */
export async function lastStillAffected(r: Reader): Promise<number | null> {
  const [row] = await r.sql.select({ at: max(r.t.stillAffected.at) }).from(r.t.stillAffected);
  return row?.at ?? null;
}

/** Incidents that ended before a time and whose people have not been counted for good yet. */
export async function listUncounted(r: Reader, endedBefore: number, limit: number): Promise<string[]> {
  const { incidents: i, stillAffected: x } = r.t;
  const rows = await r.sql
    .selectDistinct({ id: i.id })
    .from(x)
    .innerJoin(i, eq(i.id, x.incidentId))
    .where(and(isNotNull(i.resolvedAt), lt(i.resolvedAt, endedBefore)))
    .limit(limit);
  return rows.map((row) => row.id);
}

/** Leaves the number and forgets who they were. */
export async function countForGood(w: Writer, incidentId: string): Promise<void> {
  const { incidents: i, stillAffected: x } = w.t;
  const [row] = await w.sql.select({ n: count() }).from(x).where(eq(x.incidentId, incidentId));
  await w.sql
    .update(i)
    .set({ stillAffected: sql`coalesce(${i.stillAffected}, 0) + ${Number(row?.n ?? 0)}` })
    .where(eq(i.id, incidentId));
  await w.sql.delete(x).where(eq(x.incidentId, incidentId));
}
