import { insertAlert } from '../../../db/queries/alerts.ts';
import { changeHandOver, listAskedHandOvers } from '../../../db/queries/hand-overs.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { getPerson } from '../../../db/queries/people.ts';
import { remindersDue, UNANSWERED_MS } from '../../domain/hand-over.ts';
import { type Ctx, decide } from '../context.ts';

/** Tells whoever is on call of hand-overs that nobody answers. Returns how many were told of. */
export async function remindHandOvers(ctx: Ctx): Promise<number> {
  const due = (await listAskedHandOvers(ctx.store.read)).filter((h) => remindersDue(h, ctx.now()) > 0);
  if (due.length === 0) return 0;
  return decide(ctx, async ({ w, now, say, account }) => {
    let told = 0;
    for (const h of await listAskedHandOvers(w)) {
      const steps = remindersDue(h, now);
      if (steps <= 0) continue;
      const reminders = h.reminders + steps;
      const incident = await getIncident(w, h.incidentId);
      const to = await getPerson(w, h.toId);
      const owner = h.fromId === null ? 'nobody' : (await getPerson(w, h.fromId)).name;
      await changeHandOver(w, h.id, { reminders });
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: h.pageId,
        kind: 'hand_over',
        message: `“${incident.title}”: ${to.name} was asked to take it over ${Math.round((reminders * UNANSWERED_MS) / 60_000)} minutes ago and has not answered. It still belongs to ${owner}.`,
        raisedAt: now,
        incidentId: h.incidentId,
      });
      await say({
        pageId: h.pageId,
        kind: 'hand_over.unanswered',
        public: false,
        incidentId: h.incidentId,
        updateId: null,
        detail: { to: h.toId, reminders },
      });
      await account({
        action: 'hand_over.remind',
        subjectKind: 'incident',
        subjectId: h.incidentId,
        detail: { handOverId: h.id, reminders },
      });
      told += 1;
    }
    return told;
  });
}
