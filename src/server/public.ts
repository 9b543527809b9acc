import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, notFound } from '../domain/error.ts';
import { openTurnstile } from '../domain/pace.ts';
import { MOST_ASKED } from '../domain/search.ts';
import type { Place } from '../live/addresses.ts';
import type { Leaf } from '../live/archive.ts';
import { MODULE_CACHE, PICTURE_CACHE } from '../live/cache-rules.ts';
import { addressKey } from '../live/caps.ts';
import type { Live, Question } from '../live/live.ts';
import { renderStyle } from '../templates/page.ts';
import { pageCss, styleCss } from '../templates/styles.ts';
import type { Answer } from './errors.ts';
import { type Gate, openGate } from './gate.ts';
import { drawError } from './plain.ts';
import { GUARDS, guard, isKnown, PRIVATE_CACHE, pageDress, policy, serve } from './serve.ts';
import { refuseSocket, takeSocket, wantsSocket } from './upgrade.ts';
import { drawPrivate, dress } from './visits.ts';
import { isOwn } from './who.ts';

export interface PublicOptions {
  live: Live;
  gate?: Gate | undefined;
}

const read = (file: string) => readFileSync(new URL(file, import.meta.url));
/** A search reads everything that was ever said: nobody needs many, and many would keep others waiting. */
const SEARCHES = { burst: 20, everyMs: 2_000 };
/** Helmet, where it is registered, is for the desk: these answers bring their own headers, made once. */
const OWN = { helmet: false } as const;

const BELL =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28"><path fill="#8f1d14" d="M0 17h3.4v7H0zM6.1 9h3.4v15H6.1zM12.3 1h3.4v27h-3.4zM18.5 9h3.4v15h-3.4zM24.6 17H28v7h-3.4z"/></svg>';
const NO_ROBOTS = 'User-agent: *\nDisallow: /\n';
const ROBOTS = 'User-agent: *\nDisallow: /live\nDisallow: /u/\n';

/**
 * What everybody may read: pages, incidents, the past, the live stream. Every page comes from bytes that were ready.
 * @fastify/websocket brings the upgrades, but from a scope beside this one: its hooks would run for every reader.
 */
