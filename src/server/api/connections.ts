import type { FastifyInstance } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import { connectAccount, resumeConnection, switchConnection } from '../../actions/connect-account.ts';
import { type Ctx, mustBe } from '../../actions/context.ts';
import { switchSending } from '../../actions/switch-sending.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import { pageOf } from './page-of.ts';
import * as s from './schemas.ts';

/** Kinds of networks and connected accounts. */
export async function connectionRoutes(
  app: FastifyInstance,
  { base, channels, kick }: Pick<Ports, 'base' | 'channels' | 'kick'>,
): Promise<void> {
  const r = base.store.read;

  app.get(
    '/channels',
    { schema: { tags: ['connections'], summary: 'Kinds of networks, and what each needs' } },
    async () => channels.kinds().map(({ open: _, ...facts }) => facts),
  );
  app.get<{ Querystring: s.OfPage }>(
    '/connections',
    { schema: { tags: ['connections'], summary: 'Connected accounts', querystring: s.OfPage } },
    async (q) =>
      (await listConnections(r, (await pageOf(r, q.query.pageId)).id)).map(
        ({ sealed: _, laneBy: __, laneUntil: ___, ...shown }) => shown,
      ),
  );
  app.post<{ Body: s.NewConnection }>(
    '/connections',
    {
      schema: {
        answers: 201,
        tags: ['connections'],
        summary: 'Connect an account: tries the credentials, then keeps them sealed',
        body: s.NewConnection,
      },
    },
    async (q, reply) => {
      const ctx: Ctx = ctxOf(base, q);
      mustBe(ctx.actor, ['admin'], 'admin');
      const page = await pageOf(r, q.body.pageId);
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
  app.get(
    '/sending',
    { schema: { tags: ['connections'], summary: 'Whether posts leave for the networks, and why not' } },
    async () => {
      const reason = (await findInstallation(r, 'sending_off')) ?? null;
      return { on: reason === null, reason };
    },
  );
  app.post<{ Body: s.Why }>(
    '/sending/off',
    {
      schema: { tags: ['connections'], summary: 'Stop every network at once; queues are kept', body: s.Why },
    },
    async (q) => switchSending(ctxOf(base, q), false, q.body.reason),
  );
  app.post(
    '/sending/on',
    { schema: { tags: ['connections'], summary: 'Let every network go on; what waited goes out' } },
    async (q) => {
      const now = await switchSending(ctxOf(base, q), true);
      kick();
      return now;
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
}
