import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import type { Door } from '../subscribe/door.ts';
import { serveAffected } from './affected.ts';
import { serveAsk } from './ask.ts';
import { serveVerify } from './verify.ts';

/** What visitors of a page can ask and say besides subscribing: plain forms that work without scripts. */
export async function visitors(app: FastifyInstance, door: Door): Promise<void> {
  await app.register(formbody, { bodyLimit: 32 * 1024 });
  const befores = ['', '/:a', '/:a/:b'];
  serveVerify(app, door, befores);
  serveAffected(app, door, befores);
  serveAsk(app, door, befores);
}
