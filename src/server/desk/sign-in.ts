import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findCredentials } from '../../../db/queries/credentials.ts';
import { listAskedHandOvers } from '../../../db/queries/hand-overs.ts';
import type { Incident } from '../../../db/queries/incidents.ts';
import { listLeft } from '../../actions/hand-over/owner-away.ts';
import { signOut, signIn as spendLink } from '../../actions/people.ts';
import { askForPasskey } from '../../actions/sign-in/passkeys.ts';
import { showSecondFactor } from '../../actions/sign-in/second-factor.ts';
import { signInWithPasskey } from '../../actions/sign-in/with-passkey.ts';
import { signInWithPassword } from '../../actions/sign-in/with-password.ts';
import { DomainError } from '../../domain/error.ts';
import { renderLeaving, renderLink, renderSecond, renderSignIn } from '../../templates/desk-door.ts';
import { browserOf, cookieName, ctxOf, type Half, mustKnow } from '../who.ts';
import { DOOR_RATE, doorCtx, doorRefusal, letIn, passkeyView, passwordField, visitOf } from './door.ts';
import { type Form, field, formOf, type Refused, text, troubleOf } from './forms.ts';
import { bareFrame, type Desk, frameFor, goTo, html, namesOf } from './frame.ts';
import { count, statusOf } from './words.ts';

type BySecret = { Params: { secret: string } };

/** The form to sign in, wherever somebody stands who is not. `ended`: they were, and it was too long ago. */
export const drawDoor = (
  { ports, assets }: Pick<Desk, 'ports' | 'assets'>,
  request: FastifyRequest,
  form: Form,
  trouble: string | null = null,
  ended = false,
): string =>
  renderSignIn({
    frame: { ...bareFrame(ports, assets, request), title: 'Sign in', trouble },
    ended,
    action: '/desk/sign-in',
    email: field('email', 'Email address', '', text(form, 'email')),
    password: passwordField('password', 'Password', '', 'current-password'),
    passkey: passkeyView({ ports, assets }, 'get', '/desk/sign-in/passkey/ask', 'Sign in with a passkey'),
    passkeyAction: '/desk/sign-in/passkey',
    sso: ports.sso ? { href: '/desk/sign-in/sso', name: ports.sso.name } : null,
  });

/** Signing in: by password and second factor, by passkey, by a one-time link. */
export function signIn(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;
  const { locks } = ports;
  const frameOf = (request: FastifyRequest, trouble: string | null = null) => ({
    ...bareFrame(ports, desk.assets, request),
    title: 'Sign in',
    trouble,
  });
  const browser = (request: FastifyRequest, reply: FastifyReply) =>
    browserOf(request, reply, { secure: ports.secureCookies, newSecret: ports.makeSecret });

  const draw = (request: FastifyRequest, form: Form, refused?: Refused) =>
    drawDoor(desk, request, form, refused?.message ?? null);

  app.get('/sign-in', async (request, reply) => {
    if (request.who) return goTo(reply, '/desk');
    return html(reply, draw(request, {}));
  });

  app.post('/sign-in', DOOR_RATE, async (request, reply) => {
    const form = formOf(request);
    try {
      const visit = visitOf(ports, request);
      const input = { email: text(form, 'email'), password: text(form, 'password') };
      const { session } = await signInWithPassword(doorCtx(ports), locks, input, visit);
      return letIn(ports, reply, session, visit.secret);
    } catch (error) {
      return again(request, reply, form, error);
    }
  });

  app.post('/sign-in/passkey/ask', DOOR_RATE, async (request, reply) =>
    reply.header('cache-control', 'no-store').send(
      await askForPasskey(doorCtx(ports), locks, {
        kind: 'passkey_sign_in',
        boundTo: browser(request, reply),
        person: null,
      }),
    ),
  );

  app.post('/sign-in/passkey', DOOR_RATE, async (request, reply) => {
    try {
      const visit = visitOf(ports, request);
      const input = { answer: text(formOf(request), 'passkey'), boundTo: browser(request, reply) };
      const { session } = await signInWithPasskey(doorCtx(ports), locks, input, visit);
      return letIn(ports, reply, session, visit.secret);
    } catch (error) {
      return again(request, reply, {}, error);
    }
  });

  /** A refused way in is shown at the form, also when it is a 401: nobody is sent away to read why. */
  function again(request: FastifyRequest, reply: FastifyReply, form: Form, error: unknown) {
    const refused = doorRefusal(error);
    if (refused.waitS !== undefined) reply.header('retry-after', String(refused.waitS));
    return html(reply, draw(request, form, refused), refused.status);
  }

  second(app, desk, frameOf);

  // Mail scanners follow links, so only the button spends one.
  app.get<BySecret>('/sign-in/:secret', async (request, reply) =>
    html(
      reply,
      renderLink({
        frame: frameOf(request),
        action: `/desk/sign-in/${encodeURIComponent(request.params.secret)}`,
      }),
    ),
  );
  app.post<BySecret>('/sign-in/:secret', DOOR_RATE, async (request, reply) => {
    const visit = visitOf(ports, request);
    const { session } = await spendLink(doorCtx(ports), request.params.secret, visit.secret, visit);
    return letIn(ports, reply, session, visit.secret);
  });
}

