import type { FastifyInstance } from 'fastify';
import { listComponents, listGroups, listPages } from '../../../db/queries/pages.ts';
import { mustBe } from '../../actions/context.ts';
import { addComponent } from '../../actions/set-up-page.ts';
import { assertSecondFactor } from '../../actions/sign-in/require-second.ts';
import { mayRead } from '../../domain/rights.ts';
import type { Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { amendmentRoutes } from './amendments.ts';
import { connectionRoutes } from './connections.ts';
import { deliveryRoutes } from './deliveries.ts';
import { incidentRoutes } from './incidents.ts';
import { judgementRoutes } from './judgement.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { mentionRoutes } from './mentions.ts';
import { pageOf } from './page-of.ts';
import { peopleRoutes } from './people.ts';
import { pictureRoutes } from './pictures.ts';
import * as s from './schemas.ts';
import { subscriberRoutes } from './subscribers.ts';

/** The JSON API: one route a verb, each checks who asks, calls one action or query, shows the result. */
export async function api(app: FastifyInstance, { ports }: { ports: Ports }): Promise<void> {
  const { base } = ports;
  const r = base.store.read;
  app.addHook('onRequest', async (request) => {
    mustBe(mustKnow(request).actor, ['viewer', 'responder', 'author', 'approver'], 'read');
  });
  // A program does not do for its owner what they may not do at the desk before they have a second factor.
  app.addHook('preHandler', async (request) => {
    const { actor } = mustKnow(request);
    if (request.method !== 'GET' && request.method !== 'HEAD') await assertSecondFactor(r, actor.id);
  });
  await app.register(incidentRoutes, ports);
  await app.register(pictureRoutes, ports);
  await app.register(amendmentRoutes, ports);
  await app.register(maintenanceRoutes, ports);
  await app.register(deliveryRoutes, ports);
  await app.register(connectionRoutes, ports);
  await app.register(peopleRoutes, ports);
  await app.register(subscriberRoutes, ports);
  await app.register(judgementRoutes, ports);
  await app.register(mentionRoutes, ports);

  app.get('/pages', { schema: { tags: ['pages'], summary: 'Pages of this installation' } }, async (q) => {
    const { person } = mustKnow(q);
    const pages = (await listPages(r)).filter((page) => mayRead(person, page.id));
    // Who may read a page is for its admins, and the hash of a password is for nobody.
    return pages.map(({ access, ...page }) => ({ ...page, private: access !== null }));
  });
  app.get<{ Querystring: s.OfPage }>(
    '/components',
    { schema: { tags: ['pages'], summary: 'Components and groups of a page', querystring: s.OfPage } },
    async (q) => {
      const page = await pageOf(r, q.query.pageId);
      return { components: await listComponents(r, page.id), groups: await listGroups(r, page.id) };
    },
  );
  app.post<{ Body: s.NewComponent }>(
    '/components',
    {
      schema: {
        answers: 201,
        tags: ['pages'],
        summary: 'Add a component',
        body: s.NewComponent,
      },
    },
    async (q, reply) => {
      const { pageId, name, description, group } = q.body;
      const page = await pageOf(r, pageId);
      const made = await addComponent(ctxOf(base, q), page.id, {
        name,
        ...(description === undefined ? {} : { description }),
        ...(group === undefined ? {} : { group }),
      });
      return reply.code(201).send(made);
    },
  );
}
