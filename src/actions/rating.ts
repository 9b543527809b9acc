import { type Incident, listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import type { Reader } from '../../db/store.ts';
import { bringsRating, rateWith } from '../domain/rating.ts';
import type { Impact } from '../domain/words.ts';

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
