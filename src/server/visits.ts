import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { getPage } from '../../db/queries/pages.ts';
import type { Ctx } from '../actions/context.ts';
import { askForLink, enterByLink, enterByPassword } from '../actions/visits/enter.ts';
import { DomainError, forbidden } from '../domain/error.ts';
import { addressKey } from '../live/caps.ts';
import type { Live } from '../live/live.ts';
import { directionOf } from '../live/place.ts';
import { renderPrivate } from '../templates/private.ts';
import { pageWords } from '../templates/strings/page/words.ts';
import { type Form, formOf, text } from './desk/forms.ts';
import { evenly } from './even.ts';
import type { Gate } from './gate.ts';
import { languageOf, plainPolicy } from './plain.ts';
import type { Ports } from './ports.ts';
import { guard, HIDDEN, PRIVATE_CACHE, setAll } from './serve.ts';

export interface VisitOptions {
  ports: Ports;
  live: Live;
  gate: Gate;
}

type ByPage = { Params: { page: string } };
type ByLink = { Params: { page: string; secret: string } };

/** The door of private pages: a password, or a link by mail. It says nothing of what is behind it, not even its name. */
export async function visits(app: FastifyInstance, { ports, live, gate }: VisitOptions): Promise<void> {
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: 8 * 1024 });
  const ctx: Ctx = { ...ports.base, actor: { kind: 'system', id: 'visitor', roles: [] } };
  const { locks } = ports;

  // Nobody is let in by a form of somebody else's.
  app.addHook('preValidation', async (request) => {
    const site = request.headers['sec-fetch-site'];
    if (request.method === 'POST' && site !== undefined && site !== 'same-origin')
      throw forbidden('This form came from another site.');
  });

  app.post<ByPage>('/visit/:page/password', async (request, reply) => {
    const { page } = request.params;
    const form = formOf(request);
    try {
      await enterByPassword(ctx, locks, page, text(form, 'password').slice(0, 300), addressKey(request.ip));
    } catch (error) {
      return again(request, reply, page, form, error);
    }
    return enter(request, reply, page, form);
  });

  app.post<ByPage>('/visit/:page/link', async (request, reply) => {
    const { page } = request.params;
    const form = formOf(request);
    const email = text(form, 'email').slice(0, 320);
    try {
      // Neither the work nor the mail is seen in how long the answer takes: it would tell whether there was any.
      const secret = await evenly(() => askForLink(ctx, locks, page, email, addressKey(request.ip)));
      if (secret !== undefined)
        void send(request, page, email, secret).catch((error: unknown) => request.log.error(error));
    } catch (error) {
      return again(request, reply, page, form, error);
    }
    return draw(request, reply, page, { next: nextOf(form), sent: true });
  });

  async function send(request: FastifyRequest, pageId: string, to: string, secret: string): Promise<void> {
    const w = pageWords(languageOf(request));
    const { name, url } = await getPage(ports.base.store.read, pageId);
    // The page's own address, and never the one that was asked: whoever asks says what that is, and would get the secret.
    const link = `${new URL(url).origin}/visit/${pageId}/open/${secret}`;
    await ports.mail(pageId, { to, subject: name, text: `${w.open}: ${link}` });
  }

  // Programs that look at mail open every link in it, so opening one changes nothing; its button does.
  app.get<ByLink>('/visit/:page/open/:secret', async (request, reply) => {
    const { page, secret } = request.params;
    return draw(request, reply, page, { next: '/', openAction: `/visit/${page}/open/${secret}` });
  });

  app.post<ByLink>('/visit/:page/open/:secret', async (request, reply) => {
    const { page, secret } = request.params;
    try {
      await enterByLink(ctx, locks, page, secret);
    } catch (error) {
      return again(request, reply, page, {}, error);
    }
    return enter(request, reply, page, {});
  });

  const enter = (request: FastifyRequest, reply: FastifyReply, page: string, form: Form) => {
    gate.letIn(request, reply, page);
    dress(reply);
    const home = live.homeOf(page) ?? '/';
    const next = nextOf(form);
    return reply.redirect(next === '' ? home : next, 303);
  };

  function again(request: FastifyRequest, reply: FastifyReply, page: string, form: Form, error: unknown) {
    if (!(error instanceof DomainError) || error.code === 'not_found') throw error;
    const w = pageWords(languageOf(request));
    const wrong =
      error.code === 'limited' ? w.tooMany : error.code === 'invalid' ? w.wrongPassword : w.linkOld;
    if (error.retryAfterMs !== undefined)
      reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1_000)));
    return draw(request, reply, page, { next: nextOf(form), wrong }, error.code === 'limited' ? 429 : 401);
  }

  function draw(
    request: FastifyRequest,
    reply: FastifyReply,
    pageId: string,
    more: Parameters<typeof drawPrivate>[2],
    status = 200,
  ) {
    return dress(reply)
      .code(status)
      .type('text/html; charset=utf-8')
      .send(drawPrivate(request, pageId, more));
  }
}

/** The page with the password field; its headers are set by `dress`. */
export function drawPrivate(
  request: FastifyRequest,
  pageId: string,
  more: { next: string; sent?: boolean; wrong?: string; openAction?: string },
): string {
  const language = languageOf(request);
  return renderPrivate({
    language,
    dir: directionOf(language),
    action: `/visit/${pageId}`,
    next: more.next,
    sent: more.sent === true,
    wrong: more.wrong ?? null,
    openAction: more.openAction ?? null,
  });
}

export function dress(reply: FastifyReply): FastifyReply {
  return setAll(guard(reply, plainPolicy(null)), HIDDEN).header('cache-control', PRIVATE_CACHE);
}

/** Where a visitor wanted to go: a path here, and nowhere else. */
const nextOf = (form: Form): string => {
  const next = text(form, 'next');
  return /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(next) && !next.startsWith('/visit/') ? next : '';
};
