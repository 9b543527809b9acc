import { changeUpdate, getUpdate, type Update } from '../../db/queries/incidents.ts';
import { insertApproval, voidApprovals } from '../../db/queries/words.ts';
import { invalid } from '../domain/error.ts';
import { checkText, moveUpdate, type UpdateMove } from '../domain/update.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** An approver sends the words back to their author, with the reason. */
export async function returnUpdate(ctx: Ctx, updateId: string, reason: string): Promise<Update> {
  mustBe(ctx.actor, ['approver'], 'approve');
  if (reason.trim() === '') throw invalid('reason', 'Say in a sentence why you send it back.');
  return stop(ctx, updateId, 'return', reason);
}

/** Anyone who may write takes an update back before it is published. Also stops a running release ring. */
export async function withdrawUpdate(ctx: Ctx, updateId: string, reason: string): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver', 'responder'], 'draft');
  return stop(ctx, updateId, 'withdraw', reason);
}

/** The release timer or the approval clock ends an approval that did not complete. */
export async function expireUpdate(ctx: Ctx, updateId: string): Promise<Update> {
  return stop(ctx, updateId, 'expire', 'Nobody completed the approval in time.');
}

async function stop(ctx: Ctx, updateId: string, move: UpdateMove, reason: string): Promise<Update> {
  checkText('reason', reason, 500);
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getUpdate(w, updateId);
    const state = moveUpdate(before.state, move);
    const voided = await voidApprovals(w, updateId, now, reason || `The update was ${state}.`);
    if (move === 'return')
      await insertApproval(w, {
        id: ctx.newId(),
        updateId,
        personId: ctx.actor.id,
        decision: 'returned',
        hash: before.hash ?? '',
        reason,
        at: now,
        assurance: null,
        behind: null,
        voidedAt: null,
        voidReason: null,
      });
    const after = await changeUpdate(w, before, {
      state,
      reason: reason || null,
      hash: null,
      releaseAt: null,
      updatedAt: now,
    });
    await say({
      pageId: before.pageId,
      kind: `update.${state}`,
      public: false,
      incidentId: before.incidentId,
      updateId,
      detail: { reason, voided },
    });
    await account({
      action: `update.${move}`,
      subjectKind: 'update',
      subjectId: updateId,
      detail: { reason, from: before.state, voided },
    });
    return after;
  });
}
