import { and, asc, desc, eq, exists, gt, isNotNull, ne, sql } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';
import type { Incident, Update } from './incidents.ts';

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

/** Published updates after an id, with the titles of their incidents, for what search reads of them. */
export async function listForSearch(
  r: Reader,
  after: string,
  limit: number,
): Promise<{ update: Update; title: string }[]> {
  const { incidents: i, updates: u } = r.t;
  return r.sql
    .select({ update: u, title: i.title })
    .from(u)
    .innerJoin(i, eq(i.id, u.incidentId))
    .where(and(gt(u.id, after), isNotNull(u.publishedSeq)))
    .orderBy(asc(u.id))
    .limit(limit);
}

export async function setSearchText(w: Writer, updateId: string, searchText: string): Promise<void> {
  await w.sql.update(w.t.updates).set({ searchText }).where(eq(w.t.updates.id, updateId));
}
