import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keepChallenge, spendChallenge } from '../../actions/sign-in/challenge.ts';
import { connectSingleSignOn, signInWithSingleSignOn } from '../../actions/sign-in/with-single-sign-on.ts';
import { DomainError, notFound } from '../../domain/error.ts';
import type { SingleSignOn } from '../single-sign-on.ts';
import { browserOf, ctxOf, mustBeFresh } from '../who.ts';
import { DOOR_RATE, doorCtx, letIn, visitOf } from './door.ts';
import { type Desk, goTo } from './frame.ts';

/** Single sign-on at the issuer that is configured. Links, not forms: our policy lets no form lead elsewhere. */
export function signInBySso(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;

  app.get('/sign-in/sso', DOOR_RATE, async (request, reply) => {
    const sso = configured(desk);
    const { url, state, secret } = await sso.start();
    const boundTo = browserOf(request, reply, {
      secure: ports.secureCookies,
      newSecret: ports.makeSecret,
    });
    await keepChallenge(doorCtx(ports), ports.locks, {
      kind: 'sso_sign_in',
      value: state,
      boundTo,
      personId: null,
      secret,
    });
    return leave(reply, url);
  });

  app.get('/sign-in/sso/back', DOOR_RATE, async (request, reply) => {
    const sso = configured(desk);
    const { state } = request.query as { state?: unknown };
    const value = typeof state === 'string' ? state : '';
    const mine = await spentBy(desk, request, reply, value);
    const claims = await sso.finish(queryOf(request), value, mine.secret);
    if (mine.kind === 'sso_link') {
      const who = mustBeFresh(request, ports.base.now());
      if (who.person.id !== mine.personId)
        throw new DomainError('unauthorized', 'Somebody else has signed in here meanwhile. Start again.');
      await connectSingleSignOn(ctxOf(ports.base, request), claims);
      return goTo(reply, '/desk/me', 'sso-connected');
    }
    const visit = visitOf(ports, request);
    const { session } = await signInWithSingleSignOn(doorCtx(ports), claims, visit);
    return letIn(ports, reply, session, visit.secret);
  });
}

/** Connecting the account of somebody who is signed in. */
export function connectSso(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;
  app.get('/me/sso', async (request, reply) => {
    const who = mustBeFresh(request, ports.base.now());
    const { url, state, secret } = await configured(desk).start();
    await keepChallenge(ctxOf(ports.base, request), ports.locks, {
      kind: 'sso_link',
      value: state,
      boundTo: who.token.id,
      personId: who.person.id,
      secret,
    });
    return leave(reply, url);
  });
}

const leave = (reply: FastifyReply, url: string) =>
  reply.header('cache-control', 'no-store').redirect(url, 303);

const queryOf = (request: FastifyRequest): string => request.url.split('?')[1] ?? '';

function configured(desk: Desk): SingleSignOn {
  if (desk.ports.sso) return desk.ports.sso;
  throw notFound('single sign-on here: nobody has configured it');
}

/** The state is ours, unspent, and of this browser (signing in) or of this session (connecting). */
async function spentBy(desk: Desk, request: FastifyRequest, reply: FastifyReply, value: string) {
  const { ports } = desk;
  const ctx = doorCtx(ports);
  if (request.who) {
    const kinds = ['sso_link'] as const;
    const link = await spendChallenge(ctx, ports.locks, {
      kinds,
      value,
      boundTo: request.who.token.id,
    }).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'unauthorized') return undefined;
      throw error;
    });
    if (link) return link;
  }
  const boundTo = browserOf(request, reply, { secure: ports.secureCookies, newSecret: ports.makeSecret });
  return spendChallenge(ctx, ports.locks, { kinds: ['sso_sign_in'], value, boundTo });
}
