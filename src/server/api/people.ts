import type { FastifyInstance } from 'fastify';
import { listLiveTokens, listPeople, type Token } from '../../../db/queries/people.ts';
import { mustBe } from '../../actions/context.ts';
import { addPerson, issueToken } from '../../actions/people.ts';
import { endToken } from '../../actions/sign-in/change-person.ts';
import type { Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import * as s from './schemas.ts';

/** People, and the secrets that let them in. */
export async function peopleRoutes(
  app: FastifyInstance,
  { base, makeSecret, makeApiToken }: Pick<Ports, 'base' | 'makeSecret' | 'makeApiToken'>,
): Promise<void> {
  const r = base.store.read;

  app.get('/people', { schema: { tags: ['people'], summary: 'People and their roles' } }, async (q) => {
    mustBe(mustKnow(q).actor, ['admin'], 'admin');
    return listPeople(r);
  });
  app.get(
    '/tokens',
    { schema: { tags: ['people'], summary: 'API tokens that still work, without their secrets' } },
    async (q) => {
      mustBe(mustKnow(q).actor, ['admin'], 'admin');
      return (await listLiveTokens(r, ['api'], base.now())).map(shownToken);
    },
  );
  app.post<{ Params: s.ById }>(
    '/tokens/:id/revoke',
    {
      schema: {
        answers: 204,
        tags: ['people'],
        summary: 'End an API token for good',
        params: s.ById,
      },
    },
    async (q, reply) => {
      await endToken(ctxOf(base, q), q.params.id);
      return reply.code(204).send();
    },
  );
  app.post<{ Body: s.NewPerson }>(
    '/people',
    {
      schema: {
        answers: 201,
        tags: ['people'],
        summary: 'Add a person',
        body: s.NewPerson,
      },
    },
    async (q, reply) => reply.code(201).send(await addPerson(ctxOf(base, q), q.body)),
  );
  app.post<{ Params: s.ById }>(
    '/people/:id/sign-in-link',
    {
      schema: {
        answers: 201,
        tags: ['people'],
        summary: 'A link that signs a person in, once',
        params: s.ById,
      },
    },
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
    {
      schema: {
        answers: 201,
        tags: ['people'],
        summary: 'Make an API token; it is shown once',
        body: s.NewToken,
      },
    },
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
}

const shownToken = (t: Token) => ({
  id: t.id,
  personId: t.personId,
  name: t.name,
  scopes: t.scopes,
  createdAt: t.createdAt,
  expiresAt: t.expiresAt,
  lastUsedAt: t.lastUsedAt,
});
