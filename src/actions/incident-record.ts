import { listAttempts, listDeliveriesOfIncident, listReceipts } from '../../db/queries/deliveries.ts';
import { getIncident, listPromises, listUpdates } from '../../db/queries/incidents.ts';
import { listIncidentEvents } from '../../db/queries/log.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { measure } from '../domain/metrics.ts';

/** The whole record of an incident: every word, yes, promise, try and proof, and what it says in numbers. */
export async function incidentRecord(r: Reader, incidentId: string) {
  const incident = await getIncident(r, incidentId);
  const updates = await listUpdates(r, incidentId);
  const promises = await listPromises(r, [incidentId]);
  const deliveries = await listDeliveriesOfIncident(r, incidentId);
  const ids = deliveries.map((d) => d.id);
  return {
    incident,
    metrics: measure({
      detectedAt: incident.detectedAt,
      declaredAt: incident.createdAt,
      updates,
      promises,
      deliveries,
    }),
    updates: await Promise.all(
      updates.map(async (u) => ({
        ...u,
        renditions: await listRenditions(r, u.id),
        approvals: await listApprovals(r, [u.id]),
      })),
    ),
    promises,
    deliveries,
    attempts: await listAttempts(r, ids),
    receipts: await listReceipts(r, ids),
    events: (await listIncidentEvents(r, incidentId, 10_000)).reverse(),
  };
}
