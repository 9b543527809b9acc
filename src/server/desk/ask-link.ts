import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { openAsk } from '../../actions/approval/open-ask.ts';
import { ctxOf } from '../who.ts';
import { type Desk, goTo } from './frame.ts';

type BySecret = { Params: { secret: string } };

/** Where somebody was going when they had to sign in first: a screen of ours, and nothing else, for ten minutes. */
const cookieOf = (secure: boolean) => (secure ? '__Host-tocsin-to' : 'tocsin-to');
const OURS =
  /^\/desk\/(?:approvals|updates|incidents|overrides|deliveries|inbox|declare|maintenance|templates|maps|advice|connections|subscribers|people|pages|settings|policy)(?:\/[\w/-]{1,120})?$/;

export function rememberWay(reply: FastifyReply, path: string, secure: boolean): void {
  if (!OURS.test(path) || !('setCookie' in reply)) return;
  reply.setCookie(cookieOf(secure), path, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: 600,
  });
}

/** Where to go after signing in; forgotten as it is read. */
export function takeWay(request: FastifyRequest, reply: FastifyReply, secure: boolean): string | undefined {
  const path = request.cookies[cookieOf(secure)];
  if (path === undefined) return undefined;
  reply.clearCookie(cookieOf(secure), { path: '/', secure });
  return OURS.test(path) ? path : undefined;
}

/**
 * The link by which somebody was asked for their yes. It lets nobody in and approves nothing: whoever follows it signs
 * in first, and then stands before the very words they were asked about. It works once.
 */
export function askLink(app: FastifyInstance, { ports }: Desk): void {
  app.get<BySecret>('/approvals/link/:secret', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    if (!request.who) {
      rememberWay(reply, request.url, ports.secureCookies);
      return goTo(reply, '/desk/sign-in');
    }
    const updateId = await openAsk(ctxOf(ports.base, request), request.params.secret);
    return goTo(reply, `/desk/approvals/${updateId}`);
  });
}
