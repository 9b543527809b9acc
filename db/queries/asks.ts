import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';

export type Ask = Reader['t']['approvalAsks']['$inferSelect'];

export async function insertAsk(w: Writer, ask: Ask): Promise<void> {
  await w.sql.insert(w.t.approvalAsks).values(ask);
}

/** Everybody who was asked to approve these very words, in the order they were asked. */
export async function listAsks(r: Reader, updateId: string, hash: string): Promise<Ask[]> {
  const { approvalAsks: a } = r.t;
  return r.sql
    .select()
    .from(a)
    .where(and(eq(a.updateId, updateId), eq(a.hash, hash)))
    .orderBy(asc(a.id));
}

export async function findAskBySecret(r: Reader, secretHash: string): Promise<Ask | undefined> {
  const { approvalAsks: a } = r.t;
  const [row] = await r.sql.select().from(a).where(eq(a.secretHash, secretHash));
  return row;
}

/** False when it was used before. */
export async function spendAsk(w: Writer, id: string, now: number): Promise<boolean> {
  const { approvalAsks: a } = w.t;
  const rows = await w.sql
    .update(a)
    .set({ usedAt: now })
    .where(and(eq(a.id, id), isNull(a.usedAt)))
    .returning({ id: a.id });
  return rows.length === 1;
}
