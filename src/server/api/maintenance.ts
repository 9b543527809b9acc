import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { announceMaintenance, cancelMaintenance, changeWindow } from '../../actions/maintenance/announce.ts';
import { holdMaintenance, sayPlannedNow } from '../../actions/maintenance/run-plan.ts';
import type { Blocks } from '../../domain/words.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import { pageOf } from './page-of.ts';
import * as s from './schemas.ts';

const Later = Type.Partial(
  Type.Object({
    reminder: Type.String({ maxLength: 4_000 }),
    start: Type.String({ maxLength: 4_000 }),
    end: Type.String({ maxLength: 4_000 }),
  }),
  s.strict,
);
const Notify = Type.Partial(
  Type.Object({ reminder: Type.Boolean(), start: Type.Boolean(), end: Type.Boolean() }),
  s.strict,
);
/** What is said by itself besides the announcement; what is left out happens by itself, and to everybody. */
const LaterPlan = {
  components: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 500 })),
  autoStart: Type.Optional(Type.Boolean()),
  autoEnd: Type.Optional(Type.Boolean()),
  endsAs: Type.Optional(
    Type.Unsafe<'completed' | 'verifying'>({ type: 'string', enum: ['completed', 'verifying'] }),
  ),
  /** Minutes before the start. */
  reminders: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 20_160 }), { maxItems: 7 })),
  words: Type.Optional(Later),
  notify: Type.Optional(Notify),
};
const NewMaintenance = Type.Object(
  {
    pageId: s.NewIncident.properties.pageId,
    title: s.NewIncident.properties.title,
    blocks: s.UpdateWords.properties.blocks,
    body: s.UpdateWords.properties.body,
    connectionIds: s.UpdateWords.properties.connectionIds,
    from: s.Instant,
    until: s.Instant,
    ...LaterPlan,
  },
  s.strict,
);
const NewWindow = Type.Object(
  {
    from: Type.Optional(s.Instant),
    until: s.Instant,
    text: Type.Optional(Type.String({ maxLength: 4_000 })),
    ...LaterPlan,
  },
  s.strict,
);
const Text = Type.Object({ text: Type.Optional(Type.String({ maxLength: 4_000 })) }, s.strict);
const Hold = Type.Object({ hold: Type.Boolean() }, s.strict);
const Which = Type.Object(
  { as: Type.Unsafe<'start' | 'end'>({ type: 'string', enum: ['start', 'end'] }) },
  s.strict,
);

const leads = (minutes: readonly number[]): number[] => minutes.map((m) => m * 60_000);

/** Planned work by programs: the same verbs as at the desk. Everything they write waits for a person's yes. */
export async function maintenanceRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;
  const tags = ['maintenance'];

  app.post<{ Body: Static<typeof NewMaintenance> }>(
    '/maintenances',
    {
      schema: {
        answers: 201,
        tags,
        summary: 'Announce planned work: a draft with all that is said by itself later',
        body: NewMaintenance,
      },
    },
    async (q, reply) => {
      const { pageId, title, blocks, body, connectionIds, from, until, reminders, ...more } = q.body;
      const page = await pageOf(r, pageId);
      const draft = await announceMaintenance(
        ctxOf(base, q),
        {
          pageId: page.id,
          title,
          blocks: (blocks ?? {}) as Blocks,
          ...(body === undefined ? {} : { body }),
          ...(connectionIds === undefined ? {} : { connectionIds }),
        },
        {
          components: [],
          autoStart: true,
          autoEnd: true,
          endsAs: 'completed',
          ...more,
          from: s.toMs(from),
          until: s.toMs(until),
          reminders: leads(reminders ?? []),
        },
      );
      return reply.code(201).send(draft);
    },
  );
  app.post<{ Params: s.ById; Body: Static<typeof NewWindow> }>(
    '/incidents/:id/window',
    {
      schema: {
        answers: 201,
        tags,
        summary: 'Draft a postponement or an extension',
        params: s.ById,
        body: NewWindow,
      },
    },
    async (q, reply) => {
      const { from, until, text, reminders, ...more } = q.body;
      const window = { until: s.toMs(until), text, ...(from === undefined ? {} : { from: s.toMs(from) }) };
      const changed = { ...more, ...(reminders === undefined ? {} : { reminders: leads(reminders) }) };
      return reply.code(201).send(await changeWindow(ctxOf(base, q), q.params.id, window, changed));
    },
  );
  app.post<{ Params: s.ById; Body: Static<typeof Text> }>(
    '/incidents/:id/cancel',
    {
      schema: {
        answers: 201,
        tags,
        summary: 'Draft the words that call planned work off',
        params: s.ById,
        body: Text,
      },
    },
    async (q, reply) =>
      reply.code(201).send(await cancelMaintenance(ctxOf(base, q), q.params.id, q.body.text)),
  );
  app.post<{ Params: s.ById; Body: Static<typeof Hold> }>(
    '/incidents/:id/hold',
    { schema: { tags, summary: 'Keep planned work from going on by itself', params: s.ById, body: Hold } },
    async (q) => ({ changed: await holdMaintenance(ctxOf(base, q), q.params.id, q.body.hold) }),
  );
  app.post<{ Params: s.ById; Body: Static<typeof Which> }>(
    '/incidents/:id/go',
    {
      schema: {
        tags,
        summary: 'Begin or end planned work now, with its approved words',
        params: s.ById,
        body: Which,
      },
    },
    async (q) => sayPlannedNow(ctxOf(base, q), q.params.id, q.body.as),
  );
}
