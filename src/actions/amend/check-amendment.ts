import {
  getUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import type { Reader } from '../../../db/store.ts';
import { invalid } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { sameMedia } from '../../domain/media.ts';
import { newestOf, takesBack } from '../../domain/versions.ts';
import { BLOCKS } from '../../domain/words.ts';

/** Throws `invalid` unless the public is told what was wrong, and corrected words differ from the wrong ones. */
export async function checkAmendment(r: Reader, update: Update): Promise<void> {
  if ((update.note ?? '').trim() === '')
    throw invalid('note', 'Say in one sentence what was wrong: “We said 14:00; it is 15:00.”');
  if (update.correctsId === null || takesBack(update.amends)) return;
  const wrong = await getUpdate(r, update.correctsId);
  const same =
    sameMedia(update.media, wrong.media) &&
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

/** Whether a correction is of words that are not the newest: it then changes nothing but words. */
export async function isOfOlder(r: Reader, update: Update): Promise<boolean> {
  const newest = newestOf(await listPublishedUpdates(r, [update.incidentId]));
  return newest?.words.id !== update.correctsId;
}

/**
 * A correction as it can be asked for now: where something newer has been said since it was begun, status, components
 * and promise are the newer update's to say.
 */
export async function settleStatus(r: Reader, update: Update): Promise<Update> {
  if (update.amends === null || update.correctsId === null || !(await isOfOlder(r, update))) return update;
  const wrong = await getUpdate(r, update.correctsId);
  return { ...update, status: wrong.status, components: {}, nextUpdateBy: null };
}
