import { and, asc, eq } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type MessageMap = Reader['t']['messageMaps']['$inferSelect'];

export async function insertMap(w: Writer, map: MessageMap): Promise<void> {
  await w.sql.insert(w.t.messageMaps).values(map);
}

export async function getMap(r: Reader, id: string): Promise<MessageMap> {
  const [row] = await r.sql.select().from(r.t.messageMaps).where(eq(r.t.messageMaps.id, id));
  if (!row) throw notFound('message map');
  return row;
}

/** Of a page, oldest first. */
export async function listMaps(r: Reader, pageId: string): Promise<MessageMap[]> {
  const { messageMaps: m } = r.t;
  return r.sql.select().from(m).where(eq(m.pageId, pageId)).orderBy(asc(m.id));
}

/** Writes a change only over the version that the caller read; otherwise throws `conflict`. */
export async function changeMap(
  w: Writer,
  map: Pick<MessageMap, 'id' | 'version'>,
  patch: Partial<MessageMap>,
): Promise<MessageMap> {
  const { messageMaps: m } = w.t;
  const [row] = await w.sql
    .update(m)
    .set({ ...patch, version: map.version + 1 })
    .where(and(eq(m.id, map.id), eq(m.version, map.version)))
    .returning();
  if (!row) throw conflict('Somebody else changed this map meanwhile. Load it again.', 'version');
  return row;
}
