import { eq, inArray, lt } from 'drizzle-orm';
import { notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type Picture = Reader['t']['pictures']['$inferSelect'];
/** A picture without its bytes. */
export type PictureFacts = Omit<Picture, 'body'>;

/** Keeps a picture; the same one twice is one. */
export async function insertPicture(w: Writer, picture: Picture): Promise<void> {
  await w.sql.insert(w.t.pictures).values(picture).onConflictDoNothing();
}

export async function findPicture(r: Reader, id: string): Promise<Picture | undefined> {
  const [row] = await r.sql.select().from(r.t.pictures).where(eq(r.t.pictures.id, id));
  return row;
}

/** Whose a picture is. Throws `not_found`. */
export async function getPicture(r: Reader, id: string): Promise<{ pageId: string }> {
  const [row] = await r.sql
    .select({ pageId: r.t.pictures.pageId })
    .from(r.t.pictures)
    .where(eq(r.t.pictures.id, id));
  if (!row) throw notFound('picture');
  return row;
}

/** Of one incident, the oldest first, without their bytes. */
export async function listPictures(r: Reader, incidentId: string): Promise<PictureFacts[]> {
  const { pictures: p } = r.t;
  return r.sql
    .select({
      id: p.id,
      incidentId: p.incidentId,
      pageId: p.pageId,
      type: p.type,
      width: p.width,
      height: p.height,
      size: p.size,
      createdBy: p.createdBy,
      createdAt: p.createdAt,
    })
    .from(p)
    .where(eq(p.incidentId, incidentId))
    .orderBy(p.createdAt, p.id);
}

/** Every picture of a page, as far as its name is concerned. */
export async function listPagePictures(r: Reader, pageId: string): Promise<Pick<Picture, 'id' | 'type'>[]> {
  const { pictures: p } = r.t;
  return r.sql.select({ id: p.id, type: p.type }).from(p).where(eq(p.pageId, pageId));
}

/** Incidents that have pictures from before `before` (ms). */
export async function listIncidentsWithPictures(r: Reader, before: number): Promise<string[]> {
  const { pictures: p } = r.t;
  const rows = await r.sql.selectDistinct({ id: p.incidentId }).from(p).where(lt(p.createdAt, before));
  return rows.map((row) => row.id);
}

export async function deletePictures(w: Writer, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await w.sql.delete(w.t.pictures).where(inArray(w.t.pictures.id, [...ids]));
}
