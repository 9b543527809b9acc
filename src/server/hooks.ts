import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/error.ts';
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
  { inbox, base }: Pick<Ports, 'inbox' | 'base'>,
): Promise<void> {
  const gate = openTurnstile(PER_ADDRESS);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST }, (_request, body, done) =>
    done(null, body),
  );
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'POST'],
    url: '/hooks/:id',
    bodyLimit: LARGEST,
    async onRequest(request) {
      const waitMs = gate.admit(addressKey(request.ip), base.now());
      if (waitMs > 0)
        throw new DomainError('limited', 'Too many calls from this address. Send it again later.', {
          retryAfterMs: waitMs,
        });
    },
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
