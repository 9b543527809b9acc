import { and, asc, eq } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type HandOver = Reader['t']['handOvers']['$inferSelect'];

export async function insertHandOver(w: Writer, row: HandOver): Promise<void> {
  await w.sql.insert(w.t.handOvers).values(row);
}

export async function getHandOver(r: Reader, id: string): Promise<HandOver> {
  const [row] = await r.sql.select().from(r.t.handOvers).where(eq(r.t.handOvers.id, id));
  if (!row) throw notFound('hand-over');
  return row;
}

/** Every time this incident was offered to somebody, oldest first. */
export async function listHandOvers(r: Reader, incidentId: string): Promise<HandOver[]> {
  const { handOvers: h } = r.t;
  return r.sql.select().from(h).where(eq(h.incidentId, incidentId)).orderBy(asc(h.id));
}

/** Those that nobody has answered. */
export async function listAskedHandOvers(r: Reader): Promise<HandOver[]> {
  const { handOvers: h } = r.t;
  return r.sql.select().from(h).where(eq(h.state, 'asked')).orderBy(asc(h.id));
}

/** Changes one that is still unanswered; throws `conflict` when somebody was faster. */
export async function changeHandOver(w: Writer, id: string, patch: Partial<HandOver>): Promise<HandOver> {
  const { handOvers: h } = w.t;
  const [row] = await w.sql
    .update(h)
    .set(patch)
    .where(and(eq(h.id, id), eq(h.state, 'asked')))
    .returning();
  if (!row) throw conflict('This hand-over was answered already.');
  return row;
}
