import {
  findIncident,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { type ComponentChange, listChangesOfUpdates } from '../../../db/queries/pages.ts';
import { listNewestOfKind } from '../../../db/queries/programs.ts';
import { listPublicOpen } from '../../../db/queries/public.ts';
import type { Reader } from '../../../db/store.ts';
import { isEnded } from '../../domain/incident.ts';

/** One incident with everything the public was told in it, newest first, and what that did to components. */
export interface Told {
  incident: Incident;
  updates: readonly Update[];
  changes: readonly ComponentChange[];
}

/** By incident id. */
export type Records = ReadonlyMap<string, Told>;

/** How many of the newest of each kind programs are told of; open ones are told of in any case. */
export const RECENT = 50;
const OPEN = 200;
/** Incidents read in one go: what each of them told is read with it. */
const BATCH = 25;

/** Everything programs are told of, read once when a page is opened. */
export async function readRecords(r: Reader, pageId: string): Promise<Records> {
  const found = [
    ...(await listNewestOfKind(r, pageId, 'incident', RECENT)),
    ...(await listNewestOfKind(r, pageId, 'maintenance', RECENT)),
    ...(await listPublicOpen(r, pageId, OPEN)),
  ];
  const incidents = [...new Map(found.map((i) => [i.id, i])).values()];
  const records = new Map<string, Told>();
  for (let from = 0; from < incidents.length; from += BATCH)
    for (const told of await tell(r, incidents.slice(from, from + BATCH)))
      records.set(told.incident.id, told);
  return records;
}

/** The same after events that touched these incidents: only they are read again. */
export async function renewRecords(r: Reader, before: Records, ids: Iterable<string>): Promise<Records> {
  const records = new Map(before);
  for (const id of ids) {
    const incident = await findIncident(r, id);
    const [told] = incident ? await tell(r, [incident]) : [];
    if (told && told.incident.publishedAt !== null) records.set(id, told);
    else records.delete(id);
  }
  return newest(records);
}

async function tell(r: Reader, incidents: readonly Incident[]): Promise<Told[]> {
  const updates = await listPublishedUpdates(
    r,
    incidents.map((i) => i.id),
  );
  const changes = await listChangesOfUpdates(
    r,
    updates.map((u) => u.id),
  );
  return incidents.map((incident) => ({
    incident,
    updates: updates.filter((u) => u.incidentId === incident.id).reverse(),
    changes: changes.filter((c) => c.incidentId === incident.id),
  }));
}

function newest(records: Map<string, Told>): Records {
  const all = [...records.values()].sort((a, b) => (a.incident.id < b.incident.id ? 1 : -1));
  const counts = { incident: 0, maintenance: 0 };
  return new Map(
    all
      .filter(({ incident: { kind, status } }) => {
        counts[kind] += 1;
        return counts[kind] <= RECENT || status === null || !isEnded(status);
      })
      .map((told) => [told.incident.id, told]),
  );
}
