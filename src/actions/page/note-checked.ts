import { changePage, getPage } from '../../../db/queries/pages.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Somebody looked, and all works: the calm page says when. */
export async function noteChecked(ctx: Ctx, pageId: string): Promise<void> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  await decide(ctx, async ({ w, now, say, account }) => {
    await getPage(w, pageId);
    await changePage(w, pageId, { checkedAt: now });
    await say({ pageId, kind: 'page.checked', public: true, incidentId: null, updateId: null });
    await account({ action: 'page.check', subjectKind: 'page', subjectId: pageId });
  });
}
