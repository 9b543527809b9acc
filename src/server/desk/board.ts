import type { FastifyInstance } from 'fastify';
import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import {
  type Delivery,
  listDeliveriesOfIncident,
  listDeliveriesOfUpdates,
} from '../../../db/queries/deliveries.ts';
import { listAskedHandOvers } from '../../../db/queries/hand-overs.ts';
import {
  getIncident,
  type Incident,
  listOpenIncidents,
  listPromises,
  listPublishedUpdates,
  listUpdatesInState,
} from '../../../db/queries/incidents.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import { listDue } from '../../../db/queries/mentions.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { findNewestReceipt } from '../../../db/queries/receipts.ts';
import { getRendition } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { listAway } from '../../actions/hand-over/owner-away.ts';
import { renderBoard } from '../../templates/desk.ts';
import type { AttentionRow, BoardIncident, PublicWords } from '../../templates/desk-board-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { mustKnow } from '../who.ts';
import { alertRows } from './alerts.ts';
import { approvalRows } from './approvals.ts';
import { behindText, listForPerson } from './behind.ts';
import { firstSteps } from './first-steps.ts';
import { type Desk, frameFor, html, namesOf, pagesFor } from './frame.ts';
import { overdueRows, secondRows } from './inbox-rows.ts';
import { age, countdown, moment, placeOf } from './moments.ts';
import { staffingView, unansweredOf } from './staffing.ts';
import { stillAffectedOf } from './still-affected.ts';
import {
  BLOCK,
  count,
  deliveryState,
  IMPACT,
  lower,
  personView,
  statusOf,
  tally,
  updateState,
} from './words.ts';

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
        sees: [
          ...(await pagesSay(r, pages, now)),
          ...(await Promise.all(connections.map((c) => networkSays(r, c, now)))),
        ],
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

