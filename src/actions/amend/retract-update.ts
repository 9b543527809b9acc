import { getUpdate, type Update } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import type { Ctx } from '../context.ts';
import { draftAmendment, mustRemove } from './draft-amendment.ts';

/**
 * Starts taking a published update back: it was wrong, and `note` says to the public why. With `remove` its posts are
 * taken off the networks as well, where the page's policy allows that and the person may approve.
 */
export async function retractUpdate(
  ctx: Ctx,
  updateId: string,
  note: string,
  remove = false,
): Promise<Update> {
  if (remove) {
    const { store } = ctx;
    const update = await getUpdate(store.read, updateId);
    mustRemove(ctx, (await getPage(store.read, update.pageId)).policy);
  }
  return draftAmendment(ctx, updateId, remove ? 'removal' : 'retraction', note);
}
