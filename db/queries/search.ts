import { and, desc, eq, exists, isNotNull, ne, sql } from 'drizzle-orm';
import type { Reader } from '../store.ts';
import type { Incident } from './incidents.ts';

/** What stands for itself and for nothing else in a pattern. */
const literally = (word: string): string => word.replace(/[\\%_]/g, (c) => `\\${c}`);

/**
 * Public incidents of a page in which one update, its title included, has all of these folded words, newest first. What
 * was taken back is not found: nobody should rely on it.
 */
export async function searchPublished(
  r: Reader,
  pageId: string,
  words: readonly string[],
  limit: number,
): Promise<Incident[]> {
  const { incidents: i, updates: u } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(
      and(
        eq(i.pageId, pageId),
        isNotNull(i.publishedAt),
        exists(
          r.sql
            .select({ one: sql`1` })
            .from(u)
            .where(
              and(
                eq(u.incidentId, i.id),
                isNotNull(u.publishedSeq),
                ne(u.state, 'retracted'),
                ...words.map((word) => sql`${u.searchText} like ${`%${literally(word)}%`} escape '\\'`),
              ),
            ),
        ),
      ),
    )
    .orderBy(desc(i.id))
    .limit(limit);
}
