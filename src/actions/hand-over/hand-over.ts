import { insertAlert } from '../../../db/queries/alerts.ts';
import {
  changeHandOver,
  type HandOver,
  insertHandOver,
  listHandOvers,
} from '../../../db/queries/hand-overs.ts';
import { changeIncident, getIncident } from '../../../db/queries/incidents.ts';
import { getPerson } from '../../../db/queries/people.ts';
import { forbidden } from '../../domain/error.ts';
import { assertMayTake } from '../../domain/hand-over.ts';
import { mayApprove, mayWrite, rolesOn } from '../../domain/rights.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/**
 * Asks somebody to take an incident over. Until they say yes its owner stays who they are. The owner may ask, or an
 * approver when the owner cannot; whoever is free may take an incident that nobody owns, at once.
 */
export async function handOver(ctx: Ctx, incidentId: string, toId: string, note: string): Promise<HandOver> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  checkText('note', note, 1_000);
  return decide(ctx, async ({ w, now, say, account }) => {
    const incident = await getIncident(w, incidentId);
    const to = await getPerson(w, toId);
    if (incident.ownerId !== null && incident.ownerId !== ctx.actor.id && !mayApprove(ctx.actor.roles))
      throw forbidden('Only its owner, or an approver, can hand this incident over.');
    assertMayTake({
      ownerId: incident.ownerId,
      toId,
      mayWrite: mayWrite(rolesOn(to, incident.pageId)),
      isOff: to.disabledAt !== null,
    });
    // Asking anew takes the question before back: two people must never both believe that they were asked.
    for (const open of await listHandOvers(w, incidentId))
      if (open.state === 'asked')
        await changeHandOver(w, open.id, {
          state: 'withdrawn',
          answeredAt: now,
          answer: 'Asked somebody else.',
        });
    const atOnce = incident.ownerId === null && toId === ctx.actor.id;
    const row: HandOver = {
      id: ctx.newId(),
      pageId: incident.pageId,
      incidentId,
      fromId: incident.ownerId,
      toId,
      note: note.trim(),
      state: atOnce ? 'accepted' : 'asked',
      askedBy: ctx.actor.id,
      askedAt: now,
      answeredAt: atOnce ? now : null,
      answer: null,
      reminders: 0,
    };
    await insertHandOver(w, row);
    if (atOnce) await changeIncident(w, incidentId, { ownerId: toId, updatedAt: now });
    else
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: incident.pageId,
        kind: 'hand_over',
        message: `You are asked to take over “${incident.title}”. Open the desk and say yes or no.`,
        raisedAt: now,
        incidentId,
        personId: toId,
      });
    await say({
      pageId: incident.pageId,
      kind: atOnce ? 'hand_over.accepted' : 'hand_over.asked',
      public: false,
      incidentId,
      updateId: null,
      detail: { by: ctx.actor.id, to: toId, reason: row.note },
    });
    await account({
      action: 'hand_over.ask',
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { handOverId: row.id, from: row.fromId, to: toId, note: row.note, atOnce },
    });
    return row;
  });
}
