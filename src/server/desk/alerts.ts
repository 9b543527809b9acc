import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Alert, listAlerts } from '../../../db/queries/alerts.ts';
import { finishAlert } from '../../actions/finish-alert.ts';
import type { AttentionRow } from '../../templates/desk-board-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { type Desk, goTo, pagesFor } from './frame.ts';
import { age } from './moments.ts';

/** How long an alert stays on the board, ms; the log keeps it. */
const SHOWN_MS = 6 * 3_600_000;
const MOST = 5;

const WORD: Record<string, string> = {
  promise: 'Promise',
  hand_over: 'Hand-over',
  override: 'Override',
  approval_unanswered: 'Approval',
  mention: 'Inbox',
  second: 'Inbox',
  owner_away: 'Owner',
  way_in: 'Your sign-in',
};

/** What the house was told lately and nobody has dealt with, newest first, each thing once; one's own among it. */
export async function alertRows(desk: Desk, request: FastifyRequest): Promise<AttentionRow[]> {
  const now = desk.ports.base.now();
  const { person, actor } = mustKnow(request);
  const fresh: Alert[] = [];
  for (const page of await pagesFor(desk, request))
    fresh.push(
      ...(await listAlerts(desk.r, page.id, 40)).filter(
        (a) =>
          now - a.raisedAt < SHOWN_MS &&
          a.doneAt === null &&
          // What waits for a yes is on the board already, where it can be given.
          a.kind !== 'approval' &&
          a.kind !== 'second' &&
          (a.personId === null || a.personId === person.id),
      ),
    );
  const newest = new Map<string, Alert>();
  for (const a of fresh.sort((x, y) => y.raisedAt - x.raisedAt))
    if (!newest.has(a.message)) newest.set(a.message, a);
  const mayFinish = actor.roles.some((x) => x !== 'viewer');
  return [...newest.values()].slice(0, MOST).map((a) => ({
    state: { icon: 'bell', tone: 'warn', word: WORD[a.kind] ?? 'Alert' },
    what: a.message.replace(/\s*https?:\S+$/, ''),
    why: `${age(now - a.raisedAt)} ago; ${toldText(a)}`,
    href: hrefOf(a),
    act: 'Look',
    doneAction: mayFinish ? `/desk/alerts/${a.id}/done` : null,
  }));
}

/** Whether somebody was told besides here. */
function toldText(a: Alert): string {
  const whom =
    a.personId === null ? ['whoever is on call has', 'been told'] : ['you have', 'been told by mail'];
  return a.sentAt === null ? `${whom[0]} not been told yet` : whom.join(' ');
}

/** To the thing itself: what went out alone, what waits, whose incident it is. */
function hrefOf(a: Alert): string {
  const overrideId = /\/desk\/overrides\/(\w+)/.exec(a.message)?.[1];
  if (overrideId !== undefined) return `/desk/overrides/${overrideId}`;
  if (a.kind === 'approval_unanswered' && a.updateId !== null) return `/desk/approvals/${a.updateId}`;
  if (a.kind === 'mention' || a.kind === 'second') return '/desk/inbox';
  if (a.kind === 'way_in') return '/desk/me';
  if (a.connectionId !== null) return '/desk/connections';
  if (a.incidentId !== null) return `/desk/incidents/${a.incidentId}`;
  return a.kind === 'promise' ? '/desk/incidents' : '/desk/deliveries';
}

/** Says that an alert is dealt with. */
export function alerts(app: FastifyInstance, desk: Desk): void {
  app.post<{ Params: { id: string } }>('/alerts/:id/done', async (request, reply) => {
    await finishAlert(ctxOf(desk.ports.base, request), request.params.id);
    return goTo(reply, '/desk', 'alert-done');
  });
}