async function pagesSay(r: Reader, pages: readonly Page[], now: number): Promise<PublicWords[]> {
  return Promise.all(
    pages.map(async (page) => {
      const open = (await listOpenIncidents(r, page.id)).filter((i) => i.publishedAt !== null);
      const newest = (
        await listPublishedUpdates(
          r,
          open.map((i) => i.id),
        )
      ).at(-1);
      return {
        network: 'Status page',
        account: page.url.replace(/^https?:\/\//, ''),
        words: newest
          ? newest.body ||
            Object.keys(BLOCK)
              .flatMap((b) => newest.blocks[b as keyof typeof newest.blocks] ?? [])
              .join(' ')
          : 'No open incident.',
        href: page.url,
        age: newest?.publishedAt ? `${age(now - newest.publishedAt)} ago` : 'now',
        state: { icon: 'ok', tone: 'good', word: newest ? 'Published' : 'Calm' } satisfies StateView,
      };
    }),
  );
}

/** What a network showed us when we last looked at our newest post there. */
async function networkSays(r: Reader, c: Connection, now: number): Promise<PublicWords> {
  const found = await findNewestReceipt(r, c.id);
  const base = { network: c.name, account: c.account };
  if (!found)
    return {
      ...base,
      words: null,
      href: c.url,
      age: '',
      state: { icon: 'skip', tone: '', word: 'Nothing yet' },
    };
  const { delivery, receipt } = found;
  const seen = receipt.textRead !== null && receipt.readAt !== null;
  return {
    ...base,
    words:
      receipt.textRead ?? (await getRendition(r, delivery.renditionId))?.parts[delivery.part]?.text ?? '',
    href: receipt.url,
    age: seen
      ? `${age(now - (receipt.readAt ?? now))} ago`
      : `not read; taken ${age(now - receipt.acceptedAt)} ago`,
    state: deliveryState(delivery),
  };
}

/** Deliveries that only a person can settle, and accounts that need mending. */
export async function attentionRows(
  { r, ports }: Pick<Desk, 'r' | 'ports'>,
  pages: readonly Page[],
): Promise<AttentionRow[]> {
  const rows: AttentionRow[] = [];
  const now = ports.base.now();
  const off = await findInstallation(r, 'sending_off');
  if (off !== undefined)
    rows.push({
      state: { icon: 'warn', tone: 'warn', word: 'Sending is off' },
      what: 'Every network',
      why: off,
      href: '/desk/settings#sending',
      act: 'Switch on',
      doneAction: null,
    });
  for (const page of pages)
    for (const c of await listConnections(r, page.id)) {
      if (c.pausedAt !== null)
        rows.push({
          state: { icon: 'no', tone: 'bad', word: 'Refuses us' },
          what: c.name,
          why: `${c.pausedReason ?? 'The network refused us.'} Its queue is kept.`,
          href: '/desk/connections',
          act: 'Mend it',
          doneAction: null,
        });
      else if (c.expiresAt !== null && c.expiresAt - now < 7 * 86_400_000)
        rows.push({
          state: { icon: 'soon', tone: 'warn', word: 'Runs out' },
          what: c.name,
          why:
            c.expiresAt <= now
              ? 'Its credentials have run out.'
              : `Its credentials run out in ${age(c.expiresAt - now)}.`,
          href: '/desk/connections',
          act: 'Renew',
          doneAction: null,
        });
      else if (c.enabled && c.checkFailure !== null)
        rows.push({
          state: { icon: 'warn', tone: 'warn', word: 'Did not answer well' },
          what: c.name,
          why: `${c.checkFailure} Posts are tried there all the same.`,
          href: '/desk/connections',
          act: 'See',
          doneAction: null,
        });
    }
  const waiting = (await listForPerson(r, now)).filter((d) => pages.some((page) => page.id === d.pageId));
  const byUpdate = Map.groupBy(waiting, (d) => `${d.updateId}|${d.connectionId}`);
  for (const group of byUpdate.values()) {
    const first = group[0] as Delivery;
    const connection = (await listConnections(r, first.pageId)).find((c) => c.id === first.connectionId);
    const incident = await getIncident(r, first.incidentId);
    rows.push({
      state: deliveryState(first),
      what: `${connection?.name ?? 'A network'}: ${incident.title}`,
      why: [
        first.reason ?? count(group.length, 'post'),
        behindText(first, await listDeliveriesOfIncident(r, first.incidentId), now) ?? [],
      ]
        .flat()
        .join(' '),
      href: `/desk/updates/${first.updateId}/deliveries#card-${first.id}`,
      act: first.state === 'manual' ? 'Post it' : 'Decide',
      doneAction: null,
    });
  }
  return rows;
}

const MOST_LAMPS = 12;
/** More ready accounts than these are folded away. */
const FEW = 6;

/** The accounts by whether somebody should look at them, those first. */
function readyOnes(connections: readonly Connection[], now: number) {
  const all = connections.map((c) => ({ name: c.name, account: c.account, ...connectionState(c, now) }));
  const ready = all.filter((c) => c.state.tone === 'good');
  const look = all.filter((c) => c.state.tone !== 'good');
  const few = ready.length <= FEW;
  return {
    networks: few ? [...look, ...ready] : look,
    ready: few ? [] : ready,
    readyText:
      all.length === 0
        ? ''
        : `${ready.length} ready${look.length === 0 ? '' : `, ${look.length} to look at`}`,
  };
}

/** Whether an account can speak, in a state and a note. */
export function connectionState(c: Connection, now: number): { state: StateView; note: string } {
  if (!c.enabled) return { state: { icon: 'skip', tone: '', word: 'Off' }, note: 'switched off by a person' };
  if (c.pausedAt !== null)
    return {
      state: { icon: 'no', tone: 'bad', word: 'Refuses us' },
      note: c.pausedReason ?? 'its queue is kept',
    };
  if (c.notBefore !== null && c.notBefore > now)
    return {
      state: { icon: 'wait', tone: 'warn', word: 'Asked to wait' },
      note: `for ${age(c.notBefore - now)} more`,
    };
  if (c.checkFailure !== null)
    return { state: { icon: 'warn', tone: 'warn', word: 'Did not answer well' }, note: c.checkFailure };
  const checked = Math.max(c.lastOkAt ?? 0, c.verifiedAt ?? 0) || null;
  const note = checked === null ? c.account : `${lower('Answered')} ${age(now - checked)} ago`;
  if (c.expiresAt !== null && c.expiresAt - now < 7 * 86_400_000)
    return {
      state: { icon: 'soon', tone: 'warn', word: 'Runs out' },
      note: `credentials: ${age(Math.max(0, c.expiresAt - now))} left`,
    };
  return { state: { icon: 'ok', tone: 'good', word: 'Ready' }, note };
}

/** "Maintenance", or how bad it is; an incident that nobody was told about has not been judged yet. */
export function kindOf(i: Incident): string {
  if (i.kind === 'maintenance') return 'Maintenance';
  if (i.status === null && i.impactOverride === null) return 'New';
  // Nobody has said how bad it is, and no part of the service is named: that is not the same as harmless.
  if (i.impactOverride === null && i.impact === 'none' && i.resolvedAt === null) return 'Not rated';
  return IMPACT[i.impactOverride ?? i.impact];
}

export const ownerView = (incident: Incident, names: Awaited<ReturnType<typeof namesOf>>) =>
  incident.ownerId === null ? null : personView(names(incident.ownerId).name);
