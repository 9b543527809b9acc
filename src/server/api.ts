import type { FastifyInstance } from 'fastify';
import { listConnections } from '../../db/queries/connections.ts';
import {
  listAttempts,
  listDeliveriesInState,
  listDeliveriesOfUpdates,
  listReceipts,
} from '../../db/queries/deliveries.ts';
import {
  getIncident,
  getUpdate,
  listIncidents,
  listPromises,
  listUpdates,
  type Update,
} from '../../db/queries/incidents.ts';
import { getPage, listComponents, listGroups, listPages, type Page } from '../../db/queries/pages.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../actions/approve-update.ts';
import { connectAccount, resumeConnection, switchConnection } from '../actions/connect-account.ts';
import type { Ctx } from '../actions/context.ts';
import { mustBe } from '../actions/context.ts';
import { draftUpdate, editUpdate, type UpdateWords as Words } from '../actions/draft-update.ts';
import { openIncident } from '../actions/open-incident.ts';
import { addPerson, issueToken } from '../actions/people.ts';
import { previewUpdate, requestApproval } from '../actions/request-approval.ts';
import { returnUpdate, withdrawUpdate } from '../actions/return-update.ts';
import { addComponent } from '../actions/set-up-page.ts';
import { confirmDelivery, giveUpDelivery, resendDelivery } from '../actions/settle-delivery.ts';
import { notFound } from '../domain/error.ts';
import type { Ports } from './ports.ts';
import * as s from './schemas.ts';
import { ctxOf, mustKnow } from './who.ts';

