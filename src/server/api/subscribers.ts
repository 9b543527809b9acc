import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { countSubscribers, findByAddress } from '../../../db/queries/subscribers.ts';
import { mustBe } from '../../actions/context.ts';
import { noteBounce } from '../../actions/subscribers/bounce.ts';
import { importSubscribers } from '../../actions/subscribers/import.ts';
import { addressHash } from '../../actions/subscribers/locks.ts';
import { eraseSubscriber } from '../../actions/subscribers/settle.ts';
import { DomainError, notFound } from '../../domain/error.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import { pageOf } from './page-of.ts';

const Kind = Type.Union([Type.Literal('email'), Type.Literal('sms')]);
const OnPage = { pageId: Type.Optional(Type.String({ maxLength: 40 })) };
const Counted = Type.Object(OnPage);
const Imported = Type.Object(
  {
    ...OnPage,
    kind: Kind,
    basis: Type.String({ maxLength: 500 }),
    people: Type.Array(
      Type.Object(
        { address: Type.String({ maxLength: 300 }), language: Type.Optional(Type.String({ maxLength: 20 })) },
        { additionalProperties: false },
      ),
      { maxItems: 200_000 },
    ),
  },
  { additionalProperties: false },
);
const Addressed = Type.Object(
  { ...OnPage, kind: Kind, address: Type.String({ maxLength: 300 }) },
  { additionalProperties: false },
);
const Bounced = Type.Object(
  {
    ...OnPage,
    kind: Kind,
    address: Type.String({ maxLength: 300 }),
    reason: Type.Union([Type.Literal('bounced'), Type.Literal('complained')]),
  },
  { additionalProperties: false },
);

/** A hundred thousand addresses fit. */
const BODY = 16 * 1024 * 1024;

/** Subscribers for programs: how many, bringing them in, what a provider says of an address, and forgetting one. */
export async function subscriberRoutes(
  app: FastifyInstance,
  { base, subscribers }: Pick<Ports, 'base' | 'subscribers'>,
): Promise<void> {
  const r = base.store.read;
  const { locks, readRecipient } = subscribers;
  // Before what they sent is looked at: whoever may not gets no word on it.
  const preValidation = async (request: FastifyRequest) =>
    mustBe(ctxOf(base, request).actor, ['admin'], 'admin');

  app.get<{ Querystring: Static<typeof Counted> }>(
    '/subscribers/counts',
    { schema: { tags: ['subscribers'], summary: 'How many, by kind and state', querystring: Counted } },
    async (q) => countSubscribers(r, (await pageOf(r, q.query.pageId)).id),
  );

  app.post<{ Body: Static<typeof Imported> }>(
    '/subscribers/import',
    {
      bodyLimit: BODY,
      preValidation,
      schema: { tags: ['subscribers'], summary: 'Take in people who agreed elsewhere', body: Imported },
    },
    async (q) => {
      const ctx = ctxOf(base, q);
      const { kind, basis, people } = q.body;
      const good: { address: string; language?: string }[] = [];
      const bad: number[] = [];
      people.forEach((one, i) => {
        try {
          good.push({ ...one, address: readRecipient(kind, one.address) });
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          bad.push(i);
        }
      });
      const page = await pageOf(r, q.body.pageId);
      const added = await importSubscribers(ctx, locks, { pageId: page.id, kind, people: good, basis });
      return { given: people.length, added, notAddresses: bad };
    },
  );

  app.post<{ Body: Static<typeof Bounced> }>(
    '/subscribers/bounces',
    {
      preValidation,
      schema: {
        answers: 204,
        tags: ['subscribers'],
        summary: 'Your provider says that an address does not exist, or complained',
        body: Bounced,
      },
    },
    async (q, reply) => {
      const ctx = ctxOf(base, q);
      const { kind, reason } = q.body;
      const page = await pageOf(r, q.body.pageId);
      const address = readRecipient(kind, q.body.address);
      await noteBounce(ctx, locks, { pageId: page.id, kind, address, reason });
      return reply.code(204).send();
    },
  );

  app.post<{ Body: Static<typeof Addressed> }>(
    '/subscribers/erase',
    {
      preValidation,
      schema: {
        answers: 204,
        tags: ['subscribers'],
        summary: 'Forget one address for good',
        body: Addressed,
      },
    },
    async (q, reply) => {
      const ctx = ctxOf(base, q);
      const { kind } = q.body;
      const page = await pageOf(r, q.body.pageId);
      const hash = addressHash(locks, page.id, kind, readRecipient(kind, q.body.address));
      const row = await findByAddress(r, page.id, kind, hash);
      if (!row) throw notFound('subscriber');
      await eraseSubscriber(ctx, row.id);
      return reply.code(204).send();
    },
  );
}
