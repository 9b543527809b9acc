import { changeIncident, getIncident, type Incident } from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { getPerson } from '../../db/queries/people.ts';
import { conflict, forbidden, invalid } from '../domain/error.ts';
import { assertTold, decideWaiver, type GateHow } from '../domain/gate.ts';
import { mayApprove } from '../domain/rights.ts';
import { checkText } from '../domain/update.ts';
import { type Ctx, type Decision, decide, mustBe } from './context.ts';

/**
 * Says that deaths and names may be spoken of: everybody close was told in person or by phone. Its owner or an approver
 * says so, with the numbers; nobody can close it again, only say it was wrong.
 */
export async function openGate(
  ctx: Ctx,
  incidentId: string,
  word: { told: number; of: number; how: string },
): Promise<void> {
  mustBe(ctx.actor, ['author', 'approver'], 'approve');
  const how = word.how.trim();
  checkText('how', how, 500);
  await decide(ctx, async (d) => {
    const incident = await closedGate(d, incidentId);
    if (incident.ownerId !== ctx.actor.id && !mayApprove(ctx.actor.roles))
      throw forbidden('Only the owner of the incident, or an approver, can open the gate.');
    assertTold(word.told, word.of);
    if (how.length < 10)
      throw invalid('how', 'Say who told them and how, like “by phone, by the family team”.');
    await open(ctx, d, incident, 'told', `${word.told} of ${word.of} were told: ${how}`);
  });
}

/**
 * Does without having told everybody: the owner of the incident and an executive answer for it together. Returns
 * whether it is open now, or waits for the other of the two.
 */
export async function waiveGate(ctx: Ctx, incidentId: string, why: string): Promise<boolean> {
  const reason = why.trim();
  checkText('reason', reason, 500);
  return decide(ctx, async (d) => {
    const incident = await closedGate(d, incidentId);
    if (ctx.actor.kind !== 'person')
      throw forbidden('A person answers for this at the desk; a program cannot.');
    const { policy } = await getPage(d.w, incident.pageId);
    const before = incident.gateWaiver;
    const { as, complete } = decideWaiver({
      person: await getPerson(d.w, ctx.actor.id),
      ownerId: incident.ownerId,
      before,
      behind: ctx.actor.letIn?.by ?? [],
      solo: policy.solo,
    });
    if (reason.length < 10)
      throw invalid('reason', 'Say in a sentence why this cannot wait until everybody was told.');
    if (complete) {
      const all = before === null ? reason : `${before.reason} / ${reason}`;
      await open(ctx, d, incident, 'waived', `Waived by the owner and an executive: ${all}`);
      return true;
    }
    await changeIncident(d.w, incidentId, {
      gateWaiver: { by: ctx.actor.id, at: d.now, reason, as },
      updatedAt: d.now,
    });
    await d.say({
      pageId: incident.pageId,
      kind: 'gate.waiver_asked',
      public: false,
      incidentId,
      updateId: null,
      detail: { by: ctx.actor.id, as, reason },
    });
    await d.account({
      action: 'gate.waive_half',
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { as, reason },
    });
    return false;
  });
}

async function closedGate(d: Decision, incidentId: string): Promise<Incident> {
  const incident = await getIncident(d.w, incidentId);
  if (!incident.grave) throw conflict('Only a grave incident has this gate.');
  if (incident.gateAt !== null) throw conflict('The gate is open already.');
  return incident;
}

async function open(ctx: Ctx, d: Decision, incident: Incident, how: GateHow, note: string): Promise<void> {
  await changeIncident(d.w, incident.id, {
    gateAt: d.now,
    gateBy: ctx.actor.id,
    gateHow: how,
    gateNote: note,
    updatedAt: d.now,
  });
  await d.say({
    pageId: incident.pageId,
    kind: 'gate.opened',
    public: false,
    incidentId: incident.id,
    updateId: null,
    detail: { by: ctx.actor.id, how, reason: note },
  });
  await d.account({
    action: how === 'told' ? 'gate.open' : 'gate.waive',
    subjectKind: 'incident',
    subjectId: incident.id,
    detail: { note, ...(incident.gateWaiver ? { with: incident.gateWaiver.by } : {}) },
  });
}
