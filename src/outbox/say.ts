import type { Delivery } from '../../db/queries/deliveries.ts';
import { appendEvents } from '../../db/queries/log.ts';
import type { Writer } from '../../db/store.ts';

/** Tells the desk (and, once it is public, the page) what became of a delivery. */
export async function sayDelivery(w: Writer, d: Delivery, now: number): Promise<void> {
  await appendEvents(w, [
    {
      at: now,
      pageId: d.pageId,
      kind: `delivery.${d.state}`,
      public: d.recipient === '' && (d.state === 'delivered' || d.state === 'accepted'),
      incidentId: d.incidentId,
      updateId: d.updateId,
      detail: {
        deliveryId: d.id,
        connectionId: d.connectionId,
        part: d.part,
        state: d.state,
        reason: d.reason,
      },
    },
  ]);
}
