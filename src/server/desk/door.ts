import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Token } from '../../../db/queries/people.ts';
import type { Ctx } from '../../actions/context.ts';
import type { Visit } from '../../actions/sign-in/locks.ts';
import { DomainError } from '../../domain/error.ts';
import { addressKey } from '../../live/caps.ts';
import type { PasskeyView, PasswordView } from '../../templates/desk-door-views.ts';
import type { Ports } from '../ports.ts';
import { setSessionCookie } from '../who.ts';
import { takeWay } from './ask-link.ts';
import { field, type Refused, refusedBy } from './forms.ts';
import { type Desk, goTo } from './frame.ts';

/** What the screens of signing in share. */

/** The context of somebody whom we do not know yet. */
export const doorCtx = (ports: Ports): Ctx => ({
  ...ports.base,
  actor: { kind: 'system', id: 'sign-in', roles: [] },
});

/** The browser at the door, with a new secret for the session it may get. */
export const visitOf = (ports: Ports, request: FastifyRequest): Visit => ({
  secret: ports.makeSecret(),
  replaces: (request.who ?? request.half)?.token.id ?? null,
  userAgent: request.headers['user-agent'] ?? null,
  address: addressKey(request.ip),
});

/** Lets the browser go on with the session it got: to the desk, or to show the second factor. */
export function letIn(ports: Ports, reply: FastifyReply, session: Token, secret: string) {
  setSessionCookie(reply, ports.secureCookies, secret);
  if (session.kind === 'half') return goTo(reply, '/desk/sign-in/second');
  const way = takeWay(reply.request, reply, ports.secureCookies);
  return way === undefined ? goTo(reply, '/desk', 'in') : goTo(reply, way, 'in');
}

/** Guessing is held back by its own limits; this one keeps a flood from the database. */
export const DOOR_RATE = { config: { rateLimit: { max: 120, timeWindow: '1 minute' } } } as const;

/** Null where browsers make no passkeys: without the module, or at an address without a name. */
export const passkeyView = (
  desk: Pick<Desk, 'assets' | 'ports'>,
  act: PasskeyView['act'],
  ask: string,
  label: string,
): PasskeyView | null =>
  desk.assets.passkey === null || desk.ports.locks.site.id === ''
    ? null
    : { script: desk.assets.passkey, act, ask, label };

/** What was typed as a password never comes back. */
export const passwordField = (
  name: string,
  label: string,
  help: string,
  fill: PasswordView['fill'],
  refused?: Refused,
): PasswordView => ({ ...field(name, label, help, '', refused), fill });

export const NEW_PASSWORD_HELP = 'At least 12 characters. Four unrelated words are good.';

/**
 * What a form with a password or a passkey can say: a 401 too, which elsewhere has a page of its own. `status` is what
 * it becomes where the person is known already and only what they brought is wrong.
 */
export function doorRefusal(error: unknown, status = 401): Refused & { waitS?: number } {
  if (error instanceof DomainError && error.code === 'unauthorized')
    return { field: error.field, message: error.message, status };
  const refused = refusedBy(error);
  const ms = error instanceof DomainError ? error.retryAfterMs : undefined;
  return ms === undefined ? refused : { ...refused, waitS: Math.ceil(ms / 1_000) };
}
