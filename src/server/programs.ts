import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFound } from '../domain/error.ts';
import type { Place } from '../live/addresses.ts';
import { buildDocument, type Document } from '../live/document.ts';
import type { Live } from '../live/live.ts';
import type { Served } from '../live/programs/programs.ts';
import type { ToldIncident } from '../templates/feeds/model.ts';
import { oembed, oembedXml } from '../templates/feeds/oembed.ts';
import { READS } from '../templates/feeds/statuspage.ts';
import { embedCss } from '../templates/styles.ts';
import type { PageLinks } from '../templates/views.ts';
import { type Gate, openGate } from './gate.ts';
import { cold } from './public.ts';
import {
  CACHE,
  type Dress,
  GUARDS,
  HIDDEN,
  NOTHING,
  PRIVATE_CACHE,
  policy,
  preflight,
  serve,
  setAll,
} from './serve.ts';

/** Addresses below a page's path that its head and foot offer; see `PageLinks`. */
export const programLinks = (path: string): Partial<PageLinks> => ({
  // People's readers get every update; the history feeds stand where programs look for them.
  atom: `${path}/updates.atom`,
  rss: `${path}/updates.rss`,
  jsonFeed: `${path}/feed.json`,
  api: `${path}/api/v2/summary.json`,
  calendar: `${path}/maintenance.ics`,
  picture: `${path}/og.png`,
  oembed: `${path}/oembed`,
});

/** Anybody's page may read, show and frame what stands here; none of it needs or takes a cookie. */
const OPEN: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'strict-origin-when-cross-origin',
  'cross-origin-resource-policy',
  'cross-origin',
  'access-control-allow-origin',
  '*',
];
/** The one page that other sites may put in a frame. */
const FRAME = policy(embedCss().csp).replace("frame-ancestors 'none'", 'frame-ancestors *');
const OWN = { helmet: false } as const;

const dresses = new Map<string, Dress>();
function dressOf(type: string, isPrivate = false): Dress {
  const key = `${isPrivate} ${type}`;
  const known = dresses.get(key);
  if (known) return known;
  const csp = type.startsWith('text/html') && !isPrivate ? FRAME : NOTHING;
  const made = isPrivate
    ? { type, cache: PRIVATE_CACHE, csp, guards: [...GUARDS, ...HIDDEN] }
    : { type, cache: CACHE, csp, guards: OPEN };
  dresses.set(key, made);
  return made;
}

const FEEDS = [
  'history.atom',
  'history.rss',
  'updates.atom',
  'updates.rss',
  'feed.json',
  'maintenance.ics',
  'cap.atom',
  'badge.svg',
  'og.png',
  'embed/frame',
] as const;
/** What the pages need besides themselves, for a copy of them on another host. */
export const copiedFiles = (): Record<string, Buffer> =>
  Object.fromEntries(
    [
      ['live.js', 'live'],
      ['se-v2.js', 'se-v2'],
      ['embed/script.js', 'embed'],
      ['embed/frame.js', 'frame'],
    ].map(([path, name]) => [path, readFileSync(new URL(`../browser/dist/${name}.js`, import.meta.url))]),
  );

const SCRIPTS = ['se-v2', 'embed', 'frame'] as const;

