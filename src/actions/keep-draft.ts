import { type Draft, deleteDraft, deleteOldDrafts, setDraft } from '../../db/queries/drafts.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { invalid } from '../domain/error.ts';
import { isPublic } from '../domain/update.ts';
import { type Ctx, mustBe } from './context.ts';

/** Words that nobody came back for are forgotten after this, ms. */
const FORGET_MS = 14 * 24 * 60 * 60_000;
const LONGEST = 200_000;

/**
 * Keeps what somebody is typing, for them alone, until they save it. No decision: it leaves no line in any log, takes
 * nothing back that was asked for, and nobody else sees it.
 */
export async function keepDraft(
  ctx: Ctx,
  updateId: string,
  typed: Pick<Draft, 'fields' | 'version'>,
): Promise<number> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  if (JSON.stringify(typed.fields).length > LONGEST)
    throw invalid('body', 'This is too long to be kept while you type. Save it.');
  const savedAt = ctx.now();
  await ctx.store.transact(
    async (w) => {
      const update = await getUpdate(w, updateId);
      if (isPublic(update.state)) return;
      await setDraft(w, { updateId, personId: ctx.actor.id, ...typed, savedAt });
      await deleteOldDrafts(w, savedAt - FORGET_MS);
    },
    { appends: false },
  );
  return savedAt;
}

/** Forgets it: it was saved, or its author wants the saved words. */
export async function dropDraft(ctx: Ctx, updateId: string): Promise<void> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  await ctx.store.transact((w) => deleteDraft(w, updateId, ctx.actor.id), { appends: false });
}
