import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { getIncident, getUpdate, type Update } from '../../../db/queries/incidents.ts';
import { getOverride } from '../../../db/queries/overrides.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { listRenditions } from '../../../db/queries/words.ts';
import { listApprovers } from '../../actions/approval/ask-approvers.ts';
import { overrideApproval, overrideQuestion } from '../../actions/approval/override.ts';
import { reviewOverride } from '../../actions/approval/review-override.ts';
import { mustBe } from '../../actions/context.ts';
import { askForProof } from '../../actions/sign-in/prove.ts';
import {
  MOST_AN_INCIDENT,
  OVERRIDE_REASONS,
  type OverrideReason,
  whyNoOverride,
} from '../../domain/override.ts';
import { mayApprove, mayWrite } from '../../domain/rights.ts';
import { renderOverride, renderReview } from '../../templates/desk-judgement.ts';
import type { OverrideOffer } from '../../templates/desk-judgement-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { doorRefusal } from './door.ts';
import { type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf } from './frame.ts';
import { age, moment, placeOf } from './moments.ts';
import { bestWayOf, proofOf, proofView } from './proving.ts';
import { count, textOf } from './words.ts';

type ById = { Params: { id: string } };

const REASON: Record<OverrideReason, string> = {
  life_safety: 'Lives or health are in danger',
  harm_grows: 'Every minute makes the harm greater',
  nobody_answers: 'A promise or a duty runs out and nobody answers',
};

/** The way to break the glass, for whoever asked and stands alone; null for those who may simply say yes. */
export async function overrideOffer(
  desk: Desk,
  request: FastifyRequest,
  update: Update,
): Promise<OverrideOffer | null> {
  const { person, actor } = mustKnow(request);
  if (update.state !== 'in_review' || !mayWrite(actor.roles)) return null;
  const page = await getPage(desk.r, update.pageId);
  if (page.policy.solo) return null;
  if (mayApprove(actor.roles) && !update.authorIds.includes(person.id)) return null;
  const looked = desk.presence.lookingAt(`/desk/approvals/${update.id}`, person.id).length > 0;
  const question = await overrideQuestion(desk.r, update, { id: person.id, roles: actor.roles }, looked);
  return {
    href: `/desk/updates/${update.id}/override`,
    whyNot: whyNoOverride(question, desk.ports.base.now()),
  };
}