/** Everything that programs read of the public pages, from bytes that were ready. */
export async function programs(app: FastifyInstance, options: { live: Live; gate?: Gate }): Promise<void> {
  const { live } = options;
  const gate = options.gate ?? openGate({ live, now: Date.now });
  // What is ready is handed over at once, and nothing returned: a reply would be waited for like a promise.
  const give =
    (pathOf: (request: FastifyRequest) => string) => (request: FastifyRequest, reply: FastifyReply) => {
      const place = open(request, reply);
      const found = live.program(place, pathOf(request));
      if (!(found instanceof Promise)) return hand(request, reply, place, found);
      return found.then(
        (late) => {
          hand(request, reply, place, late);
          return reply;
        },
        (error: unknown) => {
          throw openly(reply, place, error);
        },
      );
    };
  function hand(request: FastifyRequest, reply: FastifyReply, place: Place, found: Served | undefined): void {
    if (!found) throw openly(reply, place, notFound('page'));
    reply.hijack();
    serve(request.raw, reply.raw, found.document, dressOf(found.type, gate.isPrivate(place.pageId)));
  }
  /** The place of a request; programs on other sites are told why they get nothing, unless the page is private. */
  function open(request: FastifyRequest, reply: FastifyReply): Place {
    try {
      return gate.place(request);
    } catch (error) {
      if (gate.lockedOf(request) === undefined) reply.header('access-control-allow-origin', '*');
      throw error;
    }
  }
  function openly(reply: FastifyReply, place: Place, error: unknown): unknown {
    if (!gate.isPrivate(place.pageId)) reply.header('access-control-allow-origin', '*');
    return error;
  }
  const file = (request: FastifyRequest) => (request.params as { file: string }).file;

  const script = Object.fromEntries(
    await Promise.all(SCRIPTS.map(async (name) => [name, await scriptOf(name)] as const)),
  ) as Record<(typeof SCRIPTS)[number], Document>;
  const run = (name: (typeof SCRIPTS)[number]) => (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    serve(request.raw, reply.raw, script[name], dressOf('text/javascript; charset=utf-8'));
    return reply;
  };
  app.get('/embed/frame.js', OWN, run('frame'));

  for (const before of ['', '/:a', '/:a/:b']) {
    for (const read of READS)
      for (const path of [`${before}/api/v2/${read}`, `${before}/api/v2/${read}.json`]) {
        app.get(
          path,
          OWN,
          give(() => `api/v2/${read}.json`),
        );
        app.route({
          ...OWN,
          method: [...UNSAFE],
          url: path,
          onRequest: refuse('GET, HEAD'),
          handler: nothing,
        });
        app.options(path, OWN, (_request, reply) => preflight(reply, 'GET, HEAD'));
      }
    for (const path of [`${before}/api/v2/subscribers`, `${before}/api/v2/subscribers.json`])
      app.get(path, { ...OWN, onRequest: refuse('POST') }, nothing);
    for (const path of FEEDS)
      app.get(
        `${before}/${path}`,
        OWN,
        give(() => path),
      );
    app.get(
      `${before}/badge/:file`,
      OWN,
      give((r) => `badge/${file(r)}`),
    );
    app.get(
      `${before}/og/:file`,
      OWN,
      give((r) => `og/${file(r)}`),
    );
    app.get(
      `${before}/cap/:file`,
      OWN,
      give((r) => `cap/${file(r)}`),
    );
    app.get(
      `${before}/embed/incidents/:file`,
      OWN,
      give((r) => `embed/incidents/${file(r)}`),
    );
    app.get(`${before}/oembed`, OWN, (request, reply) => answerOembed(live, gate, request, reply));
    app.get(`${before}/se-v2.js`, OWN, run('se-v2'));
    app.get(`${before}/embed/script.js`, OWN, run('embed'));
  }

  app.get('/card/:file', OWN, async (request, reply) => {
    const [, code, format] = /^([\w-]{1,40})\.(png|jpg)$/.exec(file(request)) ?? [];
    const link = code && (await cold(() => live.findLink(code)));
    if (!code || !link) throw notFound('picture');
    gate.admit(request, link.pageId);
    const found = await cold(() => live.card(code, format as 'png' | 'jpg'));
    if (!found) throw notFound('picture');
    reply.hijack();
    const type = format === 'png' ? 'image/png' : 'image/jpeg';
    serve(request.raw, reply.raw, found, dressOf(type, gate.isPrivate(link.pageId)));
    return reply;
  });
}

const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

const scriptOf = (name: string): Promise<Document> =>
  buildDocument(readFileSync(new URL(`../browser/dist/${name}.js`, import.meta.url), 'utf8'));

/** Answers 405 before a body is read: reading changes nothing, and nothing else is to be had here. */
const refuse = (allow: string) => async (_request: FastifyRequest, reply: FastifyReply) =>
  reply
    .code(405)
    .header('allow', allow)
    .header('access-control-allow-origin', '*')
    .header('cache-control', 'no-store')
    .send({ error: 'Method not allowed', message: `This address answers ${allow} only.` });

const nothing = async () => undefined;

/** What another site shows for the address of a page or an incident; see https://oembed.com. */
async function answerOembed(
  live: Live,
  gate: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = request.query as Record<string, unknown>;
  setAll(reply, OPEN).header('content-security-policy', NOTHING);
  const format = query['format'] ?? 'json';
  if (format !== 'json' && format !== 'xml')
    return reply.code(501).send({ error: 'not_implemented', message: 'Ask for format=json or format=xml.' });
  const found = typeof query['url'] === 'string' ? findByUrl(live, query['url']) : undefined;
  // Others ask this for their readers, and what is private is for nobody's.
  if (!found || gate.isPrivate(found.model.page.id)) throw notFound('page');
  const pixels = (value: unknown) =>
    typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
  const answer = oembed(found.model, found.incident, {
    width: pixels(query['maxwidth']),
    height: pixels(query['maxheight']),
  });
  reply.header('cache-control', 'public, max-age=60, stale-if-error=86400');
  return format === 'json'
    ? reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
    : reply.type('text/xml; charset=utf-8').send(oembedXml(answer));
}

function findByUrl(live: Live, text: string) {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const at = parts.lastIndexOf('incidents');
  const place = live.findPlace(at < 0 ? parts : parts.slice(0, at), url.hostname);
  const model = place && live.programModel(place);
  // Only addresses of our own: an answer for another host would vouch for it.
  if (!model || new URL(model.page.url).host !== url.host) return undefined;
  if (at < 0) return { model, incident: undefined };
  const incident = [...model.incidents, ...model.maintenance].find(
    (i: ToldIncident) => i.id === parts[at + 1] && parts.length === at + 2,
  );
  return incident && { model, incident };
}
