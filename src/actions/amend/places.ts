import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../../db/queries/deliveries.ts';
import { listPublishedUpdates, type Update } from '../../../db/queries/incidents.ts';
import { listReceipts } from '../../../db/queries/receipts.ts';
import type { Reader } from '../../../db/store.ts';
import { type AmendStep, type Fate, fateOf, wayOf } from '../../domain/amend.ts';
import { versionsOf } from '../../domain/versions.ts';

/** A connection on which words that are put right were sent, or are on their way. */
export interface Place {
  connection: Connection;
  fate: Fate;
  /** We cannot send anything there: a person posts, or the connection is switched off. */
  byHand: boolean;
}

/** The ids of everything that a correction puts right: the words it is of, and what they themselves corrected. */
export async function wrongVersions(r: Reader, update: Pick<Update, 'incidentId' | 'correctsId'>) {
  if (update.correctsId === null) return [];
  return versionsOf(await listPublishedUpdates(r, [update.incidentId]), update.correctsId);
}

/**
 * Where the wrong words went, and how they stand there. Nobody else hears of a correction: who never read the wrong
 * words would only be confused. Subscribers are not listed; they are told one by one.
 */
export async function listPlaces(r: Reader, update: Update): Promise<Place[]> {
  const versions = await wrongVersions(r, update);
  const rows = await listDeliveriesOfUpdates(r, versions);
  const proofs = await listReceipts(
    r,
    rows.map((d) => d.id),
  );
  const connections = await listConnections(r, update.pageId);
  return connections
    .filter((c) => rows.some((d) => d.connectionId === c.id))
    .map((connection) => ({
      connection,
      fate: fateOf(
        versions,
        rows.filter((d) => d.connectionId === connection.id),
        proofs,
      ),
      byHand: connection.channel === 'manual' || !connection.enabled,
    }));
}

/** What is to be done on each network, as things stand now. `partsOf` counts the posts of the changed words there. */
export function planFor(
  update: Pick<Update, 'amends'>,
  places: readonly Place[],
  partsOf: (connectionId: string) => number,
  now: number,
): AmendStep[] {
  const { amends } = update;
  if (amends === null) return [];
  return places.map(({ connection, fate, byHand }) => ({
    connectionId: connection.id,
    ...wayOf({ amends, fate, can: connection.can, byHand, parts: partsOf(connection.id), now }),
  }));
}
