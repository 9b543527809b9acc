import { type Incident, listOpenIncidents } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import type { SilentView } from '../../templates/desk-views.ts';
import { remaining } from './moments.ts';

/** What was declared longer ago than this and never spoken of is not about to be, ms. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/** The incident that was noticed first of those of which the public has not heard: its clock runs on every screen. */
export async function silentView(r: Reader, pages: readonly Page[], now: number): Promise<SilentView | null> {
  const open: Incident[] = [];
  for (const page of pages) open.push(...(await listOpenIncidents(r, page.id)));
  const silent = open
    .filter((i) => i.kind === 'incident' && i.publishedAt === null && now - i.detectedAt < FORGOTTEN_MS)
    .sort((a, b) => a.detectedAt - b.detectedAt);
  const [first] = silent;
  if (!first) return null;
  return {
    href: `/desk/incidents/${first.id}`,
    title: first.title,
    since: first.detectedAt,
    text: remaining(now - first.detectedAt),
    more: silent.length === 1 ? '' : ` and ${silent.length - 1} more`,
  };
}
