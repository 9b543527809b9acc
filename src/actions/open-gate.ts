import { changeIncident, getIncident } from '../../db/queries/incidents.ts';
import { conflict, forbidden, invalid } from '../domain/error.ts';
import { mayApprove } from '../domain/rights.ts';
import { checkText } from '../domain/update.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/**
 * Says that deaths and names may be spoken of: everybody close was told in person or by phone, or it is waived. Its owner
 * or an approver says so, with how many were told or why not; nobody can close it again, only say it was wrong.
 */
export async function openGate(ctx: Ctx, incidentId: string, how: string): Promise<void> {
  mustBe(ctx.actor, ['author', 'approver'], 'approve');
  const note = how.trim();
  if (note.length < 10)
    throw invalid('how', 'Say who was told, how and how many, like “225 of 225 families, by phone”.');
  checkText('how', note, 500);
  await decide(ctx, async ({ w, now, say, account }) => {
    const incident = await getIncident(w, incidentId);
    if (!incident.grave) throw conflict('Only a grave incident has this gate.');
    if (incident.gateAt !== null) throw conflict('The gate is open already.');
    if (incident.ownerId !== ctx.actor.id && !mayApprove(ctx.actor.roles))
      throw forbidden('Only the owner of the incident, or an approver, can open the gate.');
    await changeIncident(w, incidentId, {
      gateAt: now,
      gateBy: ctx.actor.id,
      gateNote: note,
      updatedAt: now,
    });
    await say({
      pageId: incident.pageId,
      kind: 'gate.opened',
      public: false,
      incidentId,
      updateId: null,
      detail: { by: ctx.actor.id, reason: note },
    });
    await account({
      action: 'gate.open',
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { note },
    });
  });
}
