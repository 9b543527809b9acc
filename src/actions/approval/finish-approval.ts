import { changeUpdate, type Incident, type Update } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { moveUpdate } from '../../domain/update.ts';
import type { Ctx, Decision } from '../context.ts';
import { release } from '../publish-update.ts';

/** What follows a yes in its transaction: with the last one needed the words go out, at once or at their time. */
export async function finishApproval(
  ctx: Ctx,
  d: Decision,
  update: Update,
  incident: Incident,
  page: Page,
  complete: boolean,
): Promise<Update> {
  const { w, now } = d;
  if (!complete) return changeUpdate(w, update, { updatedAt: now });
  const approved = await changeUpdate(w, update, {
    state: moveUpdate(update.state, 'approve'),
    approvedAt: now,
    releaseAt: Math.max(now + page.policy.ringMs, update.publishAt ?? 0),
    updatedAt: now,
  });
  return (approved.releaseAt ?? 0) > now ? approved : release(ctx, d, approved, incident, page);
}
