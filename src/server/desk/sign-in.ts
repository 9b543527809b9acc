import type { FastifyInstance } from 'fastify';
import { signOut, signIn as spendLink } from '../../actions/people.ts';
import { DomainError } from '../../domain/error.ts';
import { renderSignIn } from '../../templates/desk.ts';
import { cookieName, ctxOf, mustKnow, setSessionCookie } from '../who.ts';
import { bareFrame, type Desk, goTo, html } from './frame.ts';

/** Signing in by a one-time link. Mail scanners follow links, so only the button spends it. */
export function signIn(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;
  app.get('/sign-in', async (request, reply) => {
    if (request.who) return goTo(reply, '/desk');
    throw new DomainError('unauthorized', 'The desk is for people who have been let in by a link.');
  });
  app.get<{ Params: { secret: string } }>('/sign-in/:secret', async (request, reply) =>
    html(
      reply,
      renderSignIn({
        frame: { ...bareFrame(ports, desk.assets, request), title: 'Sign in' },
        action: `/desk/sign-in/${encodeURIComponent(request.params.secret)}`,
      }),
    ),
  );
  app.post<{ Params: { secret: string } }>(
    '/sign-in/:secret',
    // Guessing 256 bits is hopeless; this keeps the log readable.
    { config: { rateLimit: { max: 20, timeWindow: '1 minute' } } },
    async (request, reply) => {
      const secret = ports.makeSecret();
      const ctx = { ...ports.base, actor: { kind: 'system' as const, id: 'sign-in', roles: [] } };
      await spendLink(ctx, request.params.secret, secret);
      if (request.who) await signOut(ctxOf(ports.base, request), request.who.token.id);
      setSessionCookie(reply, ports.secureCookies, secret);
      return goTo(reply, '/desk', 'in');
    },
  );
}

/** Ends the session here and now, also on open sockets. */
export function signOutRoute(app: FastifyInstance, { ports }: Desk): void {
  app.post('/sign-out', async (request, reply) => {
    await signOut(ctxOf(ports.base, request), mustKnow(request).token.id);
    reply.clearCookie(cookieName(ports.secureCookies), { path: '/', secure: ports.secureCookies });
    return goTo(reply, '/desk/sign-in');
  });
}
