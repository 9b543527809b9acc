import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getHandOver, listHandOvers } from '../../../db/queries/hand-overs.ts';
import type { Incident } from '../../../db/queries/incidents.ts';
import { listOverrides } from '../../../db/queries/overrides.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { answer, withdrawHandOver } from '../../actions/hand-over/answer-hand-over.ts';
import { handOver } from '../../actions/hand-over/hand-over.ts';
import { proposedBeat, sendHeartbeat } from '../../actions/heartbeat/send-heartbeat.ts';
import { openGate, waiveGate } from '../../actions/open-gate.ts';
import { mayApprove, mayWrite, rolesOn } from '../../domain/rights.ts';
import type { JudgementView, OwnerView } from '../../templates/desk-judgement-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { impactViews } from './fact-view.ts';
import { formOf, text } from './forms.ts';
import { type Desk, goTo, namesOf } from './frame.ts';
import { moment, placeOf } from './moments.ts';

type ById = { Params: { id: string } };

/** Who owns an incident, and everything about it that waits for somebody's judgement. */
export async function judgementView(
  desk: Desk,
  request: FastifyRequest,
  incident: Incident,
  page: { timeZone: string },
): Promise<JudgementView> {
  const { r, ports } = desk;
  const { actor } = mustKnow(request);
  const now = ports.base.now();
  const beat = mayWrite(actor.roles) ? await proposedBeat(r, incident.id, now) : null;
  const names = await namesOf(r);
  return {
    handing: await handingView(desk, request, incident, page),
    impact: await impactViews(desk, incident.id),
    factsHref: `/desk/incidents/${incident.id}/facts`,
    beat: beat === null ? null : { words: beat, action: `/desk/incidents/${incident.id}/heartbeat` },
    gate: incident.grave ? gateView(desk, request, incident, page, names) : null,
    reviews: (await listOverrides(r, incident.id)).map((o) => ({
      href: `/desk/overrides/${o.id}`,
      what: `${names(o.personId).name} put words out without a second person`,
      state:
        o.reviewedAt !== null
          ? { icon: 'ok', tone: 'good' as const, word: `Reviewed: ${o.verdict ?? ''}` }
          : now > o.reviewDueAt
            ? { icon: 'late', tone: 'bad' as const, word: 'Review overdue' }
            : {
                icon: 'wait',
                tone: 'warn' as const,
                word: `Review due ${moment(o.reviewDueAt, now, placeOf(page)).text}`,
              },
    })),
  };
}

/** The gate before deaths and names: who opened it and how, or what is still to be done. */
function gateView(
  { ports }: Desk,
  request: FastifyRequest,
  incident: Incident,
  page: { timeZone: string },
  names: Awaited<ReturnType<typeof namesOf>>,
): NonNullable<JudgementView['gate']> {
  const { actor, person } = mustKnow(request);
  const now = ports.base.now();
  const when = (at: number) => moment(at, now, placeOf(page)).text;
  const closed = incident.gateAt === null && incident.resolvedAt === null;
  const { gateWaiver: half } = incident;
  const isOwner = incident.ownerId === actor.id;
  const answers = isOwner || (person.offices?.includes('executive') ?? false);
  return {
    open: incident.gateAt !== null,
    title:
      incident.gateAt === null
        ? 'People first'
        : incident.gateHow === 'waived'
          ? 'Waived: not everybody was told first'
          : 'Those close were told',
    note:
      incident.gateAt === null
        ? 'Deaths and names cannot be spoken of before those close to them were told in person or by phone.'
        : `${incident.gateNote ?? ''} (${names(incident.gateBy).name}, ${when(incident.gateAt)})`,
    action:
      closed && mayWrite(actor.roles) && (mayApprove(actor.roles) || isOwner)
        ? `/desk/incidents/${incident.id}/gate`
        : null,
    waiver:
      closed && half !== null
        ? `${names(half.by).name} has waived it as ${half.as === 'owner' ? 'its owner' : 'an executive'}, ${when(half.at)}: “${half.reason}” It takes ${half.as === 'owner' ? 'an executive' : 'its owner'}, another person, as well.`
        : null,
    waiveAction: closed && answers && half?.by !== actor.id ? `/desk/incidents/${incident.id}/waive` : null,
  };
}

