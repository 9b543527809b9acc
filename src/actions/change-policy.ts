import { changePage, getPage } from '../../db/queries/pages.ts';
import type { ApprovalPolicy } from '../domain/approval.ts';
import { invalid } from '../domain/error.ts';
import { CLASSES } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/**
 * Changes how many must say yes to each class and what one of them must be, for which classes a yes needs a proof, which
 * may go out without a second person when nobody answers, whether a retraction may take posts off networks, and how
 * strictly answers are held to what is public.
 */
export async function changePolicy(
  ctx: Ctx,
  pageId: string,
  to: Required<Pick<ApprovalPolicy, 'proofFor' | 'overrideClasses' | 'mayRemove'>> &
    Pick<ApprovalPolicy, 'answers' | 'offices' | 'expertFacts'> &
    Partial<Pick<ApprovalPolicy, 'approvers'>>,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  for (const name of ['proofFor', 'overrideClasses'] as const)
    if (to[name].some((c) => !CLASSES.includes(c)))
      throw invalid(name, `Choose among: ${CLASSES.join(', ')}.`);
  for (const c of CLASSES)
    if (to.approvers && !(Number.isInteger(to.approvers[c]) && to.approvers[c] >= 1 && to.approvers[c] <= 5))
      throw invalid('approvers', `Class ${c} needs from 1 to 5 yeses.`);
  await decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, pageId);
    const { proofFor, overrideClasses, mayRemove, answers, approvers, offices, expertFacts } = page.policy;
    await changePage(w, pageId, { policy: { ...page.policy, ...to }, updatedAt: now });
    await account({
      action: 'policy.change',
      subjectKind: 'page',
      subjectId: pageId,
      detail: {
        from: {
          proofFor: proofFor ?? null,
          overrideClasses: overrideClasses ?? null,
          mayRemove: mayRemove ?? false,
          answers: answers ?? null,
          approvers,
          offices: offices ?? null,
          expertFacts: expertFacts ?? null,
        },
        to,
      },
    });
  });
}
