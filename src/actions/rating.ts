import { type Incident, listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import type { Reader } from '../../db/store.ts';
import { rateWith } from '../domain/incident.ts';
import type { Impact } from '../domain/words.ts';

/** Whether an update brings the public what a person says of how bad it is: a second person reads it, and it is news. */
export const bringsRating = (u: Pick<Update, 'amends' | 'heartbeat' | 'plannedOf'>): boolean =>
  u.amends === null && !u.heartbeat && u.plannedOf === null;

/** The rating that a yes to this update is a yes to; undefined when it brings none. */
export function ratingOf(
  i: Pick<Incident, 'kind' | 'publishedAt' | 'impactOverride' | 'impactNext'>,
  update: Update,
): Impact | 'parts' | undefined {
  if (!bringsRating(update) || i.kind === 'maintenance') return undefined;
  return i.impactNext ?? (i.publishedAt === null ? (i.impactOverride ?? undefined) : undefined);
}

/** What the incident's impact is once this update is public. */
export async function impactWith(r: Reader, incident: Incident, update: Update): Promise<Impact> {
  const rated = bringsRating(update) ? incident : { ...incident, impactNext: null };
  const gaveUp = rated.impactOverride !== null && rated.impactNext === 'parts';
  const before = gaveUp ? await listPublishedUpdates(r, [incident.id]) : [];
  return rateWith(
    rated,
    Object.values(update.components),
    before.flatMap((u) => Object.values(u.components)),
  );
}
