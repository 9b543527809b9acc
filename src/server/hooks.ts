import type { FastifyInstance } from 'fastify';
import type { Ports } from './ports.ts';

/** The largest call that is read, bytes: several times what any network sends at once. */
const LARGEST = 512 * 1024;

/**
 * Where networks call us: one address an account. Nobody is looked up; what counts is that the network has signed the
 * very bytes that came, so they are left as they are. The answer is given when what came is on disk.
 */
export async function hooks(app: FastifyInstance, { inbox }: Pick<Ports, 'inbox'>): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST }, (_request, body, done) =>
    done(null, body),
  );
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'POST'],
    url: '/hooks/:id',
    bodyLimit: LARGEST,
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
