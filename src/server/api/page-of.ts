import { getPage, listPages, type Page } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { notFound } from '../../domain/error.ts';
import { mayRead, type RightsOf } from '../../domain/rights.ts';

/** The page that a request names, or the installation's first. */
export async function pageOf(r: Reader, id: string | undefined): Promise<Page> {
  if (id !== undefined) return getPage(r, id);
  const [first] = await listPages(r);
  if (!first) throw notFound('page');
  return first;
}

/** The pages that somebody may read, or of them the one that a request names. Throws `not_found` for another one. */
export async function pagesRead(r: Reader, person: RightsOf, named: string | undefined): Promise<string[]> {
  const mine = (await listPages(r)).map((page) => page.id).filter((id) => mayRead(person, id));
  if (named === undefined) return mine;
  if (!mine.includes(named)) throw notFound('page');
  return [named];
}
