import { getIncident, getUpdate, type Update } from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { getPerson } from '../../db/queries/people.ts';
import { insertApproval } from '../../db/queries/words.ts';
import { decideApproval, whyShared } from '../domain/approval.ts';
import { forbidden } from '../domain/error.ts';
import { assertProved, proofNeeded, showsSelf } from '../domain/proof.ts';
import { finishApproval } from './approval/finish-approval.ts';
import { approvalQuestion } from './approval/question.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { NO_PROOF, type Proof, waysOf } from './sign-in/prove.ts';
import { assertSecondFactor } from './sign-in/require-second.ts';
import { sendBack, whyStale } from './stale.ts';
import { assertClassHolds } from './template-words.ts';

/**
 * A person's yes to the hash they saw, with what they showed for it where the page's policy asks for that. The last yes
 * that the policy needs publishes in this same transaction: the page, one delivery per connection and part, the promise,
 * the events and the audit row, or nothing at all.
 */
export async function approveUpdate(
  ctx: Ctx,
  updateId: string,
  seenHash: string,
  proof: Proof = NO_PROOF,
): Promise<Update> {
  mustBe(ctx.actor, ['approver'], 'approve');
  return decide(ctx, async (d) => {
    const { w, now, say, account } = d;
    const update = await getUpdate(w, updateId);
    const incident = await getIncident(w, update.incidentId);
    const page = await getPage(w, update.pageId);
    if (update.state === 'in_review') {
      const stale = await whyStale(w, update, incident);
      if (stale) return { refused: await sendBack(ctx, d, update, stale) };
      await assertClassHolds(w, update, now);
    }
    const question = { ...(await approvalQuestion(w, update, page, ctx.actor, now)), seenHash };
    const { complete, lacks, shared } = decideApproval(question, now);
    const assurance = ctx.actor.kind === 'token' ? 'token' : proof.assurance;
    if (ctx.actor.kind === 'person' || ctx.actor.kind === 'token') {
      const ways = await waysOf(w, ctx.actor.id);
      await assertSecondFactor(w, ctx.actor.id);
      assertProved(proofNeeded(page.policy, update.class, ways), assurance);
    }
    const showed = showsSelf(ctx.actor, assurance);
    if (shared !== undefined && !showed) {
      await account({
        action: 'update.approve_refused',
        subjectKind: 'update',
        subjectId: updateId,
        detail: { hash: seenHash, shared },
      });
      return { refused: forbidden(whyShared((await getPerson(w, shared)).name)) };
    }
    await proof.spend(d);
    await insertApproval(w, {
      id: ctx.newId(),
      updateId,
      personId: ctx.actor.id,
      decision: 'approved',
      hash: seenHash,
      reason: null,
      at: now,
      assurance,
      behind: showed ? null : [...(ctx.actor.letIn?.by ?? [])],
      voidedAt: null,
      voidReason: null,
    });
    await say({
      pageId: page.id,
      kind: 'update.approved',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: { by: ctx.actor.id, complete },
    });
    await account({
      action: 'update.approve',
      subjectKind: 'update',
      subjectId: updateId,
      detail: {
        hash: seenHash,
        complete,
        assurance,
        solo: page.policy.solo,
        ...(lacks.length === 0 ? {} : { lacks }),
      },
    });
    return finishApproval(ctx, d, update, incident, page, complete);
  });
}
