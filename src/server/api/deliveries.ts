import type { FastifyInstance } from 'fastify';
import { listDeliveriesInState } from '../../../db/queries/deliveries.ts';
import { confirmDelivery, giveUpDelivery, resendDelivery } from '../../actions/settle-delivery.ts';
import type { Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { pagesRead } from './page-of.ts';
import * as s from './schemas.ts';

/** What became of each delivery, and the three things a person can do about one. */
export async function deliveryRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;

  app.get<{ Querystring: s.DeliveriesQuery }>(
    '/deliveries',
    {
      schema: {
        tags: ['deliveries'],
        summary: 'Deliveries in a state, by default those that need a person',
        querystring: s.DeliveriesQuery,
      },
    },
    async (q) => {
      const { pageId, state, limit = 100 } = q.query;
      const states = state ? [state] : (['held', 'manual', 'dead', 'refused'] as const);
      return listDeliveriesInState(r, states, limit, await pagesRead(r, mustKnow(q).person, pageId));
    },
  );
  app.post<{ Params: s.ById; Body: s.PastedUrl }>(
    '/deliveries/:id/confirm',
    {
      schema: {
        tags: ['deliveries'],
        summary: 'It is there: here is its address',
        params: s.ById,
        body: s.PastedUrl,
      },
    },
    async (q) => confirmDelivery(ctxOf(base, q), q.params.id, q.body.url),
  );
  app.post<{ Params: s.ById }>(
    '/deliveries/:id/resend',
    { schema: { tags: ['deliveries'], summary: 'It is not there: send it again', params: s.ById } },
    async (q) => resendDelivery(ctxOf(base, q), q.params.id),
  );
  app.post<{ Params: s.ById; Body: s.Reason }>(
    '/deliveries/:id/give-up',
    { schema: { tags: ['deliveries'], summary: 'Do not send it any more', params: s.ById, body: s.Reason } },
    async (q) => giveUpDelivery(ctxOf(base, q), q.params.id, q.body.reason),
  );
}
