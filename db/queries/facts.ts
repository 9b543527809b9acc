import { and, asc, eq } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type FactRow = Reader['t']['facts']['$inferSelect'];

export async function insertFact(w: Writer, fact: FactRow): Promise<void> {
  await w.sql.insert(w.t.facts).values(fact);
}

export async function getFact(r: Reader, id: string): Promise<FactRow> {
  const [row] = await r.sql.select().from(r.t.facts).where(eq(r.t.facts.id, id));
  if (!row) throw notFound('fact');
  return row;
}

/** Everything that was ever written down of an incident, oldest first, what was withdrawn too. */
export async function listFacts(r: Reader, incidentId: string): Promise<FactRow[]> {
  const { facts } = r.t;
  return r.sql.select().from(facts).where(eq(facts.incidentId, incidentId)).orderBy(asc(facts.id));
}

/** Writes a change only over the version that the caller read; otherwise throws `conflict`. */
export async function changeFact(
  w: Writer,
  fact: Pick<FactRow, 'id' | 'version'>,
  patch: Partial<FactRow>,
): Promise<FactRow> {
  const { facts } = w.t;
  const [row] = await w.sql
    .update(facts)
    .set({ ...patch, version: fact.version + 1 })
    .where(and(eq(facts.id, fact.id), eq(facts.version, fact.version)))
    .returning();
  if (!row) throw conflict('Somebody else changed this fact meanwhile. Load it again.', 'version');
  return row;
}
