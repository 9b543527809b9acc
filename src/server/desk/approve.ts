import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getUpdate } from '../../../db/queries/incidents.ts';
import { consentTo } from '../../actions/approval/consent.ts';
import { approveUpdate } from '../../actions/approve-update.ts';
import { mustBe } from '../../actions/context.ts';
import { returnUpdate } from '../../actions/return-update.ts';
import { askForProof } from '../../actions/sign-in/prove.ts';
import { isPublic } from '../../domain/update.ts';
import { renderApprovals, renderApprove } from '../../templates/desk.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { approvalRows } from './approvals.ts';
import { approveView } from './approve-view.ts';
import { doorRefusal } from './door.ts';
import { formOf, type Refused, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { proofOf } from './proving.ts';

type ById = { Params: { id: string } };

/** Saying yes, or sending back: made for a phone and one thumb. */
export function approve(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/approvals', async (request, reply) =>
    html(
      reply,
      renderApprovals({
        frame: await frameFor(desk, request, { title: 'Approvals', room: 'approvals' }),
        waiting: await approvalRows(desk, mustKnow(request), ports.base.now()),
      }),
    ),
  );

  app.get<ById>('/approvals/:id', async (request, reply) => {
    const update = await getUpdate(r, request.params.id);
    if (isPublic(update.state)) return goTo(reply, `/desk/updates/${update.id}/deliveries`);
    if (update.state !== 'in_review' && update.state !== 'approved')
      return goTo(reply, `/desk/updates/${update.id}`);
    return html(reply, renderApprove(await approveView(desk, request, update)));
  });

  app.post<ById>('/approvals/:id/approve', async (request, reply) => {
    const { id } = request.params;
    try {
      const form = formOf(request);
      const hash = text(form, 'hash');
      const proof = await proofOf(desk, request, form, `approve|${id}|${hash}`);
      const after = await approveUpdate(ctxOf(ports.base, request), id, hash, proof);
      ports.kick();
      return after.state === 'published'
        ? goTo(reply, `/desk/updates/${id}/deliveries`, 'released')
        : goTo(
            reply,
            `/desk/approvals/${id}`,
            after.state === 'approved' && after.publishAt !== null ? 'timed' : 'approved',
          );
    } catch (error) {
      return again(request, reply, id, doorRefusal(error, 400));
    }
  });

  // What a browser asks an authenticator: bound to this session and to these very words.
  app.post<ById>('/approvals/:id/ask', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['approver'], 'approve');
    const { id, hash } = await getUpdate(r, request.params.id);
    const asked = await askForProof(ctx, ports.locks, {
      sessionId: mustKnow(request).token.id,
      about: `approve|${id}|${hash ?? ''}`,
    });
    return reply.header('cache-control', 'no-store').send(asked);
  });

  // One's own voice: bound to these very words, too, and to nothing else.
  app.post<ById>('/approvals/:id/consent/ask', async (request, reply) => {
    const { id, hash } = await getUpdate(r, request.params.id);
    const asked = await askForProof(ctxOf(ports.base, request), ports.locks, {
      sessionId: mustKnow(request).token.id,
      about: `consent|${id}|${hash ?? ''}`,
    });
    return reply.header('cache-control', 'no-store').send(asked);
  });

  app.post<ById>('/approvals/:id/consent', async (request, reply) => {
    const { id } = request.params;
    try {
      const form = formOf(request);
      const hash = text(form, 'hash');
      const proof = await proofOf(desk, request, form, `consent|${id}|${hash}`);
      const after = await consentTo(ctxOf(ports.base, request), id, hash, proof);
      ports.kick();
      return after.state === 'published'
        ? goTo(reply, `/desk/updates/${id}/deliveries`, 'released')
        : goTo(reply, `/desk/approvals/${id}`, 'consented');
    } catch (error) {
      return again(request, reply, id, doorRefusal(error, 400));
    }
  });

  app.post<ById>('/approvals/:id/return', async (request, reply) => {
    const { id } = request.params;
    const form = formOf(request);
    try {
      const reason = text(form, 'quick') || text(form, 'reason');
      const after = await returnUpdate(ctxOf(ports.base, request), id, reason);
      return goTo(reply, `/desk/incidents/${after.incidentId}`, 'returned');
    } catch (error) {
      return again(request, reply, id, refusedBy(error), text(form, 'reason'));
    }
  });

  /** The screen once more, with what is true now and why it could not be done. */
  async function again(
    request: FastifyRequest,
    reply: Parameters<typeof html>[0],
    id: string,
    refused: Refused,
    typed = '',
  ) {
    const update = await getUpdate(r, id);
    const body = await approveView(desk, request, update, refused, typed);
    return html(reply, renderApprove(body), refused.status);
  }
}
