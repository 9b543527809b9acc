import type { FastifyInstance } from 'fastify';
import { notFound } from '../domain/error.ts';
import type { Live } from '../live/live.ts';
import type { ProgramModel } from '../templates/feeds/model.ts';
import { READS } from '../templates/feeds/statuspage.ts';
import type { Gate } from './gate.ts';
import { guard } from './serve.ts';

const OWN = { helmet: false } as const;
const CACHE = 'public, max-age=300, stale-if-error=86400';
/** A stranger who finds a hole may rely on the address for as long, ms; far below the year that RFC 9116 allows. */
const GOOD_FOR_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;
const PROFILE = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"';

/** Where programs look first (RFC 8615): what can be read here, where to report a hole, where a password is changed. */
export async function wellKnown(
  app: FastifyInstance,
  { live, gate, now }: { live: Live; gate: Gate; now(): number },
): Promise<void> {
  app.get('/.well-known/api-catalog', OWN, async (request, reply) => {
    const place = gate.place(request);
    const model = live.programModel(place);
    if (!model || gate.isPrivate(place.pageId)) throw notFound('page');
    return guard(reply)
      .header('cache-control', CACHE)
      .header('access-control-allow-origin', '*')
      .header('link', `<${model.page.url}/.well-known/api-catalog>; rel="api-catalog"`)
      .type(PROFILE)
      .send(JSON.stringify(apiCatalog(model)));
  });

  app.get('/.well-known/security.txt', OWN, async (request, reply) => {
    const place = gate.place(request);
    const head = live.head(place);
    const contact = head?.company.contact;
    // Without anybody who would answer there is nothing to be told.
    if (!head || !contact || gate.isPrivate(place.pageId)) throw notFound('page');
    const until = new Date(Math.floor((now() + GOOD_FOR_MS) / DAY_MS) * DAY_MS).toISOString();
    return guard(reply)
      .header('cache-control', CACHE)
      .type('text/plain; charset=utf-8')
      .send(
        [
          `Contact: ${new URL(contact).href}`,
          `Expires: ${until}`,
          `Preferred-Languages: ${head.languages.map((l) => l.code).join(', ')}`,
          `Canonical: ${head.url}/.well-known/security.txt`,
          '',
        ].join('\n'),
      );
  });

  // https://w3c.github.io/webappsec-change-password-url/: password keepers bring our own people to the right form.
  app.get('/.well-known/change-password', OWN, async (_request, reply) =>
    guard(reply).header('cache-control', CACHE).redirect('/desk/me', 302),
  );
}

/** RFC 9727: what programs can read here, and where each is described. */
function apiCatalog({ page }: ProgramModel) {
  const { origin } = new URL(page.url);
  const item = (path: string, type: string, title: string) => ({ href: `${page.url}${path}`, type, title });
  return {
    linkset: [
      {
        anchor: `${page.url}/.well-known/api-catalog`,
        item: [
          { href: `${page.url}/api/v2/summary.json`, type: 'application/json', title: 'Status API v2' },
          { href: `${origin}/api/v1`, type: 'application/json', title: 'API of the desk, with a token' },
        ],
      },
      {
        anchor: `${page.url}/api/v2/summary.json`,
        status: [{ href: page.url, type: 'text/html' }],
        related: READS.map((read) => item(`/api/v2/${read}.json`, 'application/json', read)),
        alternate: [
          item('/history.atom', 'application/atom+xml', 'One entry an incident'),
          item('/history.rss', 'application/rss+xml', 'One item an incident'),
          item('/updates.atom', 'application/atom+xml', 'One entry an update'),
          item('/updates.rss', 'application/rss+xml', 'One item an update'),
          item('/feed.json', 'application/feed+json', 'One item an update'),
          item('/cap.atom', 'application/atom+xml', 'Alerts, CAP 1.2'),
          item('/maintenance.ics', 'text/calendar', 'Planned work'),
        ],
      },
      {
        anchor: `${origin}/api/v1`,
        'service-desc': [{ href: `${origin}/api/v1/openapi.json`, type: 'application/json' }],
        'service-doc': [{ href: `${origin}/api/docs`, type: 'text/html' }],
        status: [{ href: `${origin}/readyz`, type: 'application/json' }],
      },
    ],
  };
}
