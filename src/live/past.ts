import type { Incident } from '../../db/queries/incidents.ts';
import { listPublicBeside, listPublicBetween } from '../../db/queries/public.ts';
import { searchPublished } from '../../db/queries/search.ts';
import type { Reader } from '../../db/store.ts';
import { isEnded } from '../domain/incident.ts';
import { asIndexed, wordsAsked } from '../domain/search.ts';
import { isoDay } from '../templates/format.ts';
import type { HistoryView } from '../templates/views.ts';
import { startOfDay } from './days.ts';
import { readPast } from './facts.ts';
import type { PageState } from './follow.ts';
import { type Frame, historyView } from './page-view.ts';
import { pathOf } from './place.ts';

/** The past of a page, as somebody asks for it: a stretch of it, a month, or everything with some words in it. */
export type PastLeaf =
  | { history: { before?: string; after?: string } }
  | { month: string }
  | { search: string };

const A_PAGE = 25;
/** A month with more is shown by its newest. */
const A_MONTH = 200;
const FOUND = 50;

const isPast = (i: Incident): boolean => i.status !== null && (i.kind === 'incident' || isEnded(i.status));

/** Undefined when there is no such stretch. */
export async function readHistory(
  r: Reader,
  { page, facts }: PageState,
  leaf: PastLeaf,
  frame: Frame,
): Promise<HistoryView | undefined> {
  const path = `${pathOf(page, frame.language)}/history`;
  const view = async (
    shown: readonly Incident[],
    beside: { newer: string | null; older: string | null } = { newer: null, older: null },
  ) => historyView(facts, await readPast(r, shown), beside, frame);
  if ('search' in leaf) {
    const words = wordsAsked(leaf.search).map(asIndexed);
    const found = words.length === 0 ? [] : await searchPublished(r, page.id, words, FOUND + 1);
    // What was said of work that is still to come is looked for as well.
    const drawn = await view(found.slice(0, FOUND));
    return {
      ...drawn,
      search: { question: leaf.search, found: Math.min(found.length, FOUND), more: found.length > FOUND },
    };
  }
  if ('month' in leaf) {
    const from = startOfDay(`${leaf.month}-01`, page.timeZone);
    const next = monthBeside(leaf.month, 1);
    const found = await listPublicBetween(r, page.id, from, startOfDay(`${next}-01`, page.timeZone), A_MONTH);
    const now = isoDay(frame.now, page.timeZone).slice(0, 7);
    if (leaf.month > now) return undefined;
    const first = isoDay(Math.min(page.createdAt, found.at(-1)?.startedAt ?? page.createdAt), page.timeZone);
    const before = monthBeside(leaf.month, -1);
    const drawn = await view(found.filter(isPast));
    return {
      ...drawn,
      month: { at: from + 14 * 86_400_000, name: leaf.month },
      newerUrl: next > now ? null : `${path}?month=${next}`,
      olderUrl: found.length === 0 && before < first.slice(0, 7) ? null : `${path}?month=${before}`,
    };
  }
  const { before, after } = leaf.history;
  const found = await listPublicBeside(r, page.id, leaf.history, A_PAGE + 1);
  const more = found.length > A_PAGE;
  const shown = after === undefined ? found.slice(0, A_PAGE) : found.slice(-A_PAGE);
  if (shown.length === 0 && (before ?? after) !== undefined) return undefined;
  const newer = (after === undefined ? before !== undefined : more) && shown[0];
  const older = (after === undefined ? more : true) && shown.at(-1);
  return view(shown.filter(isPast), { newer: newer ? newer.id : null, older: older ? older.id : null });
}

/** The month `n` after "2026-11". */
function monthBeside(month: string, n: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + n, 1)).toISOString().slice(0, 7);
}
