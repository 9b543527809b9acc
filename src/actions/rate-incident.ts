import { changeIncident, getIncident, type Incident, listUpdates } from '../../db/queries/incidents.ts';
import { invalid } from '../domain/error.ts';
import { overrideNext, rated } from '../domain/rating.ts';
import type { Impact } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { sendBack, whyStale } from './stale.ts';

/**
 * Says how bad an incident is, or (null) that the parts of the service say it. The public learns of it with the next
 * words that are published, so that nobody changes the page without a second person; words that wait for their yes
 * without it go back to their author.
 */
export async function rateIncident(ctx: Ctx, incidentId: string, rating: Impact | null): Promise<Incident> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async (d) => {
    const before = await getIncident(d.w, incidentId);
    if (before.kind === 'maintenance')
      throw invalid('impactOverride', 'Planned work is shown as planned work. Leave out how bad it is.');
    const was = overrideNext(before);
    if (rating === was) return before;
    const patch = rated(before, rating);
    await changeIncident(d.w, incidentId, { ...patch, updatedAt: d.now });
    const incident = { ...before, ...patch, updatedAt: d.now };
    await d.say({
      pageId: incident.pageId,
      kind: 'incident.rated',
      public: false,
      incidentId,
      updateId: null,
      detail: { by: ctx.actor.id, from: was, to: rating },
    });
    await d.account({
      action: 'incident.rate',
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { from: was, to: rating },
    });
    for (const update of await listUpdates(d.w, incidentId))
      if (update.state === 'in_review' || update.state === 'approved')
        if ((await whyStale(d.w, update, incident)) !== undefined)
          await sendBack(ctx, d, update, 'How bad it is was changed after approval was asked for.');
    return incident;
  });
}
