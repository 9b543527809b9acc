import type { FastifyInstance } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../../db/queries/deliveries.ts';
import { listAskedHandOvers } from '../../../db/queries/hand-overs.ts';
import {
  getIncident,
  type Incident,
  listOpenIncidents,
  listPromises,
  listPublishedUpdates,
  listUpdatesInState,
} from '../../../db/queries/incidents.ts';
import { listDue } from '../../../db/queries/mentions.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { listAway } from '../../actions/hand-over/owner-away.ts';
import { renderBoard } from '../../templates/desk.ts';
import type { BoardIncident } from '../../templates/desk-board-views.ts';
import { mustKnow } from '../who.ts';
import { alertRows } from './alerts.ts';
import { approvalRows } from './approvals.ts';
import { attentionRows } from './attention.ts';
import { readyOnes } from './connection-state.ts';
import { firstSteps } from './first-steps.ts';
import { type Desk, frameFor, html, namesOf, pagesFor } from './frame.ts';
import { overdueRows, secondRows } from './inbox-rows.ts';
import { age, countdown, moment, placeOf } from './moments.ts';
import { publicSays } from './public-words.ts';
import { staffingView, unansweredOf } from './staffing.ts';
import { stillAffectedOf } from './still-affected.ts';
import { deliveryState, kindOf, statusOf, tally, updateState } from './words.ts';

/** Home: what is open, what the public sees now, what needs a person. */
export function board(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  app.get('/', async (request, reply) => {
    const who = mustKnow(request);
    const now = ports.base.now();
    const pages = await pagesFor(desk, request);
    const names = await namesOf(r);
    const asking = await listDue(
      r,
      pages.map((p) => p.id),
    );
    const incidents = (
      await Promise.all(pages.map((p) => openOnes(r, p, pages.length > 1, now, names, asking)))
    ).flat();
    const due = incidents.flatMap((i) => (i.promise ? [i.promise.until] : [])).sort((a, b) => a - b)[0];
    const connections = (await Promise.all(pages.map((p) => listConnections(r, p.id)))).flat();
    const { checks } = await ports.readiness();
    const drafts = (await listUpdatesInState(r, ['draft', 'returned', 'expired'])).filter((u) =>
      pages.some((p) => p.id === u.pageId),
    );
    return html(
      reply,
      renderBoard({
        frame: await frameFor(desk, request, { title: 'Board', room: 'board' }),
        first: who.actor.roles.includes('admin') ? await firstSteps(desk, pages[0]) : null,
        incidents,
        nextPromise:
          due === undefined
            ? null
            : due < now
              ? 'a promise is late'
              : `${incidents.length} open, next promise in ${age(due - now)}`,
        approvals: await approvalRows(desk, who, now),
        drafts: await Promise.all(
          drafts.slice(-10).map(async (u) => ({
            href: `/desk/updates/${u.id}`,
            title: (await getIncident(r, u.incidentId)).title,
            by: u.authorIds.map((id) => names(id).name).join(', '),
            state: updateState(u),
          })),
        ),
        ...(await publicSays(r, pages, connections, now)),
        attention: [
          ...(await overdueRows(desk, pages)),
          ...(await secondRows(desk, pages)),
          ...(await attentionRows(desk, pages)),
          ...(await alertRows(desk, request)),
        ],
        staffing: await staffingView(desk, pages, asking),
        ...readyOnes(connections, now),
        connectHref: who.actor.roles.includes('admin') ? '/desk/connections' : null,
        checks: Object.entries(checks).map(([name, { ok, note }]) => ({
          name: name.charAt(0).toUpperCase() + name.slice(1),
          state: ok
            ? { icon: 'ok', tone: 'good', word: 'Works' }
            : { icon: 'no', tone: 'bad', word: 'Does not' },
          note,
        })),
        history: '/desk/incidents',
      }),
    );
  });
}

async function openOnes(
  r: Reader,
  page: Page,
  named: boolean,
  now: number,
  names: Awaited<ReturnType<typeof namesOf>>,
  asking: Awaited<ReturnType<typeof listDue>>,
): Promise<BoardIncident[]> {
  const open = await listOpenIncidents(r, page.id);
  const ids = open.map((i) => i.id);
  const promises = await listPromises(r, ids);
  const published = await listPublishedUpdates(r, ids);
  const newest = (incident: Incident) => published.filter((u) => u.incidentId === incident.id).at(-1);
  const deliveries = await listDeliveriesOfUpdates(
    r,
    open.flatMap((i) => newest(i)?.id ?? []),
  );
  const asked = await listAskedHandOvers(r);
  const affected = await stillAffectedOf(r, open, now);
  const away = await listAway(r, open, now);
  const offered = (i: Incident) => {
    const to = asked.findLast((h) => h.incidentId === i.id)?.toId;
    return to === undefined ? null : `offered to ${names(to).name}`;
  };
  const rows = open.map((i) => {
    const promise = promises.find((p) => p.incidentId === i.id && p.state === 'open');
    const mine = deliveries.filter((d) => d.incidentId === i.id);
    return {
      href: `/desk/incidents/${i.id}`,
      title: i.title,
      kind: kindOf(i),
      status: statusOf(i),
      age:
        i.scheduledFor !== null && i.scheduledFor > now
          ? `starts ${moment(i.scheduledFor, now, placeOf(page)).text}`
          : age(now - i.startedAt),
      page: named ? page.name : null,
      offered: offered(i),
      affected: affected(i)?.text ?? null,
      owner: i.ownerId === null ? null : names(i.ownerId),
      away: away.has(i.id)
        ? `not here since ${moment(away.get(i.id) ?? now, now, placeOf(page)).text}`
        : null,
      promise: promise ? countdown(promise, now, placeOf(page)) : null,
      unanswered: unansweredOf(asking, i, open.length === 1, now),
      // One lamp a network is a picture while they are few; of forty, one lamp a state.
      lamps: mine.length > MOST_LAMPS ? tally(mine) : mine.map(deliveryState),
      lampsText:
        newest(i) === undefined
          ? 'nothing said yet'
          : tally(mine)
              .map((s) => s.word)
              .join(', ') || 'on the page only',
    };
  });
  // The promise that runs out first is the next thing to do.
  return rows.sort((a, b) => (a.promise?.until ?? Number.MAX_VALUE) - (b.promise?.until ?? Number.MAX_VALUE));
}

const MOST_LAMPS = 12;