/** Break-glass, and the review that follows it. */
export function overrides(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, id: string, form: Form = {}, refused?: Refused) {
    const { person, actor } = mustKnow(request);
    const update = await getUpdate(r, id);
    const incident = await getIncident(r, update.incidentId);
    const page = await getPage(r, update.pageId);
    const now = ports.base.now();
    const question = await overrideQuestion(
      r,
      update,
      { id: person.id, roles: actor.roles },
      isLooked(id, person.id),
    );
    const names = new Map((await listConnections(r, page.id)).map((c) => [c.id, c.name]));
    const approvers = await listApprovers(r, update, page, now);
    const needed = await bestWayOf(desk, request);
    return renderOverride({
      frame: await frameFor(desk, request, {
        title: `Without a second person: ${incident.title}`,
        room: 'approvals',
        style: 'overrides',
        page,
        trouble: troubleOf(refused, ['why', 'sentence', 'code', 'password']),
      }),
      title: incident.title,
      incidentHref: `/desk/incidents/${incident.id}`,
      backHref: `/desk/approvals/${id}`,
      words: (await listRenditions(r, id)).map((x) => ({
        network: names.get(x.connectionId) ?? 'A network',
        text: x.parts.map((p) => p.text).join('\n\n'),
      })),
      page: textOf(update),
      hash: update.hash ?? '',
      whyNot: whyNoOverride(question, now),
      action: `/desk/updates/${id}/override`,
      reasons: OVERRIDE_REASONS.map((value) => ({
        value,
        label: REASON[value],
        chosen: text(form, 'why') === value,
      })),
      reasonError: refused?.field === 'why' ? refused.message : null,
      sentence: field(
        'sentence',
        'What happens if it waits',
        'One sentence. Everybody who is alarmed reads it.',
        text(form, 'sentence'),
        refused,
      ),
      proof: proofView(desk, needed, `/desk/updates/${id}/override/ask`, refused),
      noProof: needed === null,
      told: `${count(approvers.filter((p) => p.id !== person.id).length, 'person', 'people')} who could have approved and whoever is on call are alarmed at once.`,
      left: `This incident has had ${question.before} of ${MOST_AN_INCIDENT}.`,
    });
  }

  /** Somebody who could approve has the words open just now. */
  const isLooked = (id: string, but: string) =>
    desk.presence.lookingAt(`/desk/approvals/${id}`, but).length > 0;

  app.get<ById>('/updates/:id/override', async (request, reply) =>
    html(reply, await draw(request, request.params.id)),
  );

  app.post<ById>('/updates/:id/override/ask', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['author', 'approver'], 'approve');
    const update = await getUpdate(r, request.params.id);
    const about = `override|${update.id}|${update.hash ?? ''}`;
    const asked = await askForProof(ctx, ports.locks, { sessionId: mustKnow(request).token.id, about });
    return reply.header('cache-control', 'no-store').send(asked);
  });

  app.post<ById>('/updates/:id/override', async (request, reply) => {
    const { id } = request.params;
    const form = formOf(request);
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['author', 'approver'], 'approve');
    try {
      const hash = text(form, 'hash');
      const proof = await proofOf(desk, request, form, `override|${id}|${hash}`);
      const after = await overrideApproval(
        ctx,
        id,
        {
          hash,
          reason: text(form, 'why') as OverrideReason,
          sentence: text(form, 'sentence'),
          looking: isLooked(id, mustKnow(request).person.id),
        },
        proof,
      );
      ports.kick();
      return goTo(
        reply,
        after.state === 'published' ? `/desk/updates/${id}/deliveries` : `/desk/approvals/${id}`,
        'overridden',
      );
    } catch (error) {
      const refused = doorRefusal(error, 400);
      return html(reply, await draw(request, id, form, refused), refused.status);
    }
  });

  async function drawReview(request: FastifyRequest, id: string, form: Form = {}, refused?: Refused) {
    const who = mustKnow(request);
    const o = await getOverride(r, id);
    const update = await getUpdate(r, o.updateId);
    const incident = await getIncident(r, o.incidentId);
    const page = await getPage(r, o.pageId);
    const names = await namesOf(r);
    const now = ports.base.now();
    const place = placeOf(page);
    const may = mayApprove(who.actor.roles);
    return renderReview({
      frame: await frameFor(desk, request, {
        title: `Review: ${incident.title}`,
        room: 'approvals',
        page,
        trouble: troubleOf(refused, ['note', 'verdict']),
      }),
      title: incident.title,
      incidentHref: `/desk/incidents/${incident.id}`,
      facts: [
        { name: 'Who', value: names(o.personId).name },
        { name: 'When', value: moment(o.at, now, place).text },
        { name: 'Why', value: REASON[o.reason] },
        { name: 'In their words', value: o.sentence },
        { name: 'Shown with it', value: o.assurance },
        {
          name: 'Review due',
          value: `${moment(o.reviewDueAt, now, place).text}${
            o.reviewedAt === null && now > o.reviewDueAt ? `, late by ${age(now - o.reviewDueAt)}` : ''
          }`,
        },
      ],
      words: textOf(update, ' '),
      mayReview: may && o.personId !== who.person.id,
      whyNot:
        o.personId === who.person.id
          ? 'You did this, so another person reviews it.'
          : may
            ? null
            : 'An approver reviews this.',
      action: `/desk/overrides/${id}/review`,
      note: field(
        'note',
        'What you found',
        'What you looked at, and what to learn from it.',
        text(form, 'note'),
        refused,
      ),
      verdictError: refused?.field === 'verdict' ? refused.message : null,
      done:
        o.reviewedAt === null
          ? null
          : {
              state:
                o.verdict === 'right'
                  ? { icon: 'ok', tone: 'good', word: 'It was right' }
                  : { icon: 'no', tone: 'bad', word: 'It was wrong' },
              note: `${names(o.reviewedBy).name}, ${moment(o.reviewedAt, now, place).text}: ${o.note ?? ''}`,
            },
    });
  }

  app.get<ById>('/overrides/:id', async (request, reply) =>
    html(reply, await drawReview(request, request.params.id)),
  );

  app.post<ById>('/overrides/:id/review', async (request, reply: FastifyReply) => {
    const form = formOf(request);
    const { id } = request.params;
    try {
      const verdict = text(form, 'verdict') as 'right';
      const o = await reviewOverride(ctxOf(ports.base, request), id, verdict, text(form, 'note'));
      return goTo(reply, `/desk/incidents/${o.incidentId}`, 'reviewed');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawReview(request, id, form, refused), refused.status);
    }
  });
}