/** The JSON API: one route a verb, each checks who asks, calls one action or query, shows the result. */
export async function api(
  app: FastifyInstance,
  { base, channels, makeSecret, makeApiToken }: Ports,
): Promise<void> {
  const { store } = base;
  const r = store.read;
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.url !== '/api/v1/openapi.json')
      mustBe(mustKnow(request).actor, ['viewer', 'responder', 'author', 'approver'], 'read');
  });
  const pageOf = async (id: string | undefined): Promise<Page> => {
    if (id !== undefined) return getPage(r, id);
    const [first] = await listPages(r);
    if (!first) throw notFound('page');
    return first;
  };
  const words = (b: s.UpdateWords): Words => ({
    ...b,
    nextUpdateBy:
      b.nextUpdateBy === undefined || b.nextUpdateBy === null ? b.nextUpdateBy : s.toMs(b.nextUpdateBy),
  });

  app.get('/pages', { schema: { tags: ['pages'], summary: 'Pages of this installation' } }, async () =>
    listPages(r),
  );
  app.get<{ Querystring: s.ListQuery }>(
    '/components',
    { schema: { tags: ['pages'], summary: 'Components and groups of a page', querystring: s.ListQuery } },
    async (q) => {
      const page = await pageOf(q.query.pageId);
      return { components: await listComponents(r, page.id), groups: await listGroups(r, page.id) };
    },
  );
  app.post<{ Body: s.NewComponent }>(
    '/components',
    { schema: { tags: ['pages'], summary: 'Add a component', body: s.NewComponent } },
    async (q, reply) => {
      const { pageId, name, description, group } = q.body;
      const page = await pageOf(pageId);
      const made = await addComponent(ctxOf(base, q), page.id, {
        name,
        ...(description === undefined ? {} : { description }),
        ...(group === undefined ? {} : { group }),
      });
      return reply.code(201).send(made);
    },
  );

  app.post<{ Body: s.NewIncident }>(
    '/incidents',
    { schema: { tags: ['incidents'], summary: 'Open an incident', body: s.NewIncident } },
    async (q, reply) => {
      const { pageId, detectedAt, startedAt, scheduledFor, scheduledUntil, ...rest } = q.body;
      const page = await pageOf(pageId);
      const opened = await openIncident(ctxOf(base, q), {
        ...rest,
        pageId: page.id,
        ...(detectedAt === undefined ? {} : { detectedAt: s.toMs(detectedAt) }),
        ...(startedAt === undefined ? {} : { startedAt: s.toMs(startedAt) }),
        scheduledFor: scheduledFor == null ? null : s.toMs(scheduledFor),
        scheduledUntil: scheduledUntil == null ? null : s.toMs(scheduledUntil),
      });
      return reply.code(201).send(opened);
    },
  );
  app.get<{ Querystring: s.ListQuery }>(
    '/incidents',
    { schema: { tags: ['incidents'], summary: 'Incidents, newest first', querystring: s.ListQuery } },
    async (q) => listIncidents(r, (await pageOf(q.query.pageId)).id, q.query.limit ?? 50),
  );
  app.get<{ Params: s.ById }>(
    '/incidents/:id',
    { schema: { tags: ['incidents'], summary: 'An incident with its updates and promises', params: s.ById } },
    async (q) => {
      const incident = await getIncident(r, q.params.id);
      return {
        ...incident,
        updates: await listUpdates(r, incident.id),
        promises: await listPromises(r, [incident.id]),
      };
    },
  );
  app.post<{ Params: s.ById; Body: s.UpdateWords }>(
    '/incidents/:id/updates',
    { schema: { tags: ['updates'], summary: 'Draft an update', params: s.ById, body: s.UpdateWords } },
    async (q, reply) => reply.code(201).send(await draftUpdate(ctxOf(base, q), q.params.id, words(q.body))),
  );
  app.get<{ Params: s.ById }>(
    '/updates/:id',
    {
      schema: {
        tags: ['updates'],
        summary: 'An update with its renditions, approvals and deliveries',
        params: s.ById,
      },
    },
    async (q) => wholeUpdate(await getUpdate(r, q.params.id)),
  );
  app.patch<{ Params: s.ById; Body: s.EditedUpdate }>(
    '/updates/:id',
    {
      schema: {
        tags: ['updates'],
        summary: 'Change the words; voids what was approved of them',
        params: s.ById,
        body: s.EditedUpdate,
      },
    },
    async (q) => {
      const { version, ...rest } = q.body;
      return editUpdate(ctxOf(base, q), q.params.id, version, words(rest));
    },
  );
  app.get<{ Params: s.ById }>(
    '/updates/:id/preview',
    {
      schema: {
        tags: ['updates'],
        summary: 'The exact words for every network, and what keeps them from being sent',
        params: s.ById,
      },
    },
    async (q) => {
      const { rendered, refused, blocked } = await previewUpdate(r, q.params.id, base.now());
      return {
        blocked,
        renditions: rendered.map(({ connection, rendition }) => ({
          connectionId: connection.id,
          channel: connection.channel,
          name: connection.name,
          account: connection.account,
          parts: rendition.parts,
          dropped: rendition.dropped,
          max: rendition.max,
          unit: rendition.unit,
        })),
        refused: refused.map((x) => ({
          connectionId: x.connection.id,
          name: x.connection.name,
          message: x.message,
        })),
      };
    },
  );
  app.post<{ Params: s.ById; Body: s.AskedVersion }>(
    '/updates/:id/request-approval',
    {
      schema: {
        tags: ['updates'],
        summary: 'Ask for approval of the words as they are',
        params: s.ById,
        body: s.AskedVersion,
      },
    },
    async (q) => requestApproval(ctxOf(base, q), q.params.id, q.body.version),
  );
  app.post<{ Params: s.ById; Body: s.SeenHash }>(
    '/updates/:id/approve',
    {
      schema: {
        tags: ['updates'],
        summary: 'Approve the words with this hash; the last yes publishes them',
        params: s.ById,
        body: s.SeenHash,
      },
    },
    async (q) => approveUpdate(ctxOf(base, q), q.params.id, q.body.hash),
  );
  app.post<{ Params: s.ById; Body: s.Reason }>(
    '/updates/:id/return',
    {
      schema: {
        tags: ['updates'],
        summary: 'Send the words back to their author',
        params: s.ById,
        body: s.Reason,
      },
    },
    async (q) => returnUpdate(ctxOf(base, q), q.params.id, q.body.reason),
  );
  app.post<{ Params: s.ById; Body: s.Reason }>(
    '/updates/:id/withdraw',
    {
      schema: {
        tags: ['updates'],
        summary: 'Take an update back before it is published',
        params: s.ById,
        body: s.Reason,
      },
    },
    async (q) => withdrawUpdate(ctxOf(base, q), q.params.id, q.body.reason),
  );

  app.get<{ Querystring: s.ListQuery }>(
    '/deliveries',
    {
      schema: {
        tags: ['deliveries'],
        summary: 'Deliveries in a state, by default those that need a person',
        querystring: s.ListQuery,
      },
    },
    async (q) =>
      listDeliveriesInState(
        r,
        q.query.state ? [q.query.state] : ['held', 'manual', 'dead', 'refused'],
        q.query.limit ?? 100,
      ),
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

  app.get(
    '/channels',
    { schema: { tags: ['connections'], summary: 'Kinds of networks, and what each needs' } },
    async () => channels.kinds().map(({ open: _, ...facts }) => facts),
  );
  app.get<{ Querystring: s.ListQuery }>(
    '/connections',
    { schema: { tags: ['connections'], summary: 'Connected accounts', querystring: s.ListQuery } },
    async (q) =>
      (await listConnections(r, (await pageOf(q.query.pageId)).id)).map(
        ({ sealed: _, laneBy: __, laneUntil: ___, ...shown }) => shown,
      ),
  );
  app.post<{ Body: s.NewConnection }>(
    '/connections',
    {
      schema: {
        tags: ['connections'],
        summary: 'Connect an account: tries the credentials, then keeps them sealed',
        body: s.NewConnection,
      },
    },
    async (q, reply) => {
      const ctx: Ctx = ctxOf(base, q);
      mustBe(ctx.actor, ['admin'], 'admin');
      const page = await pageOf(q.body.pageId);
      const id = base.newId();
      const { verified, settings, sealed, kind } = await channels.prepare(q.body.channel, id, q.body.values);
      const { sealed: _, ...made } = await connectAccount(ctx, {
        id,
        pageId: page.id,
        channel: kind.kind,
        name: q.body.name ?? kind.name,
        role: q.body.role ?? kind.defaultRole,
        settings,
        sealed,
        template: kind.template,
        verified,
        ...(q.body.language === undefined ? {} : { language: q.body.language }),
        ...(q.body.includeLink === undefined ? {} : { includeLink: q.body.includeLink }),
        ...(q.body.thread === undefined ? {} : { thread: q.body.thread }),
      });
      return reply.code(201).send(made);
    },
  );
  for (const [path, act, summary] of [
    ['on', (ctx: Ctx, id: string) => switchConnection(ctx, id, true), 'Switch an account on'],
    ['off', (ctx: Ctx, id: string) => switchConnection(ctx, id, false), 'Switch an account off'],
    ['resume', resumeConnection, 'Go on after the network refused us and it was mended'],
  ] as const)
    app.post<{ Params: s.ById }>(
      `/connections/:id/${path}`,
      { schema: { tags: ['connections'], summary, params: s.ById } },
      async (q) => {
        const { sealed: _, ...shown } = await act(ctxOf(base, q), q.params.id);
        return shown;
      },
    );

  app.post<{ Body: s.NewPerson }>(
    '/people',
    { schema: { tags: ['people'], summary: 'Add a person', body: s.NewPerson } },
    async (q, reply) => reply.code(201).send(await addPerson(ctxOf(base, q), q.body)),
  );
  app.post<{ Params: s.ById }>(
    '/people/:id/sign-in-link',
    { schema: { tags: ['people'], summary: 'A link that signs a person in, once', params: s.ById } },
    async (q, reply) => {
      const ctx = ctxOf(base, q);
      mustBe(ctx.actor, ['admin'], 'admin');
      const made = await issueToken(ctx, {
        kind: 'sign_in',
        personId: q.params.id,
        name: 'Link',
        secret: makeSecret(),
      });
      return reply.code(201).send({ path: `/desk/sign-in/${made.secret}`, expiresAt: made.token.expiresAt });
    },
  );
  app.post<{ Body: s.NewToken }>(
    '/tokens',
    { schema: { tags: ['people'], summary: 'Make an API token; it is shown once', body: s.NewToken } },
    async (q, reply) => {
      const { expiresInDays, ...rest } = q.body;
      const made = await issueToken(ctxOf(base, q), {
        kind: 'api',
        ...rest,
        secret: makeApiToken(),
        ...(expiresInDays === undefined ? {} : { expiresInMs: expiresInDays * 86_400_000 }),
      });
      return reply.code(201).send({ id: made.token.id, token: made.secret, expiresAt: made.token.expiresAt });
    },
  );

  async function wholeUpdate(update: Update) {
    const deliveries = await listDeliveriesOfUpdates(r, [update.id]);
    const ids = deliveries.map((d) => d.id);
    const [attempts, receipts] = [await listAttempts(r, ids), await listReceipts(r, ids)];
    return {
      ...update,
      renditions: await listRenditions(r, update.id),
      approvals: await listApprovals(r, [update.id]),
      deliveries: deliveries.map((d) => ({
        ...d,
        attemptLog: attempts.filter((a) => a.deliveryId === d.id),
        receipt: receipts.find((x) => x.deliveryId === d.id) ?? null,
      })),
    };
  }
}
