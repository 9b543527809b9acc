import { changePage, getPage } from '../../db/queries/pages.ts';
import type { ApprovalPolicy } from '../domain/approval.ts';
import { invalid } from '../domain/error.ts';
import { CLASSES } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/**
 * Changes for which classes a yes needs a proof, which may go out without a second person when nobody answers, and whether
 * a retraction may take posts off networks, and how strictly answers are held to what is public.
 */
export async function changePolicy(
  ctx: Ctx,
  pageId: string,
  to: Required<Pick<ApprovalPolicy, 'proofFor' | 'overrideClasses' | 'mayRemove'>> &
    Pick<ApprovalPolicy, 'answers'>,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  for (const name of ['proofFor', 'overrideClasses'] as const)
    if (to[name].some((c) => !CLASSES.includes(c)))
      throw invalid(name, `Choose among: ${CLASSES.join(', ')}.`);
  await decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, pageId);
    const { proofFor, overrideClasses, mayRemove, answers } = page.policy;
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
        },
        to,
      },
    });
  });
}
