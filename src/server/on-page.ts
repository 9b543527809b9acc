import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getAlert } from '../../db/queries/alerts.ts';
import { getConnection } from '../../db/queries/connections.ts';
import { getDelivery } from '../../db/queries/deliveries.ts';
import { getFact } from '../../db/queries/facts.ts';
import { getHandOver } from '../../db/queries/hand-overs.ts';
import { findIncident, getIncident, getUpdate } from '../../db/queries/incidents.ts';
import { getMention } from '../../db/queries/mentions.ts';
import { getMap } from '../../db/queries/message-maps.ts';
import { getOverride } from '../../db/queries/overrides.ts';
import { listPages } from '../../db/queries/pages.ts';
import { getPicture } from '../../db/queries/pictures.ts';
import { getTemplate } from '../../db/queries/templates.ts';
import type { Reader } from '../../db/store.ts';
import { forbidden, notFound } from '../domain/error.ts';
import { mayRead, mayWrite, rolesOn } from '../domain/rights.ts';

/**
 * Roles held on one page instead of everywhere. Whoever has some acts in each request with the roles of the page that
 * the request is about, so that every check of a role further in is a check for that page. A request that would change
 * something on a page we cannot name is refused to them.
 */

type Find = (r: Reader, id: string) => Promise<{ pageId: string | null }>;

/** What an `:id` in an address stands for, by the word before it. */
const BY_WORD: Record<string, Find> = {
  incidents: getIncident,
  updates: getUpdate,
  approvals: getUpdate,
  deliveries: getDelivery,
  connections: getConnection,
  templates: getTemplate,
  facts: getFact,
  'hand-overs': getHandOver,
  overrides: getOverride,
  alerts: getAlert,
  maps: getMap,
  inbox: getMention,
  mentions: getMention,
  pages: async (_r, id) => ({ pageId: id }),
  pictures: getPicture,
};

/** Addresses that are about a person, a token or the installation: their usual roles hold there. */
const NO_PAGE =
  /^\/(?:desk|api\/v1)\/(?:people|tokens|me|sign-out|sign-in|set-up|settings|sending|invitation|approvals\/link|live)(?:\/|$)/;
/** What people wrote to us: to those of other pages it is not there at all. */
const HIDDEN = /^\/(?:desk\/inbox|api\/v1\/mentions)\//;
/** Addresses that take the first page when none is named: programs the installation's, people the first of theirs. */
const FIRST_PAGE =
  /^\/(?:desk|api\/v1)\/(?:declare|incidents|templates(?:\/library)?|components|connections(?:\/add\/:kind)?|subscribers\/counts|maintenances?|maps|heartbeat(?:\/clear)?)$/;

export function onPage(app: FastifyInstance, r: Reader): void {
  app.addHook('preHandler', async (request) => {
    const { who } = request;
    if (!who || who.person.pageRoles === null || who.person.roles.includes('admin')) return;
    const url = request.routeOptions.url ?? '';
    if (NO_PAGE.test(url)) return;
    const pageId = await pageIdOf(r, request, url);
    if (pageId === undefined) {
      if (request.method === 'GET' || request.method === 'HEAD') return;
      throw forbidden('You have rights on single pages only, and this is about none of them.');
    }
    const roles = rolesOn(who.person, pageId);
    if (roles.length === 0 && HIDDEN.test(url)) throw notFound('message');
    if (roles.length === 0) throw forbidden('You have no role on this page. An admin can give you one.');
    who.actor = { ...who.actor, roles };
  });
}

/** An apology is of the incident it is for; while it is only weighed, of a page where its writer may write. */
async function apologyPage(r: Reader, request: FastifyRequest): Promise<string | undefined> {
  const named = [(request.body as { incident?: unknown } | undefined)?.incident].flat()[0];
  const incident = typeof named === 'string' && named !== '' ? await findIncident(r, named) : undefined;
  if (incident) return incident.pageId;
  const { who } = request;
  return (await listPages(r)).find((p) => who && mayWrite(rolesOn(who.person, p.id)))?.id;
}

/** The page a request is about; undefined when it is about none that we know of. */
async function pageIdOf(r: Reader, request: FastifyRequest, url: string): Promise<string | undefined> {
  const words = url.split('/');
  const at = words.indexOf(':id');
  const find = at > 0 ? BY_WORD[words[at - 1] ?? ''] : undefined;
  const id = (request.params as { id?: unknown } | undefined)?.id;
  if (find && typeof id === 'string') return (await find(r, id)).pageId ?? undefined;
  if (url === '/desk/advice/apology') return apologyPage(r, request);
  if (!FIRST_PAGE.test(url)) return undefined;
  const { who } = request;
  const pages = await listPages(r);
  // Read as the routes read it, from the same place and under the same name: whoever names one page in the address and
  // another in the form would else be judged by the one and heard on the other.
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const from = (isRead ? request.query : request.body) as { page?: unknown; pageId?: unknown } | undefined;
  const named = [url.startsWith('/api/') ? from?.pageId : from?.page].flat()[0];
  const known = pages.find((p) => p.id === named);
  if (known) return known.id;
  if (url.startsWith('/api/')) return pages[0]?.id;
  return isRead ? undefined : pages.find((p) => who && mayRead(who.person, p.id))?.id;
}