/** The second factor, for whoever holds a half session and for nobody else. */
function second(
  app: FastifyInstance,
  desk: Desk,
  frameOf: (request: FastifyRequest, trouble?: string | null) => ReturnType<typeof bareFrame>,
): void {
  const { ports, r } = desk;
  const { locks } = ports;
  const mustBeHalf = (request: FastifyRequest): Half => {
    if (request.half) return request.half;
    throw new DomainError('unauthorized', 'This took too long. Sign in again.');
  };

  async function draw(request: FastifyRequest, refused?: Refused) {
    const { person } = mustBeHalf(request);
    const { totp, passkeys } = await findCredentials(r, person.id);
    return renderSecond({
      frame: frameOf(request, troubleOf(refused, ['code'])),
      name: person.name,
      action: '/desk/sign-in/second',
      app: totp !== null,
      code: field('code', 'Code', '', '', refused),
      passkey:
        passkeys.length === 0
          ? null
          : passkeyView(desk, 'get', '/desk/sign-in/second/ask', 'Use your passkey'),
      passkeyAction: '/desk/sign-in/second',
    });
  }

  app.get('/sign-in/second', async (request, reply) => html(reply, await draw(request)));

  app.post('/sign-in/second/ask', DOOR_RATE, async (request, reply) => {
    const { token, person } = mustBeHalf(request);
    return reply
      .header('cache-control', 'no-store')
      .send(
        await askForPasskey(doorCtx(ports), locks, { kind: 'passkey_second', boundTo: token.id, person }),
      );
  });

  app.post('/sign-in/second', DOOR_RATE, async (request, reply) => {
    const { token } = mustBeHalf(request);
    const form = formOf(request);
    const answer = text(form, 'passkey');
    try {
      const visit = visitOf(ports, request);
      const shown = answer === '' ? { code: text(form, 'code') } : { answer };
      const { session } = await showSecondFactor(doorCtx(ports), locks, token, shown, visit);
      return letIn(ports, reply, session, visit.secret);
    } catch (error) {
      const refused = doorRefusal(error);
      if (refused.waitS !== undefined) reply.header('retry-after', String(refused.waitS));
      return html(reply, await draw(request, refused), refused.status);
    }
  });
}

async function leavingView(desk: Desk, request: FastifyRequest, left: readonly Incident[]) {
  const names = await namesOf(desk.r);
  const asked = await listAskedHandOvers(desk.r);
  return {
    frame: await frameFor(desk, request, { title: 'Before you go', room: 'board' }),
    count: count(left.length, 'open incident', 'open incidents'),
    incidents: left.map((i) => {
      const to = asked.findLast((h) => h.incidentId === i.id)?.toId;
      return {
        href: `/desk/incidents/${i.id}`,
        title: i.title,
        status: statusOf(i),
        offered: to === undefined ? null : `offered to ${names(to).name}, who has not said yes`,
      };
    }),
  };
}

/** Ends the session here and now, also on open sockets; not before its person has seen what they would leave. */
export function signOutRoute(app: FastifyInstance, desk: Desk): void {
  const { ports, r } = desk;
  app.post('/sign-out', async (request, reply) => {
    const { person, token } = mustKnow(request);
    const left = await listLeft(r, person.id, token.id, ports.base.now());
    // An incident has an owner at any second: who has one hands it over, or says that they leave it.
    if (left.length > 0 && text(formOf(request), 'anyway') !== '1')
      return html(reply, renderLeaving(await leavingView(desk, request, left)), 409);
    await signOut(ctxOf(ports.base, request), mustKnow(request).token.id);
    reply.clearCookie(cookieName(ports.secureCookies), { path: '/', secure: ports.secureCookies });
    return goTo(reply, '/desk/sign-in');
  });
}
