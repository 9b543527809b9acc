import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Reader } from '../../../db/store.ts';
import { mustEnrol } from '../../actions/sign-in/require-second.ts';
import { forbidden } from '../../domain/error.ts';
import { goTo } from './frame.ts';

/** What somebody without the second factor that is required of them may do: set one up, and leave. */
const ALLOWED = /^\/desk\/(?:me(?:\/|$)|sign-out$|set-up(?:\/|$)|live$)/;

export const sendToEnrol =
  (r: Reader) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { who } = request;
    if (!who || ALLOWED.test(request.routeOptions.url ?? '') || !(await mustEnrol(r, who.person))) return;
    if (request.method === 'GET' && (request.headers.accept ?? '').includes('text/html'))
      return goTo(reply, '/desk/me', 'enrol');
    throw forbidden('Approvers and admins here need a second factor. Set up a passkey or an app first.');
  };
