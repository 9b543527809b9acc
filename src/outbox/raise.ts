import { insertAlert } from '../../db/queries/alerts.ts';
import type { Connection } from '../../db/queries/connections.ts';
import type { Delivery } from '../../db/queries/deliveries.ts';
import { appendEvents } from '../../db/queries/log.ts';
import type { Writer } from '../../db/store.ts';
import { cut } from '../domain/storable.ts';
import type { OutboxAlert, OutboxParts } from './parts.ts';

/** Writes down, with the fact that calls for it, that a person is needed. `alarm.ts` tells whoever is on call. */
export async function raise(
  parts: OutboxParts,
  w: Writer,
  connection: Connection,
  what: Omit<OutboxAlert, 'connectionId'>,
): Promise<void> {
  const { now } = parts.tick();
  const words: Record<OutboxAlert['kind'], string> = {
    held: `A post on ${connection.name} may or may not be there. Somebody must look.`,
    dead: `A post on ${connection.name} could not be sent for a long time.`,
    refused: `${connection.name} refused a post.`,
    paused: `${connection.name} refuses us. Its posts wait until somebody mends the connection.`,
    expiring: `The credentials of ${connection.name} run out.`,
  };
  await insertAlert(w, {
    id: parts.newId(),
    pageId: connection.pageId,
    kind: what.kind,
    connectionId: connection.id,
    deliveryId: what.deliveryId,
    message: cut(`${words[what.kind]} ${what.message}`.trim(), 900),
    raisedAt: now,
  });
  await appendEvents(w, [
    {
      at: now,
      pageId: connection.pageId,
      kind: `alert.${what.kind}`,
      public: false,
      incidentId: null,
      updateId: null,
      detail: { connectionId: connection.id, deliveryId: what.deliveryId },
    },
  ]);
  w.afterCommit(() => parts.alert({ ...what, connectionId: connection.id }));
}

/** Raises the alarm for a delivery that has come to where only a person can go on. */
export async function raiseFor(
  parts: OutboxParts,
  w: Writer,
  connection: Connection,
  d: Delivery,
  message: string,
): Promise<void> {
  if (d.state === 'held' || d.state === 'dead' || d.state === 'refused')
    await raise(parts, w, connection, { kind: d.state, deliveryId: d.id, message });
}
