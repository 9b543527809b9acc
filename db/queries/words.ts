import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type Rendition = Reader['t']['renditions']['$inferSelect'];
export type Approval = Reader['t']['approvals']['$inferSelect'];

/** Replaces the renditions of an update that nobody has approved yet. */
export async function replaceRenditions(
  w: Writer,
  updateId: string,
  rows: readonly Rendition[],
): Promise<void> {
  const { renditions: x } = w.t;
  await w.sql.delete(x).where(and(eq(x.updateId, updateId), isNull(x.frozenAt)));
  if (rows.length > 0) await w.sql.insert(x).values([...rows]);
}

export async function listRenditions(r: Reader, updateId: string): Promise<Rendition[]> {
  const { renditions: x } = r.t;
  return r.sql.select().from(x).where(eq(x.updateId, updateId)).orderBy(asc(x.connectionId));
}

export async function getRendition(r: Reader, id: string): Promise<Rendition | undefined> {
  const { renditions: x } = r.t;
  const [row] = await hot(r, 'getRendition', { id }, () =>
    r.sql
      .select()
      .from(x)
      .where(eq(x.id, sql.placeholder('id'))),
  );
  return row;
}

export async function findRenditionByCode(r: Reader, code: string): Promise<Rendition | undefined> {
  const [row] = await r.sql.select().from(r.t.renditions).where(eq(r.t.renditions.code, code));
  return row;
}

/** From here on these words can never change. */
export async function freezeRenditions(w: Writer, updateId: string, at: number): Promise<Rendition[]> {
  const { renditions: x } = w.t;
  return w.sql.update(x).set({ frozenAt: at }).where(eq(x.updateId, updateId)).returning();
}

export async function insertApproval(w: Writer, approval: Approval): Promise<void> {
  await w.sql.insert(w.t.approvals).values(approval);
}

/** Every yes and no an update was given, oldest first, the voided ones too. */
export async function listApprovals(r: Reader, updateIds: readonly string[]): Promise<Approval[]> {
  if (updateIds.length === 0) return [];
  const { approvals: a } = r.t;
  return r.sql
    .select()
    .from(a)
    .where(inArray(a.updateId, [...updateIds]))
    .orderBy(asc(a.id));
}

/** Voids every standing yes of an update. Returns how many stood. */
export async function voidApprovals(
  w: Writer,
  updateId: string,
  at: number,
  reason: string,
): Promise<number> {
  const { approvals: a } = w.t;
  const rows = await w.sql
    .update(a)
    .set({ voidedAt: at, voidReason: reason })
    .where(and(eq(a.updateId, updateId), eq(a.decision, 'approved'), isNull(a.voidedAt)))
    .returning({ id: a.id });
  return rows.length;
}
