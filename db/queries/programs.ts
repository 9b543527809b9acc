import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { IncidentKind } from '../../src/domain/words.ts';
import type { Reader } from '../store.ts';
import type { Incident } from './incidents.ts';

/** The newest published incidents, or planned maintenance, of a page. Reads past the other kind: ask once, then follow. */
export async function listNewestOfKind(
  r: Reader,
  pageId: string,
  kind: IncidentKind,
  limit: number,
): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), eq(i.kind, kind), isNotNull(i.publishedAt)))
    .orderBy(desc(i.id))
    .limit(limit);
}
