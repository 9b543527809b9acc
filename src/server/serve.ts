import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { PAGE_CACHE } from '../live/cache-rules.ts';
import { pageCss } from '../templates/styles.ts';

/** Ready bytes to a reader: the best encoding, 304 where nothing is new, and every header the public page needs. */

interface Encoded {
  body: Buffer;
  etag: string;
  encoding: 'identity' | 'gzip' | 'br';
}
export interface Servable {
  identity: Encoded;
  gzip: Encoded;
  br: Encoded;
}

/** Allows exactly the inlined stylesheets given, our own module, and nothing else. */
export const policy = (...styles: readonly string[]): string =>
  [
    "default-src 'none'",
    `style-src ${styles.join(' ')}`,
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Headers that stand on every public answer. */
export const GUARDS: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'strict-origin-when-cross-origin',
  'cross-origin-opener-policy',
  'same-origin',
];

/** The policy of what loads nothing and stands in no frame. */
export const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** Sets headers whose names and values stand in turn. */
export function setAll(reply: FastifyReply, headers: readonly string[]): FastifyReply {
  for (let i = 0; i < headers.length; i += 2) reply.header(headers[i]!, headers[i + 1]!);
  return reply;
}

/** The guards of a public answer that is made for its request, with its policy. */
export const guard = (reply: FastifyReply, csp = NOTHING): FastifyReply =>
  setAll(reply, GUARDS).header('content-security-policy', csp);

/** Tells a browser that scripts of any site may ask here, and how. */
export const preflight = (reply: FastifyReply, methods: string): FastifyReply =>
  reply
    .code(204)
    .header('access-control-allow-origin', '*')
    .header('access-control-allow-methods', methods)
    .header('access-control-allow-headers', '*')
    .header('access-control-max-age', '86400')
    .send();

// A shared cache may keep a page for 5 s, and show an old one for a day while we cannot be reached.
export const CACHE = PAGE_CACHE;
/** The policy of a public page. */
export const CSP = policy(pageCss().csp);

const choices = new Map<string, Encoded['encoding']>();

/** The smallest encoding a reader takes (RFC 9110 §12.5.3). */
export function chooseEncoding(header: string | string[] | undefined): Encoded['encoding'] {
  if (header === undefined) return 'identity';
  const text = String(header);
  const known = choices.get(text);
  if (known) return known;
  const weights = new Map(
    text.split(',').map((part) => {
      const [name = '', ...more] = part.trim().toLowerCase().split(';');
      const q = more.map((m) => /^\s*q=([\d.]+)\s*$/.exec(m)?.[1]).find((x) => x !== undefined);
      return [name.trim(), q === undefined ? 1 : Number(q)] as const;
    }),
  );
  const weight = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  const chosen = weight('br') > 0 ? 'br' : weight('gzip') > 0 ? 'gzip' : 'identity';
  // Browsers send a handful of different values; whoever sends more is not remembered.
  if (choices.size < 1_000) choices.set(text, chosen);
  return chosen;
}

/** Whether the reader's copy is this one. Caches on the way may have weakened our tag. */
export function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return (
    header === etag || header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
  );
}

/** The headers of one kind of ready answer, besides those of its bytes. Made once: answers are prepared by it. */
export interface Dress {
  type: string;
  cache: string;
  csp: string;
  /** Names and values in turn; they stand instead of the usual guards. */
  guards: readonly string[];
}

/** What nobody but its readers may keep, or find by a search. */
export const PRIVATE_CACHE = 'private, no-store';
export const HIDDEN: readonly string[] = ['x-robots-tag', 'noindex, nofollow'];

const pageDresses = new Map<string, Dress>();

/** How a page is served: with its own stylesheet where it has one (`style` is its CSP source), kept by nobody if private. */
export function pageDress(isPrivate: boolean, style = ''): Dress {
  const key = `${isPrivate} ${style}`;
  const known = pageDresses.get(key);
  if (known) return known;
  const made: Dress = {
    type: 'text/html; charset=utf-8',
    cache: isPrivate ? PRIVATE_CACHE : CACHE,
    csp: style === '' ? CSP : policy(pageCss().csp, style),
    guards: isPrivate ? [...GUARDS, ...HIDDEN] : GUARDS,
  };
  // A page's own stylesheet changes now and then; what it was before is not needed for ever.
  if (pageDresses.size > 500) pageDresses.clear();
  pageDresses.set(key, made);
  return made;
}

const PAGE: Dress = pageDress(false);

interface Prepared {
  dress: Dress;
  full: string[];
  unchanged: string[];
  body: Buffer | string;
}
const prepared = new WeakMap<Encoded, Prepared>();

/** Up to here Node copies a string on its stack, bytes. */
const SHORT = 14_000;

function prepare(chosen: Encoded, dress: Dress): Prepared {
  const known = prepared.get(chosen);
  if (known?.dress === dress) return known;
  const unchanged = [
    'etag',
    chosen.etag,
    'cache-control',
    dress.cache,
    'vary',
    'accept-encoding',
    'content-security-policy',
    dress.csp,
    ...dress.guards,
  ];
  const full = [
    ...unchanged,
    'content-type',
    dress.type,
    'content-length',
    String(chosen.body.length),
    ...(chosen.encoding === 'identity' ? [] : ['content-encoding', chosen.encoding]),
  ];
  // As a string of one byte a character, a short body leaves together with its head in one plain write.
  const body = chosen.body.length <= SHORT ? chosen.body.toString('latin1') : chosen.body;
  const made = { dress, full, unchanged, body };
  prepared.set(chosen, made);
  return made;
}

/** Writes a ready answer, by default a page. Nothing is rendered, compressed or read here. */
export function serve(
  request: { method?: string | undefined; headers: IncomingHttpHeaders },
  response: ServerResponse,
  document: Servable,
  dress: Dress = PAGE,
): void {
  const chosen = document[chooseEncoding(request.headers['accept-encoding'])];
  const { full, unchanged, body } = prepare(chosen, dress);
  if (isKnown(request.headers['if-none-match'], chosen.etag)) {
    response.writeHead(304, unchanged);
    response.end();
    return;
  }
  response.writeHead(200, full);
  if (request.method === 'HEAD') response.end();
  else response.end(body, 'latin1');
}
