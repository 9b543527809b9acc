import type { Update } from '../../../db/queries/incidents.ts';
import type { Ctx } from '../context.ts';
import type { UpdateWords } from '../draft-update.ts';
import { draftAmendment } from './draft-amendment.ts';

/**
 * Starts the correction of a published update. `note` is the public sentence on what was wrong ("We said 14:00; it is
 * 15:00."); `words` are the right ones, by default the wrong ones to begin with.
 */
export const correctUpdate = (
  ctx: Ctx,
  updateId: string,
  note: string,
  words: Pick<UpdateWords, 'blocks' | 'body'> = {},
): Promise<Update> => draftAmendment(ctx, updateId, 'correction', note, words);
