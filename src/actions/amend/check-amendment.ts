import {
  getIncident,
  getUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import type { Reader } from '../../../db/store.ts';
import { invalid } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { newestOf, takesBack } from '../../domain/versions.ts';
import { BLOCKS } from '../../domain/words.ts';

/** Throws `invalid` unless the public is told what was wrong, and corrected words differ from the wrong ones. */
export async function checkAmendment(r: Reader, update: Update): Promise<void> {
  if ((update.note ?? '').trim() === '')
    throw invalid('note', 'Say in one sentence what was wrong: “We said 14:00; it is 15:00.”');
  if (update.correctsId === null || takesBack(update.amends)) return;
  const wrong = await getUpdate(r, update.correctsId);
  const same =
    update.body.trim() === wrong.body.trim() &&
    BLOCKS.every((b) => (update.blocks[b] ?? '').trim() === (wrong.blocks[b] ?? '').trim());
  if (same && update.nextUpdateBy === null && update.status === wrong.status)
    throw invalid('blocks', 'These are the same words as before. Write the right ones.');
}

/**
 * A correction goes on with the promise that runs, unless it makes a new one; only what opens an ended incident again
 * owes one of its own.
 */
export const inheritsPromise = (update: Update, incident: Pick<Incident, 'status'>): boolean =>
  update.amends !== null &&
  update.nextUpdateBy === null &&
  !(incident.status !== null && isEnded(incident.status) && !isEnded(update.status));

/**
 * A correction of words that are not the newest changes nothing but words: the incident stands where the newest left
 * it. Asked again with the approval, because something may have been said since the draft was begun.
 */
export async function settleStatus(r: Reader, update: Update): Promise<Update> {
  if (update.amends === null) return update;
  const newest = newestOf(await listPublishedUpdates(r, [update.incidentId]));
  if (newest?.words.id === update.correctsId) return update;
  const { status } = await getIncident(r, update.incidentId);
  return { ...update, status: status ?? update.status, components: {}, nextUpdateBy: null };
}
