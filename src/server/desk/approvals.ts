import { getIncident, listUpdates, listUpdatesInState, type Update } from '../../../db/queries/incidents.ts';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import { listApprovals } from '../../../db/queries/words.ts';
import { listOfficers } from '../../actions/approval/ask-approvers.ts';
import { type ApprovalPolicy, lacksOffice, type Yes } from '../../domain/approval.ts';
import { officesText } from '../../domain/office.ts';
import { mayApprove, mayRead, rolesOn } from '../../domain/rights.ts';
import type { ApprovalRow } from '../../templates/desk-board-views.ts';
import type { Who } from '../who.ts';
import { type Desk, namesOf } from './frame.ts';
import { age } from './moments.ts';
import { count, updateState } from './words.ts';

/** The how-manieth public word of its incident an update is, or would be. */
export function numberOf(update: Update, all: readonly Update[]): number {
  const before = all.filter(
    (u) => u.publishedSeq !== null && (update.publishedSeq === null || u.publishedSeq < update.publishedSeq),
  );
  return before.length + 1;
}

export const needed = (policy: ApprovalPolicy, update: Pick<Update, 'class'>): number =>
  policy.solo ? 1 : policy.approvers[update.class];

/** Whose yes to the words as they are now stands. */
export async function standing({ r }: Pick<Desk, 'r'>, update: Update) {
  return (await listApprovals(r, [update.id])).filter(
    (a) => a.decision === 'approved' && a.voidedAt === null && a.hash === update.hash,
  );
}

/**
 * Whose yes it takes besides a number: "one of them Tom Byrne (legal) or Aisha Rahman (executive)", or that nobody could
 * give it. Null where the class asks for nobody in particular, or one of these has said yes.
 */
export async function officersText(
  { r }: Pick<Desk, 'r'>,
  update: Update,
  page: Pick<Page, 'policy'>,
  given: readonly Pick<Yes, 'offices'>[],
  now: number,
): Promise<string | null> {
  const lacks = lacksOffice(page.policy, update.class, given);
  if (lacks.length === 0) return null;
  const { people } = await listOfficers(r, update, page, now);
  if (people.length === 0)
    return `one of them ${officesText(lacks)}: nobody who could say yes is. An admin names somebody under “People”`;
  const named = people.map(
    (p) => `${p.name} (${(p.offices ?? []).filter((o) => lacks.includes(o)).join(', ')})`,
  );
  return `one of them ${named.join(' or ')}`;
}

/** Everything that waits for a yes, or for its release, oldest question first. */
export async function approvalRows(desk: Pick<Desk, 'r'>, who: Who, now: number): Promise<ApprovalRow[]> {
  const { r } = desk;
  const names = await namesOf(r);
  const waiting = (await listUpdatesInState(r, ['in_review', 'approved'])).filter(
    // Words for later have been approved with their announcement, and are shown with it.
    (u) => u.plannedOf === null && mayRead(who.person, u.pageId),
  );
  const consented = (
    await listApprovals(
      r,
      waiting.map((u) => u.id),
    )
  ).flatMap((a) => (a.decision === 'consented' && a.voidedAt === null ? a.updateId : []));
  return Promise.all(
    waiting.map(async (u) => {
      const incident = await getIncident(r, u.incidentId);
      const page = await getPage(r, u.pageId);
      const given = (await standing(desk, u)).map((a) => a.personId);
      const { id } = who.actor;
      const roles = rolesOn(who.person, u.pageId);
      return {
        href: `/desk/approvals/${u.id}`,
        title: incident.title,
        number: numberOf(u, await listUpdates(r, u.incidentId)),
        class: u.class,
        state: updateState(u),
        asked: u.requestedAt === null ? '' : `${age(now - u.requestedAt)} ago`,
        by: names(u.requestedBy).name,
        given: `${given.length} of ${count(needed(page.policy, u), 'yes', 'yeses')} given.`,
        yours:
          (u.state === 'in_review' && u.voiceOf === id && !consented.includes(u.id)) ||
          (u.state === 'in_review' &&
            u.voiceOf !== id &&
            mayApprove(roles) &&
            !given.includes(id) &&
            (page.policy.solo || !u.authorIds.includes(id))),
      };
    }),
  );
}
