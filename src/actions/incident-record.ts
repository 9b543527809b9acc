import { listAttempts } from '../../db/queries/attempts.ts';
import { listDeliveriesOfIncident } from '../../db/queries/deliveries.ts';
import { listFacts } from '../../db/queries/facts.ts';
import { listHandOvers } from '../../db/queries/hand-overs.ts';
import { getIncident, listPromises, listUpdates } from '../../db/queries/incidents.ts';
import { listEventsOfKinds, listIncidentEvents } from '../../db/queries/log.ts';
import { listMentionsOf } from '../../db/queries/mentions.ts';
import { listOverrides } from '../../db/queries/overrides.ts';
import { listReceipts } from '../../db/queries/receipts.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { measureAnswers } from '../domain/answered.ts';
import { downtime, type Turn } from '../domain/downtime.ts';
import { measure } from '../domain/metrics.ts';

const READY = ['connection.resumed', 'connection.on', 'connection.reconnected'];

/** When accounts of a page stopped and began to speak, as the log has it. */
async function turnsOf(r: Reader, pageId: string, until: number): Promise<Turn[]> {
  const kinds = ['connection.paused', 'connection.off', ...READY];
  return (await listEventsOfKinds(r, pageId, kinds, until)).flatMap((e) =>
    typeof e.detail['connectionId'] === 'string'
      ? [
          {
            at: e.at,
            connectionId: e.detail['connectionId'],
            ready: READY.includes(e.kind),
          },
        ]
      : [],
  );
}

/** The whole record of an incident: every word, fact, owner, yes, promise, try and proof, and what it says in numbers. */
export async function incidentRecord(r: Reader, incidentId: string, now: number) {
  const incident = await getIncident(r, incidentId);
  const updates = await listUpdates(r, incidentId);
  const promises = await listPromises(r, [incidentId]);
  const deliveries = await listDeliveriesOfIncident(r, incidentId);
  const ids = deliveries.map((d) => d.id);
  const overrides = await listOverrides(r, incidentId);
  const until = incident.resolvedAt ?? now;
  return {
    incident,
    metrics: measure({
      detectedAt: incident.detectedAt,
      declaredAt: incident.createdAt,
      updates,
      promises,
      overrides,
      downtime: downtime(await turnsOf(r, incident.pageId, until), incident.detectedAt, until),
      deliveries,
    }),
    answers: measureAnswers(await listMentionsOf(r, incidentId), now),
    facts: await listFacts(r, incidentId),
    handOvers: await listHandOvers(r, incidentId),
    overrides,
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
