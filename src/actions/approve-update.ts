import {
  changeUpdate,
  getIncident,
  getUpdate,
  listPublishedUpdates,
  type Update,
} from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { insertApproval, listApprovals, listRenditions, voidApprovals } from '../../db/queries/words.ts';
import { decideApproval } from '../domain/approval.ts';
import { conflict } from '../domain/error.ts';
import { moveUpdate } from '../domain/update.ts';
import { type Ctx, type Decision, decide, mustBe } from './context.ts';
import { release } from './publish-update.ts';
import { approvalHash, listAudience } from './renditions.ts';

/**
 * A person's yes to the hash they saw. The last yes that the policy needs publishes in this same transaction: the
 * page, one delivery per connection and part, the promise, the events and the audit row, or nothing at all.
 */
export async function approveUpdate(ctx: Ctx, updateId: string, seenHash: string): Promise<Update> {
  mustBe(ctx.actor, ['approver'], 'approve');
  return decide(ctx, async (d) => {
    const { w, now, say, account } = d;
    const update = await getUpdate(w, updateId);
    const incident = await getIncident(w, update.incidentId);
    const page = await getPage(w, update.pageId);
    const renditions = await listRenditions(w, updateId);
    if (update.state === 'in_review') {
      const stale = await whyStale(d, update, approvalHash(incident, update, renditions), renditions);
      if (stale) return { refused: await sendBack(ctx, d, update, stale) };
    }
    const given = (await listApprovals(w, [updateId])).filter(
      (a) => a.decision === 'approved' && a.voidedAt === null && a.hash === update.hash,
    );
    const { complete } = decideApproval(
      {
        state: update.state,
        class: update.class,
        hash: update.hash ?? '',
        seenHash,
        authors: update.authorIds,
        approver: { id: ctx.actor.id, roles: ctx.actor.roles },
        given: given.map((a) => a.personId),
        policy: page.policy,
        requestedAt: update.requestedAt ?? now,
      },
      now,
    );
    await insertApproval(w, {
      id: ctx.newId(),
      updateId,
      personId: ctx.actor.id,
      decision: 'approved',
      hash: seenHash,
      reason: null,
      at: now,
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
      detail: { hash: seenHash, complete, solo: page.policy.solo },
    });
    if (!complete) return changeUpdate(w, update, { updatedAt: now });
    const approved = await changeUpdate(w, update, {
      state: moveUpdate(update.state, 'approve'),
      approvedAt: now,
      releaseAt: now + page.policy.ringMs,
      updatedAt: now,
    });
    return page.policy.ringMs > 0 ? approved : release(ctx, d, approved, incident, page);
  });
}

/** Why words that wait for approval are no longer the words that would go out, or undefined when they are. */
async function whyStale(
  d: Decision,
  update: Update,
  hashNow: string,
  renditions: readonly { connectionId: string }[],
): Promise<string | undefined> {
  if (hashNow !== update.hash) return 'The words no longer match what approval was asked for.';
  const audience = (await listAudience(d.w, update)).map((c) => c.id).sort();
  const rendered = renditions.map((r) => r.connectionId).sort();
  if (audience.join() !== rendered.join())
    return 'The connected networks have changed since approval was asked for.';
  const newest = (await listPublishedUpdates(d.w, [update.incidentId])).at(-1);
  if (newest && (newest.publishedAt ?? 0) > (update.requestedAt ?? 0))
    return 'A newer update of this incident has been published since approval was asked for.';
  return undefined;
}

async function sendBack(ctx: Ctx, d: Decision, update: Update, reason: string) {
  const { w, now, say, account } = d;
  await voidApprovals(w, update.id, now, reason);
  await changeUpdate(w, update, {
    state: moveUpdate(update.state, 'return'),
    reason,
    hash: null,
    updatedAt: now,
  });
  await say({
    pageId: update.pageId,
    kind: 'update.voided',
    public: false,
    incidentId: update.incidentId,
    updateId: update.id,
    detail: { reason },
  });
  await account({
    action: 'update.void',
    subjectKind: 'update',
    subjectId: update.id,
    detail: { reason, by: ctx.actor.id },
  });
  return conflict(`${reason} It went back to its author; ask for approval again.`, 'hash');
}
