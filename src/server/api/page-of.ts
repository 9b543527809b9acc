import { getPage, listPages, type Page } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { notFound } from '../../domain/error.ts';

/** The page that a request names, or the installation's first. */
export async function pageOf(r: Reader, id: string | undefined): Promise<Page> {
  if (id !== undefined) return getPage(r, id);
  const [first] = await listPages(r);
  if (!first) throw notFound('page');
  return first;
}
