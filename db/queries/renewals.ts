import { and, eq } from 'drizzle-orm';
import type { Writer } from '../store.ts';

/** Puts renewed credentials in the place of those they were renewed from; false when others stand there by now. */
export async function replaceSealed(
  w: Writer,
  id: string,
  was: string,
  sealed: string,
  now: number,
): Promise<boolean> {
  const { connections: c } = w.t;
  const rows = await w.sql
    .update(c)
    .set({ sealed, updatedAt: now })
    .where(and(eq(c.id, id), eq(c.sealed, was)))
    .returning({ id: c.id });
  return rows.length === 1;
}
