import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { linkToken } from '../../actions/subscribers/locks.ts';
import { offerPush } from '../../actions/subscribers/offer-push.ts';
import { subscribe } from '../../actions/subscribers/subscribe.ts';
import { countVisit } from '../../actions/subscribers/visits.ts';
import { type Form, formOf } from '../desk/forms.ts';
import { choiceFrom, type Door, standing, visitOf, visitor } from './door.ts';

/** Notifications in a browser: it asks for the page's key, makes a subscription with it, and brings that here. */
export function servePush(app: FastifyInstance, door: Door, before: string): void {
  const { ports } = door;
  app.post(`${before}/subscribe/push/key`, async (request, reply) => {
    const here = await standing(door, request);
    const publicKey = await offerPush(visitor(door), ports.subscribers.locks, here.page.id);
    return reply.header('cache-control', 'no-store').send({ publicKey });
  });

  app.post<{ Body: { subscription: Record<string, unknown>; choice?: Form } }>(
    `${before}/subscribe/push`,
    {
      schema: {
        body: Type.Object({
          subscription: Type.Record(Type.String(), Type.Unknown()),
          choice: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        }),
      },
    },
    async (request, reply) => {
      const here = await standing(door, request);
      await countVisit(ports.base, ports.subscribers.locks, visitOf(request), 'subscribe');
      const choice = choiceFrom(request.body.choice ?? formOf(request), here.language);
      const row = await subscribe(visitor(door), ports.subscribers.locks, {
        pageId: here.page.id,
        kind: 'web_push',
        address: ports.subscribers.readRecipient('web_push', JSON.stringify(request.body.subscription)),
        source: 'page',
        language: choice.language,
        everything: choice.everything,
        componentIds: choice.partIds,
        incidentId: choice.incidentChosen ? choice.incidentId : undefined,
      });
      // Its address is a secret of this browser, so whoever brings it is its owner.
      const link = linkToken(ports.subscribers.locks, 'manage', row.id);
      return reply.header('cache-control', 'no-store').send({ manage: `${here.path}/subscription/${link}` });
    },
  );
}
