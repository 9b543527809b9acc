import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Place } from '../live/addresses.ts';
import type { Live } from '../live/live.ts';
import { directionOf } from '../live/place.ts';
import { type PlainPage, renderError, wear } from '../templates/plain.ts';
import { LANGUAGES } from '../templates/strings/page/words.ts';
import { plainCss } from '../templates/styles.ts';
import type { Answer } from './errors.ts';
import type { Gate } from './gate.ts';
import { guard, policy } from './serve.ts';

/** Pages beside a public one, in its language and its dress: forms, answers, and what a reader gets instead of a page. */

const CSP = policy(plainCss().csp);

/** The policy of a plain page that wears this style. */
export const plainPolicy = (style: PlainPage['style']): string =>
  style === null ? CSP : policy(plainCss().csp, style.csp);

/** Of no page that may be named: the house's own sign, and no way on. */
const nobodys = (language: string): PlainPage => ({
  name: 'Tocsin',
  home: null,
  language,
  dir: directionOf(language),
  languages: [],
  theme: 'auto',
  grave: false,
  isExercise: false,
  logo: null,
  favicon: null,
  style: null,
});

/** The page that an address stands below, whatever else is wrong with it, as long as its reader may read that page. */
export function nearestPage(live: Live, request: FastifyRequest, gate?: Gate): Place | undefined {
  const parts = request.url.split(/[?#]/, 1)[0]!.split('/').filter(Boolean);
  for (let used = Math.min(parts.length, 3); used >= 0; used -= 1) {
    const place = live.findPlace(parts.slice(0, used), request.hostname);
    if (!place || !live.isShownAt(place.pageId, request.hostname)) continue;
    // An error says nothing of a page that its reader may not read.
    if (live.access(place.pageId) === null || gate?.mayRead(request, place.pageId)) return place;
  }
  return undefined;
}

/** What a reader gets instead of a page, with the headers it needs. */
export function drawError(
  { status, body }: Answer,
  live: Live,
  request: FastifyRequest,
  reply: FastifyReply,
  gate?: Gate,
): string {
  const place = nearestPage(live, request, gate);
  const head = place && live.head(place);
  const page = head ? wear(head, '', true) : nobodys(languageOf(request));
  guard(reply, plainPolicy(page.style));
  return renderError({
    page,
    status,
    id: body.id ?? null,
    history: status === 404 ? (head?.links.history ?? null) : null,
    help: status >= 500 ? (head?.company.support ?? head?.company.contact ?? null) : null,
  });
}

/** The first language a reader's browser asks for that we have words in: the page's own are nobody's business yet. */
export function languageOf(request: FastifyRequest): string {
  for (const part of (request.headers['accept-language'] ?? '').split(',')) {
    const code = part.split(';')[0]?.trim().toLowerCase().split('-')[0] ?? '';
    if (LANGUAGES.includes(code)) return code;
  }
  return 'en';
}
