import { changeAlert, getAlert } from '../../db/queries/alerts.ts';
import { conflict } from '../domain/error.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** Says that what an alert was about is dealt with: it leaves the board, and the log says who. */
export async function finishAlert(ctx: Ctx, alertId: string): Promise<void> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  await decide(ctx, async ({ w, now, say, account }) => {
    const alert = await getAlert(w, alertId);
    if (alert.doneAt !== null) throw conflict('Somebody has dealt with this already.');
    await changeAlert(w, alertId, { doneAt: now, doneBy: ctx.actor.id });
    await say({
      pageId: alert.pageId,
      kind: 'alert.done',
      public: false,
      incidentId: alert.incidentId,
      updateId: alert.updateId,
      detail: { by: ctx.actor.id, reason: alert.message },
    });
    await account({ action: 'alert.done', subjectKind: 'alert', subjectId: alertId });
  });
}
