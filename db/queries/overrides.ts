import { and, asc, eq, isNull } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type Override = Reader['t']['overrides']['$inferSelect'];

export async function insertOverride(w: Writer, row: Override): Promise<void> {
  await w.sql.insert(w.t.overrides).values(row);
}

export async function getOverride(r: Reader, id: string): Promise<Override> {
  const [row] = await r.sql.select().from(r.t.overrides).where(eq(r.t.overrides.id, id));
  if (!row) throw notFound('override');
  return row;
}

/** Of an incident, oldest first. */
export async function listOverrides(r: Reader, incidentId: string): Promise<Override[]> {
  const { overrides: o } = r.t;
  return r.sql.select().from(o).where(eq(o.incidentId, incidentId)).orderBy(asc(o.id));
}

/** Those that nobody has looked at afterwards, on any page, oldest first. */
export async function listUnreviewed(r: Reader): Promise<Override[]> {
  const { overrides: o } = r.t;
  return r.sql.select().from(o).where(isNull(o.reviewedAt)).orderBy(asc(o.id));
}

/** Changes one that was not reviewed yet; throws `conflict` when it was. */
export async function changeOverride(w: Writer, id: string, patch: Partial<Override>): Promise<Override> {
  const { overrides: o } = w.t;
  const [row] = await w.sql
    .update(o)
    .set(patch)
    .where(and(eq(o.id, id), isNull(o.reviewedAt)))
    .returning();
  if (!row) throw conflict('This was reviewed already.');
  return row;
}
