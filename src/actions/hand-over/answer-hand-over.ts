import { changeHandOver, getHandOver, type HandOver } from '../../../db/queries/hand-overs.ts';
import { changeIncident, getIncident } from '../../../db/queries/incidents.ts';
import { forbidden, invalid } from '../../domain/error.ts';
import { answerHandOver } from '../../domain/hand-over.ts';
import { mayApprove } from '../../domain/rights.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Takes the incident over, or declines with a word why. Only then, and only by a yes, does its owner change. */
export async function answer(
  ctx: Ctx,
  handOverId: string,
  accepts: boolean,
  words: string,
): Promise<HandOver> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  checkText('answer', words, 1_000);
  if (!accepts && words.trim() === '') throw invalid('answer', 'Say in a sentence why you cannot take it.');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getHandOver(w, handOverId);
    const state = answerHandOver(before, ctx.actor.id, accepts);
    const after = await changeHandOver(w, handOverId, {
      state,
      answeredAt: now,
      answer: words.trim() || null,
    });
    const incident = await getIncident(w, before.incidentId);
    if (accepts) await changeIncident(w, incident.id, { ownerId: ctx.actor.id, updatedAt: now });
    await say({
      pageId: before.pageId,
      kind: `hand_over.${state}`,
      public: false,
      incidentId: before.incidentId,
      updateId: null,
      detail: { by: ctx.actor.id, from: incident.ownerId, reason: words.trim() },
    });
    await account({
      action: `hand_over.${accepts ? 'accept' : 'decline'}`,
      subjectKind: 'incident',
      subjectId: before.incidentId,
      detail: { handOverId, from: incident.ownerId, to: ctx.actor.id, answer: words.trim() },
    });
    return after;
  });
}

/** Takes the question back; the owner stays. */
export async function withdrawHandOver(ctx: Ctx, handOverId: string): Promise<HandOver> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getHandOver(w, handOverId);
    if (before.askedBy !== ctx.actor.id && before.fromId !== ctx.actor.id && !mayApprove(ctx.actor.roles))
      throw forbidden('Only whoever asked, or an approver, can take this back.');
    const after = await changeHandOver(w, handOverId, { state: 'withdrawn', answeredAt: now });
    await say({
      pageId: before.pageId,
      kind: 'hand_over.withdrawn',
      public: false,
      incidentId: before.incidentId,
      updateId: null,
      detail: { by: ctx.actor.id },
    });
    await account({
      action: 'hand_over.withdraw',
      subjectKind: 'incident',
      subjectId: before.incidentId,
      detail: { handOverId },
    });
    return after;
  });
}
