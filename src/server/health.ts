import type { FastifyInstance } from 'fastify';
import type { Ports } from './ports.ts';

/** `/livez`: the process turns. `/readyz`: it can do its work; 503 with what cannot be done when it cannot. */
export async function health(app: FastifyInstance, { readiness }: Pick<Ports, 'readiness'>): Promise<void> {
  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await readiness();
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ok: ready, checks });
  });
}
