import { listHandOvers } from '../../../db/queries/hand-overs.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import type { Reader } from '../../../db/store.ts';
import { ownerAt } from '../../domain/hand-over.ts';

/** Who owned an incident at a moment (ms): null is nobody, undefined is before it was declared. */
export async function whoOwnedAt(
  r: Reader,
  incidentId: string,
  at: number,
): Promise<string | null | undefined> {
  const incident = await getIncident(r, incidentId);
  const all = await listHandOvers(r, incidentId);
  const first = all.filter((h) => h.state === 'accepted').sort((a, b) => a.askedAt - b.askedAt)[0];
  const firstOwnerId = first ? first.fromId : incident.ownerId;
  return ownerAt({ createdAt: incident.createdAt, firstOwnerId }, all, at);
}
