import { and, asc, eq } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';

export type DeskPush = Reader['t']['deskPushes']['$inferSelect'];

/** Keeps a browser of a person; the same browser is theirs from then on, whoever had it before. */
export async function keepPush(w: Writer, push: DeskPush): Promise<void> {
  const { id: _, ...rest } = push;
  const { deskPushes: p } = w.t;
  await w.sql.delete(p).where(eq(p.hash, push.hash));
  await w.sql.insert(p).values({ id: push.id, ...rest });
}

export async function listPushes(r: Reader, personId: string): Promise<DeskPush[]> {
  const { deskPushes: p } = r.t;
  return r.sql.select().from(p).where(eq(p.personId, personId)).orderBy(asc(p.id));
}

/** False when it is not there, or not this person's. */
export async function deletePush(w: Writer, personId: string, id: string): Promise<boolean> {
  const { deskPushes: p } = w.t;
  const rows = await w.sql
    .delete(p)
    .where(and(eq(p.id, id), eq(p.personId, personId)))
    .returning({ id: p.id });
  return rows.length === 1;
}

export async function notePush(w: Writer, id: string, now: number): Promise<void> {
  const { deskPushes: p } = w.t;
  await w.sql.update(p).set({ lastOkAt: now }).where(eq(p.id, id));
}
