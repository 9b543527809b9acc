import type { FastifyInstance } from 'fastify';
import { mustBe } from '../../actions/context.ts';
import { addPerson, issueToken } from '../../actions/people.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import * as s from './schemas.ts';

/** People, and the secrets that let them in. */
export async function peopleRoutes(
  app: FastifyInstance,
  { base, makeSecret, makeApiToken }: Pick<Ports, 'base' | 'makeSecret' | 'makeApiToken'>,
): Promise<void> {
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
}
