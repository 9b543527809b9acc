import { and, eq, lt } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';

export type Draft = Reader['t']['drafts']['$inferSelect'];

export async function findDraft(r: Reader, updateId: string, personId: string): Promise<Draft | undefined> {
  const { drafts: d } = r.t;
  const [row] = await r.sql
    .select()
    .from(d)
    .where(and(eq(d.updateId, updateId), eq(d.personId, personId)));
  return row;
}

export async function setDraft(w: Writer, draft: Draft): Promise<void> {
  const { updateId: _u, personId: _p, ...set } = draft;
  await w.sql
    .insert(w.t.drafts)
    .values(draft)
    .onConflictDoUpdate({ target: [w.t.drafts.updateId, w.t.drafts.personId], set });
}

export async function deleteDraft(w: Writer, updateId: string, personId: string): Promise<void> {
  const { drafts: d } = w.t;
  await w.sql.delete(d).where(and(eq(d.updateId, updateId), eq(d.personId, personId)));
}

export async function deleteOldDrafts(w: Writer, before: number): Promise<void> {
  await w.sql.delete(w.t.drafts).where(lt(w.t.drafts.savedAt, before));
}
