import { type Alert, changeAlert, listDueAlerts } from '../../db/queries/alerts.ts';
import { type Connection, listConnections } from '../../db/queries/connections.ts';
import { ChannelError } from '../channels/contract.ts';
import { backoffMs } from '../domain/delivery.ts';
import type { OutboxParts } from './parts.ts';

const MOST_TRIES = 12;
const AT_ONCE = 20;

/**
 * Tells whoever is on call what only a person can settle. A missing alert is worse than a double one, so what is
 * uncertain is sent again, under the same key.
 */
export async function sendAlerts(parts: OutboxParts): Promise<void> {
  for (const alert of await listDueAlerts(parts.store.read, parts.tick().now, AT_ONCE)) {
    const all = await listConnections(parts.store.read, alert.pageId);
    const oncall = all.filter((c) => c.role === 'oncall' && c.enabled && c.pausedAt === null);
    const told = await Promise.all(oncall.map((c) => tell(parts, c, alert)));
    const again = told.includes(false) && alert.tries + 1 < MOST_TRIES;
    await parts.store.transact(
      async (w) => {
        const { now } = parts.tick();
        const tries = alert.tries + 1;
        await changeAlert(
          w,
          alert.id,
          again ? { tries, nextAt: now + backoffMs(tries) } : { tries, sentAt: now },
        );
      },
      { appends: false, patienceMs: 30_000 },
    );
  }
}

/** True when nothing more can be done for this connection: it took the alert, or it never will. */
async function tell(parts: OutboxParts, connection: Connection, alert: Alert): Promise<boolean> {
  try {
    await parts.channelOf(connection).publish(
      {
        text: alert.message,
        subject: 'Tocsin needs a person',
        payload: { alert: alert.kind, message: alert.message },
      },
      { id: alert.id, at: alert.raisedAt },
      AbortSignal.timeout(parts.requestMs),
    );
    return true;
  } catch (error) {
    const final = error instanceof ChannelError && (error.failure === 'rejected' || error.failure === 'auth');
    if (final) parts.report(error, `alert to ${connection.name}`);
    return final;
  }
}