export async function publicPages(app: FastifyInstance, options: PublicOptions): Promise<void> {
  const { live } = options;
  const gate = options.gate ?? openGate({ live, now: Date.now });
  const file = (path: string, type: string, body: Buffer | string, csp?: string) => {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
    app.get(path, OWN, (request, reply) => {
      guard(reply, csp);
      reply.header('etag', etag).header('cache-control', MODULE_CACHE);
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type(type).send(body);
    });
  };
  file('/live.js', 'text/javascript; charset=utf-8', read('../browser/dist/live.js'));
  file('/favicon.svg', 'image/svg+xml', BELL);
  file('/favicon.ico', 'image/svg+xml', BELL);
  app.get('/robots.txt', OWN, (request, reply) => {
    const home = live.findPlace([], request.hostname);
    const body = home && gate.isPrivate(home.pageId) ? NO_ROBOTS : ROBOTS;
    guard(reply).header('cache-control', 'public, max-age=300');
    return reply.type('text/plain; charset=utf-8').send(body);
  });

  // A logo of somebody's own can do nothing, even when it is opened by itself.
  app.get<{ Params: { file: string } }>('/files/:file', OWN, async (request, reply) => {
    const { file } = request.params;
    const found = live.file(file) ?? (await cold(() => live.picture(file)));
    if (!found) throw notFound('picture');
    gate.admit(request, found.pageId);
    const isPrivate = gate.isPrivate(found.pageId);
    reply.hijack();
    serve(request.raw, reply.raw, found.document, {
      type: found.type,
      cache: isPrivate ? PRIVATE_CACHE : PICTURE_CACHE,
      csp: "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'",
      guards: GUARDS,
    });
    return reply;
  });

  app.get<{ Querystring: Record<string, string | undefined> }>('/style', OWN, (request, reply) => {
    const { sheet, theme, grave } = request.query;
    const of = sheet === 'desk' ? 'desk' : 'page';
    guard(reply, `${policy(styleCss(of).csp, pageCss().csp)}; frame-src 'self'`);
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(
        renderStyle({
          sheet: of,
          theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
          grave: grave === '1',
        }),
      );
  });

  // Returns nothing: a reply would be waited for like a promise.
  const page = (request: FastifyRequest, reply: FastifyReply): void => {
    const place = findOrMove(request, reply);
    if (!place) return;
    const found = live.page(place);
    if (!found) throw notFound('page');
    reply.hijack();
    serve(request.raw, reply.raw, found, pageDress(gate.isPrivate(place.pageId), found.style));
  };
  /** The place, unless it stands under a host name of its own: then its reader is sent there. */
  function findOrMove(request: FastifyRequest, reply: FastifyReply): Place | undefined {
    try {
      return gate.place(request);
    } catch (error) {
      const { a, b } = request.params as { a?: string; b?: string };
      const to = live.movedTo([a, b].filter((x) => x !== undefined));
      if (to === undefined || !(error instanceof DomainError) || error.code !== 'not_found') throw error;
      guard(reply).header('cache-control', 'public, max-age=60').redirect(to, 302);
      return undefined;
    }
  }
  for (const path of ['/', '/:a', '/:a/:b']) app.get(path, OWN, page);

  const searches = openTurnstile(SEARCHES);
  const leaf =
    (of: (request: FastifyRequest) => Leaf | undefined) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const place = gate.place(request);
      const wanted = of(request);
      if (wanted && 'search' in wanted) {
        const waitMs = searches.admit(addressKey(request.ip), Date.now());
        if (waitMs > 0)
          throw new DomainError('limited', 'Too many searches from this address. Try again in a moment.', {
            retryAfterMs: waitMs,
          });
      }
      const found = wanted && (await cold(() => live.leaf(place, wanted)));
      if (!found) throw notFound('page');
      reply.hijack();
      serve(request.raw, reply.raw, found, pageDress(gate.isPrivate(place.pageId), found.style));
      return reply;
    };
  for (const before of ['', '/:a', '/:a/:b']) {
    app.get(`${before}/incidents/:id`, OWN, leaf(incidentOf));
    app.get(`${before}/history`, OWN, leaf(historyOf));
    app.get(
      `${before}/wall`,
      OWN,
      leaf(() => ({ wall: true })),
    );
    app.get<{ Params: { code: string } }>(`${before}/u/:code`, OWN, async (request, reply) => {
      const { code } = request.params;
      const found = CODE.test(code) ? await cold(() => live.findLink(code)) : undefined;
      if (found === undefined) throw notFound('page');
      gate.admit(request, found.pageId);
      const cache = gate.isPrivate(found.pageId) ? PRIVATE_CACHE : 'public, max-age=60';
      return guard(reply).header('cache-control', cache).redirect(found.path, 302);
    });
  }

  /** What an open page asks for, once it is known that its reader may have it. */
  function asked(request: FastifyRequest): Question {
    const question = questionOf(request);
    const pageId = question.pageId ?? live.findPlace([], request.hostname)?.pageId;
    if (pageId === undefined || live.access(pageId) === undefined) return question;
    gate.admit(request, pageId);
    const { origin } = request.headers;
    // A page that is not for everybody is read by its own pages only, whoever made the reader's browser ask.
    if (gate.isPrivate(pageId) && origin !== undefined && !isOwn(origin, request.host))
      throw notFound('page');
    return { ...question, pageId };
  }
  const isOpen = ({ pageId }: Question): boolean => pageId !== undefined && !gate.isPrivate(pageId);

  app.get('/live', { ...OWN, onRequest: upgrade }, async () => {
    throw new DomainError(
      'invalid',
      'This address speaks WebSocket; read /live/events or /live/poll instead.',
    );
  });
  // In a hook, so that no handler waits for an answer that is never sent.
  async function upgrade(request: FastifyRequest, reply: FastifyReply) {
    if (!wantsSocket(request)) return;
    let question: Question;
    try {
      question = asked(request);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refuseSocket(request, reply, error.code === 'unauthorized' ? 401 : 404);
      return;
    }
    const socket = takeSocket(request, reply);
    if (socket) live.join(socket, question);
  }
  app.get('/live/events', OWN, (request, reply) => {
    const question = asked(request);
    const seen = Number(request.headers['last-event-id'] ?? Number.NaN);
    if (Number.isInteger(seen)) question.after = seen;
    reply.hijack();
    const answer = live.stream(reply.raw, question);
    if (answer === 'streaming') return;
    const status = answer === 'full' ? 503 : 404;
    const later = status === 503 ? ['retry-after', '30'] : [];
    reply.raw.writeHead(status, [...GUARDS, 'cache-control', 'no-store', ...later]);
    reply.raw.end();
  });
  app.get('/live/poll', OWN, (request, reply) => {
    const question = asked(request);
    const json = live.poll(question);
    guard(reply).header('cache-control', 'no-store');
    if (isOpen(question)) reply.header('access-control-allow-origin', '*');
    if (json === undefined) throw notFound('page');
    return reply.type('application/json; charset=utf-8').send(json);
  });
}

const ID = /^[0-9a-z]{1,40}$/;
const CODE = /^[\w-]{1,40}$/;

function incidentOf(request: FastifyRequest): Leaf | undefined {
  const { id } = request.params as { id: string };
  return ID.test(id) ? { incident: id } : undefined;
}

function historyOf(request: FastifyRequest): Leaf | undefined {
  const { before, after, month, q } = request.query as Record<string, unknown>;
  if (typeof q === 'string') return { search: q.slice(0, MOST_ASKED) };
  if (typeof month === 'string') return /^20\d\d-(0[1-9]|1[0-2])$/.test(month) ? { month } : undefined;
  if (typeof before === 'string' && ID.test(before)) return { history: { before } };
  if (typeof after === 'string' && ID.test(after)) return { history: { after } };
  return before === undefined && after === undefined ? { history: {} } : undefined;
}

function questionOf(request: FastifyRequest): Question {
  const { page, lang, after, epoch } = request.query as Record<string, unknown>;
  const seq = typeof after === 'string' && /^\d{1,15}$/.test(after) ? Number(after) : undefined;
  return {
    pageId: typeof page === 'string' && page !== '' ? page : undefined,
    language: typeof lang === 'string' ? lang : undefined,
    after: seq,
    epoch: typeof epoch === 'string' ? epoch : undefined,
    host: request.hostname,
    address: request.ip,
  };
}

/** What must be read first may not be there to read: its reader is asked to come back, whatever the reason was. */
export async function cold<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError(
      'unavailable',
      'This page cannot be shown just now. The status page itself works; try this one again in a minute.',
      { retryAfterMs: 10_000 },
    );
  }
}

/** What a reader gets instead of a page, with the headers it needs. */
export function drawPublicError(
  answer: Answer,
  live: Live,
  request: FastifyRequest,
  reply: FastifyReply,
  gate?: Gate,
): string {
  const locked = gate?.lockedOf(request);
  if (answer.status === 401 && locked !== undefined) {
    dress(reply);
    return drawPrivate(request, locked, { next: request.url });
  }
  return drawError(answer, live, request, reply, gate);
}
