import type { FastifyInstance, FastifyRequest } from 'fastify';
import { equal, mailHookSecret } from '../actions/subscribers/locks.ts';
import { takeReturned } from '../actions/subscribers/returned.ts';
import { DomainError, notFound } from '../domain/error.ts';
import { openTurnstile } from '../domain/pace.ts';
import { addressKey } from '../live/caps.ts';
import type { Ports } from './ports.ts';

/** The largest call that is read, bytes: several times what any network sends at once. */
const LARGEST = 512 * 1024;

/** Calls from one address: a network that catches up after an outage sends many, from a few machines. */
const PER_ADDRESS = { burst: 300, everyMs: 100 };

/**
 * Where networks call us: one address an account. Nobody is looked up; what counts is that the network has signed the
 * very bytes that came, so they are left as they are. The answer is given when what came is on disk. Whoever calls too
 * often is told when to come again before a byte of theirs is read; networks repeat what was not taken. How much one
 * account may bring is counted behind its signature (see the inbox), so that strangers cannot use it up.
 */
export async function hooks(
  app: FastifyInstance,
  { inbox, base, subscribers }: Pick<Ports, 'inbox' | 'base' | 'subscribers'>,
): Promise<void> {
  const gate = openTurnstile(PER_ADDRESS);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST }, (_request, body, done) =>
    done(null, body),
  );
  const admit = (request: FastifyRequest): void => {
    const waitMs = gate.admit(addressKey(request.ip), base.now());
    if (waitMs > 0)
      throw new DomainError('limited', 'Too many calls from this address. Send it again later.', {
        retryAfterMs: waitMs,
      });
  };
  // A mail server, or a provider of one, hands on what came back to us, as it came.
  app.post<{ Params: { secret: string } }>('/hooks/mail/:secret', {
    bodyLimit: LARGEST,
    async onRequest(request) {
      admit(request);
      if (!equal(request.params.secret, mailHookSecret(subscribers.locks))) throw notFound('address');
    },
    async handler(request, reply) {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const did = await takeReturned(base, subscribers.locks, subscribers.readReturned(bytes));
      return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(`${did}\n`);
    },
  });
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'POST'],
    url: '/hooks/:id',
    bodyLimit: LARGEST,
    onRequest: async (request) => admit(request),
    async handler(request, reply) {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers))
        if (value !== undefined) headers[name] = [value].flat().join(', ');
      const answer = await inbox.take(request.params.id, {
        method: request.method === 'GET' ? 'GET' : 'POST',
        query: new URLSearchParams(request.url.split('?')[1] ?? ''),
        headers,
        body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      });
      return reply
        .code(answer.status)
        .header('cache-control', 'no-store')
        .type(answer.type)
        .send(answer.body);
    },
  });
}
