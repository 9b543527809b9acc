import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { findTokenByHash, type Person, type Token } from '../../db/queries/people.ts';
import type { Store } from '../../db/store.ts';
import { type Actor, type Ctx, sha256 } from '../actions/context.ts';
import { noteTokenUse } from '../actions/people.ts';
import { endsAt, letInOf } from '../actions/sign-in/session.ts';
import { DomainError, forbidden } from '../domain/error.ts';

/** Who is asking, once we know. */
export interface Who {
  person: Person;
  token: Token;
  actor: Actor;
  /** To be put in every form; bound to the session. */
  csrf: string;
}

/** Somebody whose password was right and whose second factor is still to be shown: they may do nothing else. */
export interface Half {
  person: Person;
  token: Token;
}

declare module 'fastify' {
  interface FastifyRequest {
    who: Who | null;
    half: Half | null;
  }
}

export interface WhoOptions {
  store: Store;
  now(): number;
  secureCookies: boolean;
  /** HMAC with the installation's key. */
  sign(purpose: string, text: string): string;
}

/** Time between two writes of "last used", ms, so that reading pages does not write. */
const TOUCH_MS = 60_000;

export const cookieName = (secure: boolean): string => (secure ? '__Host-tocsin' : 'tocsin');

export function setSessionCookie(reply: FastifyReply, secure: boolean, secret: string): void {
  reply.setCookie(cookieName(secure), secret, { path: '/', httpOnly: true, sameSite: 'lax', secure });
}

/** Finds out who is asking, from a bearer token or the session cookie, and keeps other sites out of the session. */
export const whoIsAsking = fp(
  async (app, options: WhoOptions) => {
    app.decorateRequest('who', null);
    app.decorateRequest('half', null);
    app.addHook('onRequest', async (request) => {
      const bearer = /^bearer\s+(\S{10,200})$/i.exec(request.headers.authorization ?? '')?.[1];
      const cookie = request.cookies[cookieName(options.secureCookies)];
      const secret = bearer ?? cookie;
      if (secret === undefined) return;
      const found = await findTokenByHash(options.store.read, sha256(secret));
      const kind = bearer === undefined ? 'session' : 'api';
      const now = options.now();
      if (bearer === undefined && found?.token.kind === 'half' && isAlive(found, now)) {
        request.half = found;
        return;
      }
      if (!found || found.token.kind !== kind || !isAlive(found, now)) {
        if (bearer !== undefined)
          throw new DomainError(
            'unauthorized',
            'This token is not valid: it was revoked, has run out, or is mistyped.',
          );
        return;
      }
      const { token, person } = found;
      if (now - (token.lastUsedAt ?? 0) > TOUCH_MS) await noteTokenUse(options.store, token.id, now);
      request.who = {
        person,
        token,
        csrf: options.sign('csrf', token.id),
        actor: {
          kind: kind === 'api' ? 'token' : 'person',
          id: person.id,
          roles: person.roles,
          pageRoles: person.pageRoles,
          letIn: letInOf(token),
          ...(kind === 'api' ? { scopes: token.scopes } : {}),
        },
      };
    });
    // A browser sends the cookie whoever made the form, so an unsafe request must prove that our page made it. Signing
    // in is held to it too: nobody shall be signed in as somebody else without knowing.
    app.addHook('preValidation', async (request) => {
      if (isSafe(request.method) || request.who?.token.kind === 'api') return;
      const site = request.headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin') throw forbidden('This form came from another site.');
      const { origin } = request.headers;
      if (origin !== undefined && origin !== 'null' && !isOwn(origin, request.host))
        throw forbidden('This form came from another site.');
      if (!request.who) return;
      const body = request.body as { csrf?: unknown } | undefined;
      const given = String(request.headers['x-csrf'] ?? body?.csrf ?? '');
      if (!equal(given, request.who.csrf))
        throw forbidden('This form is too old. Load the page again; what you wrote is kept.');
      if (body && typeof body === 'object') delete body.csrf;
    });
  },
  { name: 'who', dependencies: ['@fastify/cookie'] },
);

/** Whether what a person holds still lets them in at `now`. */
export function isAlive(found: { token: Token; person: Person }, now: number): boolean {
  const { token, person } = found;
  if (token.revokedAt !== null || person.disabledAt !== null) return false;
  if (token.expiresAt !== null && token.expiresAt <= now) return false;
  return token.kind !== 'session' || now < endsAt(token);
}

/** Whether an `Origin` is that of the host which was asked. */
export const isOwn = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;

const isSafe = (method: string) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

function equal(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}

/** The person asking, or a 401 that says how to become one. */
export function mustKnow(request: FastifyRequest): Who {
  if (request.who) return request.who;
  throw new DomainError('unauthorized', 'Sign in first, or send an API token as "Authorization: Bearer …".');
}

/** The context in which the person asking acts. */
export const ctxOf = (base: Omit<Ctx, 'actor'>, request: FastifyRequest): Ctx => ({
  ...base,
  actor: mustKnow(request).actor,
});

/** How long after signing in a person may change how they sign in, ms: later, whoever sits there may be somebody else. */
const FRESH_MS = 15 * 60_000;

export const isFresh = (who: Who, now: number): boolean => now - who.token.createdAt < FRESH_MS;

/** Throws `forbidden` when the person asking has not just signed in. */
export function mustBeFresh(request: FastifyRequest, now: number): Who {
  const who = mustKnow(request);
  if (who.token.kind !== 'session') throw forbidden('A person does this at the desk.');
  if (isFresh(who, now)) return who;
  throw forbidden('To change how you sign in, sign out and in again first: it shows that it is still you.');
}

const tryCookie = (secure: boolean): string => (secure ? '__Host-tocsin-try' : 'tocsin-try');

/** The secret of a browser that has asked to come in, made when it has none: answers must come from the same one. */
export function browserOf(
  request: FastifyRequest,
  reply: FastifyReply,
  options: { secure: boolean; newSecret(): string },
): string {
  const name = tryCookie(options.secure);
  const known = request.cookies[name];
  if (known !== undefined && /^[\w-]{43}$/.test(known)) return sha256(known);
  const made = options.newSecret();
  reply.setCookie(name, made, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: options.secure,
    maxAge: 600,
  });
  return sha256(made);
}
