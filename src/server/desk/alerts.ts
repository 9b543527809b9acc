import { type Alert, listAlerts } from '../../../db/queries/alerts.ts';
import { listPages } from '../../../db/queries/pages.ts';
import type { AttentionRow } from '../../templates/desk-views.ts';
import type { Desk } from './frame.ts';
import { age } from './moments.ts';

/** How long an alert stays on the board, ms; the log keeps it. */
const SHOWN_MS = 6 * 3_600_000;
const MOST = 5;

/** What the house was told lately, newest first, each thing once. */
export async function alertRows({ r, ports }: Pick<Desk, 'r' | 'ports'>): Promise<AttentionRow[]> {
  const now = ports.base.now();
  const fresh: Alert[] = [];
  for (const page of await listPages(r))
    fresh.push(...(await listAlerts(r, page.id, 20)).filter((a) => now - a.raisedAt < SHOWN_MS));
  const newest = new Map<string, Alert>();
  for (const a of fresh.sort((x, y) => y.raisedAt - x.raisedAt))
    if (!newest.has(a.message)) newest.set(a.message, a);
  return [...newest.values()].slice(0, MOST).map((a) => ({
    state: { icon: 'bell', tone: 'warn', word: a.kind === 'promise' ? 'Promise' : 'Alert' },
    what: a.message,
    why: `${age(now - a.raisedAt)} ago; ${
      a.sentAt === null ? 'whoever is on call has not been told yet' : 'whoever is on call has been told'
    }`,
    href:
      a.connectionId !== null
        ? '/desk/connections'
        : a.kind === 'promise'
          ? '/desk/incidents'
          : '/desk/deliveries',
    act: 'Look',
  }));
}
