import type { Update } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { type Approval, listApprovals } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import type { ApprovalQuestion, Yes } from '../../domain/approval.ts';
import { mayApprove, rolesOn } from '../../domain/rights.ts';
import type { Actor } from '../context.ts';

/** The approvals of the words as they are now that stand. */
export async function standingApprovals(r: Reader, update: Pick<Update, 'id' | 'hash'>): Promise<Approval[]> {
  return (await listApprovals(r, [update.id])).filter((a) => a.voidedAt === null && a.hash === update.hash);
}

/** Everything that the rule of approval asks about these words and this person, as if they looked at them just now. */
export async function approvalQuestion(
  r: Reader,
  update: Update,
  page: Pick<Page, 'policy'>,
  actor: Pick<Actor, 'id' | 'roles' | 'letIn'>,
  now: number,
): Promise<ApprovalQuestion> {
  const approvals = await standingApprovals(r, update);
  const people = await listPeople(r);
  const offices = new Map(people.map((p) => [p.id, p.offices]));
  const able = new Set(
    people.filter((p) => p.disabledAt === null && mayApprove(rolesOn(p, update.pageId))).map((p) => p.id),
  );
  return {
    state: update.state,
    class: update.class,
    hash: update.hash ?? '',
    seenHash: update.hash ?? '',
    authors: update.authorIds,
    requestedBy: update.requestedBy,
    approver: {
      id: actor.id,
      roles: actor.roles,
      letIn: actor.letIn ?? null,
      offices: offices.get(actor.id) ?? null,
    },
    // Who was switched off since, or may not approve here any more, may have been somebody else all along.
    given: yesesOf(approvals, offices).filter((yes) => able.has(yes.id) || yes.id === actor.id),
    policy: page.policy,
    requestedAt: update.requestedAt ?? now,
    voiceOf: update.voiceOf,
    consented: approvals.some((a) => a.decision === 'consented' && a.personId === update.voiceOf),
  };
}

const yesesOf = (approvals: readonly Approval[], offices: ReadonlyMap<string, Yes['offices']>): Yes[] =>
  approvals
    .filter((a) => a.decision === 'approved')
    .map((a) => ({ id: a.personId, offices: offices.get(a.personId) ?? null, behind: a.behind }));
