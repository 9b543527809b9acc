import { and, asc, desc, eq, gt, inArray, isNotNull, lt, ne, sql } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';
import type { Incident, Update } from './incidents.ts';

/** Updates that are looked at in one go, and most of them for one question: a word that is everywhere ends early. */
const AT_ONCE = 200;
const MOST = 4_000;

interface Hit {
  incidentId: string;
  seq: number | null;
}

/**
 * Public incidents of a page in which one update, its title included, has all of these words (folded, as `asIndexed` has
 * them), newest first. What was taken back is not found: nobody should rely on it. Reads an index of every three
 * characters in a row, newest updates first, until it has enough.
 */
export async function searchPublished(
  r: Reader,
  pageId: string,
  words: readonly string[],
  limit: number,
): Promise<Incident[]> {
  const { incidents: i } = r.t;
  const found = new Set<string>();
  let before: number | undefined;
  for (let looked = 0; looked < MOST && found.size < limit; looked += AT_ONCE) {
    const hits = await (r.dialect === 'pg' ? hitsPg : hitsSqlite)(r, pageId, words, before);
    for (const { incidentId } of hits) found.add(incidentId);
    before = hits.at(-1)?.seq ?? undefined;
    if (hits.length < AT_ONCE) break;
  }
  if (found.size === 0) return [];
  const rows = await r.sql
    .select()
    .from(i)
    .where(and(inArray(i.id, [...found]), isNotNull(i.publishedAt)))
    .orderBy(desc(i.id));
  return rows.slice(0, limit);
}

const alsoTrue = (r: Reader, pageId: string, before: number | undefined) => {
  const { updates: u } = r.t;
  return [
    eq(u.pageId, pageId),
    ne(u.state, 'retracted'),
    ...(before === undefined ? [] : [lt(u.publishedSeq, before)]),
  ];
};

/** See `update_search` in the migrations: a full-text table whose rows are numbered by the seq of publication. */
async function hitsSqlite(
  r: Reader,
  pageId: string,
  words: readonly string[],
  before?: number,
): Promise<Hit[]> {
  const { updates: u } = r.t;
  const match = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ');
  return r.sql
    .select({ incidentId: u.incidentId, seq: u.publishedSeq })
    .from(sql`update_search`)
    .innerJoin(u, sql`${u.publishedSeq} = update_search.rowid`)
    .where(
      and(
        sql`update_search.search_text match ${match}`,
        ...(before === undefined ? [] : [sql`update_search.rowid < ${before}`]),
        ...alsoTrue(r, pageId, undefined),
      ),
    )
    .orderBy(sql`update_search.rowid desc`)
    .limit(AT_ONCE) as unknown as Promise<Hit[]>;
}

/** What stands for itself and for nothing else in a pattern. */
const literally = (word: string): string => word.replace(/[\\%_]/g, (c) => `\\${c}`);

/** See `tocsin_grams` in the migrations: the index finds candidates, the words themselves decide. */
async function hitsPg(r: Reader, pageId: string, words: readonly string[], before?: number): Promise<Hit[]> {
  const { updates: u } = r.t;
  return r.sql
    .select({ incidentId: u.incidentId, seq: u.publishedSeq })
    .from(u)
    .where(
      and(
        isNotNull(u.publishedSeq),
        isNotNull(u.searchText),
        ...words.map((word) => sql`tocsin_grams(${u.searchText}) @> tocsin_grams(${word})`),
        ...words.map((word) => sql`${u.searchText} like ${`%${literally(word)}%`} escape '\\'`),
        ...alsoTrue(r, pageId, before),
      ),
    )
    .orderBy(desc(u.publishedSeq))
    .limit(AT_ONCE);
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
