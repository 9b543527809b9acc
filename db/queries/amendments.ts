import { and, eq, inArray } from 'drizzle-orm';
import type { Writer } from '../store.ts';

/** Writes on what was sent or is to be sent of these updates that their words were put right by another. */
export async function markAmended(w: Writer, updateIds: readonly string[], amendedBy: string): Promise<void> {
  const { deliveries: d } = w.t;
  await w.sql
    .update(d)
    .set({ amendedBy })
    .where(and(inArray(d.updateId, [...updateIds]), eq(d.recipient, '')));
}
