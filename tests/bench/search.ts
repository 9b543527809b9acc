import { and, desc, eq, exists, isNotNull, ne, sql } from 'drizzle-orm';
import { searchPublished } from '../../db/queries/search.ts';
import type { Reader } from '../../db/store.ts';
import { asIndexed, searchText, wordsAsked } from '../../src/domain/search.ts';
import { round } from './child.ts';
import { openBenchHouse } from './house.ts';

const ROUNDS = 40;
const QUESTIONS = { rare: 'incident 4321', common: 'payments', none: 'quagga', two: '支付' };

/** What a question costs with 10 and with 10,000 incidents behind it, ms, and beside reading every word as it was before. */
export async function search() {
  const few = await cost(10);
  const many = await cost(10_000);
  const out: Record<string, number> = {};
  for (const [name, { found, scan }] of Object.entries(many)) {
    out[`${name}_10_ms`] = round(few[name]!.found, 3);
    out[`${name}_10000_ms`] = round(found, 3);
    out[`${name}_of_scan`] = round(found / scan, 4);
  }
  return out;
}

async function cost(incidents: number) {
  const house = await openBenchHouse();
  try {
    await (await house.prepare('Card payments fail.'))();
    await house.tellStories(incidents);
    const { store } = house;
    const all = await store.read.sql.select().from(store.read.t.updates).orderBy(store.read.t.updates.id);
    for (let from = 0; from < all.length; from += 500)
      await store.transact(
        async (w) => {
          for (const [i, u] of all.slice(from, from + 500).entries())
            await w.sql
              .update(w.t.updates)
              .set({ searchText: searchText(`Incident ${from + i} of 支付`, u) })
              .where(eq(w.t.updates.id, u.id));
        },
        { appends: false },
      );
    const pageId = all[0]!.pageId;
    const out: Record<string, { found: number; scan: number }> = {};
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const words = wordsAsked(question).map(asIndexed);
      out[name] = {
        found: await median(() => searchPublished(store.read, pageId, words, 51)),
        scan: await median(() => scan(store.read, pageId, words)),
      };
    }
    return out;
  } finally {
    await house.close();
  }
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[ROUNDS / 2] ?? 0;
}

/** The baseline: looks into the words of every incident until it has enough. */
function scan(r: Reader, pageId: string, words: readonly string[]) {
  const { incidents: i, updates: u } = r.t;
  const said = r.sql
    .select({ one: sql`1` })
    .from(u)
    .where(
      and(
        eq(u.incidentId, i.id),
        isNotNull(u.publishedSeq),
        ne(u.state, 'retracted'),
        ...words.map((word) => sql`${u.searchText} like ${`%${word}%`}`),
      ),
    );
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.pageId, pageId), isNotNull(i.publishedAt), exists(said)))
    .orderBy(desc(i.id))
    .limit(51);
}