async function handingView(
  { r, ports }: Desk,
  request: FastifyRequest,
  incident: Incident,
  page: { timeZone: string },
): Promise<OwnerView> {
  const { actor } = mustKnow(request);
  const now = ports.base.now();
  const names = await namesOf(r);
  const open = (await listHandOvers(r, incident.id)).findLast((h) => h.state === 'asked');
  const may =
    mayWrite(actor.roles) &&
    (incident.ownerId === null || incident.ownerId === actor.id || mayApprove(actor.roles));
  return {
    asked: open
      ? {
          words:
            open.toId === actor.id
              ? `${names(open.askedBy).name} asks you to take this over. Until you say yes it belongs to ${open.fromId === null ? 'nobody' : names(open.fromId).name}.`
              : `${names(open.toId).name} was asked to take this over. Until they say yes it belongs to ${open.fromId === null ? 'nobody' : names(open.fromId).name}.`,
          note: open.note,
          when: moment(open.askedAt, now, placeOf(page)),
          yours: open.toId === actor.id,
          answerAction: `/desk/hand-overs/${open.id}`,
          withdrawAction:
            open.toId !== actor.id && (open.askedBy === actor.id || mayApprove(actor.roles))
              ? `/desk/hand-overs/${open.id}/withdraw`
              : null,
        }
      : null,
    action: `/desk/incidents/${incident.id}/hand-over`,
    people: (await listPeople(r))
      .filter(
        (p) => p.disabledAt === null && p.id !== incident.ownerId && mayWrite(rolesOn(p, incident.pageId)),
      )
      .map((p) => ({ value: p.id, label: p.id === actor.id ? `${p.name} (you)` : p.name, chosen: false })),
    mayHandOver: may,
    nobody: incident.ownerId === null,
    error: null,
  };
}

/** Handing over and answering, the gate, the heartbeat: one press each, on the incident's own screen. */
export function judgement(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const home = (id: string) => `/desk/incidents/${id}`;

  app.post<ById>('/incidents/:id/hand-over', async (request, reply) => {
    const form = formOf(request);
    const row = await handOver(
      ctxOf(ports.base, request),
      request.params.id,
      text(form, 'to'),
      text(form, 'note'),
    );
    return goTo(
      reply,
      home(request.params.id),
      row.state === 'accepted' ? 'hand-over-taken' : 'hand-over-asked',
    );
  });

  app.post<ById>('/hand-overs/:id', async (request, reply) => {
    const form = formOf(request);
    const accepts = text(form, 'say') === 'yes';
    const h = await answer(ctxOf(ports.base, request), request.params.id, accepts, text(form, 'answer'));
    return goTo(reply, home(h.incidentId), accepts ? 'hand-over-taken' : 'hand-over-declined');
  });

  app.post<ById>('/hand-overs/:id/withdraw', async (request, reply) => {
    await withdrawHandOver(ctxOf(ports.base, request), request.params.id);
    const { incidentId } = await getHandOver(r, request.params.id);
    return goTo(reply, home(incidentId), 'hand-over-withdrawn');
  });

  app.post<ById>('/incidents/:id/gate', async (request, reply) => {
    const form = formOf(request);
    await openGate(ctxOf(ports.base, request), request.params.id, {
      told: Number(text(form, 'told') || Number.NaN),
      of: Number(text(form, 'of') || Number.NaN),
      how: text(form, 'how'),
    });
    return goTo(reply, home(request.params.id), 'gate-opened');
  });

  app.post<ById>('/incidents/:id/waive', async (request, reply) => {
    const open = await waiveGate(
      ctxOf(ports.base, request),
      request.params.id,
      text(formOf(request), 'reason'),
    );
    return goTo(reply, home(request.params.id), open ? 'gate-opened' : 'gate-waived');
  });

  app.post<ById>('/incidents/:id/heartbeat', async (request, reply) => {
    await sendHeartbeat(ctxOf(ports.base, request), request.params.id);
    return goTo(reply, home(request.params.id), 'beaten');
  });
}
