import { listConnections } from '../../../db/queries/connections.ts';
import { type Delivery, listDeliveriesOfIncident } from '../../../db/queries/deliveries.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { AttentionRow } from '../../templates/desk-board-views.ts';
import { behindText, listForPerson } from './behind.ts';
import type { Desk } from './frame.ts';
import { age } from './moments.ts';
import { count, deliveryState } from './words.ts';

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
  const waiting = await listForPerson(
    r,
    pages.map((page) => page.id),
    now,
  );
  const byUpdate = Map.groupBy(waiting, (d) => `${d.updateId}|${d.connectionId}`);
  for (const group of byUpdate.values()) {
    const first = group[0] as Delivery;
    const connection = (await listConnections(r, first.pageId)).find((c) => c.id === first.connectionId);
    const incident = await getIncident(r, first.incidentId);
    const behind = behindText(first, await listDeliveriesOfIncident(r, first.incidentId), now);
    rows.push({
      state: deliveryState(first),
      what: `${connection?.name ?? 'A network'}: ${incident.title}`,
      why: `${first.reason ?? count(group.length, 'post')} ${behind ?? ''}`.trimEnd(),
      href: `/desk/updates/${first.updateId}/deliveries#card-${first.id}`,
      act: first.state === 'manual' ? 'Post it' : 'Decide',
      doneAction: null,
    });
  }
  return rows;
}
