import { insertAlert } from '../../../db/queries/alerts.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { changeOverride, getOverride, listUnreviewed, type Override } from '../../../db/queries/overrides.ts';
import { invalid } from '../../domain/error.ts';
import { assertOther } from '../../domain/hands.ts';
import { OVERRIDE_VERDICTS, type OverrideVerdict } from '../../domain/override.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Says afterwards whether an override was right. Never by the one who did it; the note says what is learnt from it. */
export async function reviewOverride(
  ctx: Ctx,
  overrideId: string,
  verdict: OverrideVerdict,
  note: string,
): Promise<Override> {
  mustBe(ctx.actor, ['approver'], 'approve');
  if (!OVERRIDE_VERDICTS.includes(verdict)) throw invalid('verdict', 'Choose one of: right, wrong.');
  checkText('note', note, 2_000);
  if (note.trim() === '') throw invalid('note', 'Say in a sentence what you looked at and what you found.');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getOverride(w, overrideId);
    assertOther(ctx.actor, [before.personId], 'You did this yourself, so another person must review it.');
    const after = await changeOverride(w, overrideId, {
      reviewedBy: ctx.actor.id,
      reviewedAt: now,
      verdict,
      note: note.trim(),
    });
    await say({
      pageId: before.pageId,
      kind: 'override.reviewed',
      public: false,
      incidentId: before.incidentId,
      updateId: before.updateId,
      detail: { by: ctx.actor.id, verdict, reason: note.trim() },
    });
    await account({
      action: 'override.review',
      subjectKind: 'update',
      subjectId: before.updateId,
      detail: { overrideId, verdict, note: note.trim(), lateMs: Math.max(0, now - before.reviewDueAt) },
    });
    return after;
  });
}

/** Tells whoever is on call, once, of overrides whose hour ended without a review. Returns how many. */
export async function remindReviews(ctx: Ctx): Promise<number> {
  const isDue = (o: Override) => o.remindedAt === null && o.reviewDueAt <= ctx.now();
  if (!(await listUnreviewed(ctx.store.read)).some(isDue)) return 0;
  return decide(ctx, async ({ w, now, say, account }) => {
    const due = (await listUnreviewed(w)).filter(isDue);
    for (const o of due) {
      const incident = await getIncident(w, o.incidentId);
      await changeOverride(w, o.id, { remindedAt: now });
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: o.pageId,
        kind: 'override',
        message: `“${incident.title}”: nobody has reviewed what went out without a second person an hour ago. ${ctx.deskUrl ?? ''}/desk/overrides/${o.id}`,
        raisedAt: now,
        incidentId: o.incidentId,
        updateId: o.updateId,
      });
      await say({
        pageId: o.pageId,
        kind: 'override.overdue',
        public: false,
        incidentId: o.incidentId,
        updateId: o.updateId,
      });
      await account({ action: 'override.remind', subjectKind: 'update', subjectId: o.updateId });
    }
    return due.length;
  });
}
