import type { Delivery } from '../../../db/queries/deliveries.ts';
import { type Fanout, findFanout, listFanoutsBefore } from '../../../db/queries/fan-out.ts';
import { getUpdate } from '../../../db/queries/incidents.ts';
import { getRendition, type Rendition } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { isEnded } from '../../domain/incident.ts';

/** What many deliveries have in common and nothing changes any more, read once while a line is worked. */
export interface Shelf {
  /** `ended`: the update is the last of its incident. `at`: when it was published. */
  of(r: Reader, d: Delivery): Promise<{ rendition: Rendition; fanout: Fanout; ended: boolean; at: number }>;
  /** Updates of the incident that went to subscribers before the one with this seq. */
  before(r: Reader, incidentId: string, ord: number): Promise<string[]>;
}

export function openShelf(): Shelf {
  const renditions = new Map<string, Rendition>();
  const updates = new Map<string, { fanout: Fanout; ended: boolean; at: number }>();
  const earlier = new Map<string, string[]>();
  return {
    async of(r, d) {
      const rendition = renditions.get(d.renditionId) ?? (await getRendition(r, d.renditionId));
      if (!rendition || rendition.frozenAt === null) throw new Error(`delivery ${d.id} has no frozen words`);
      renditions.set(d.renditionId, rendition);
      let known = updates.get(d.updateId);
      if (!known) {
        const update = await getUpdate(r, d.updateId);
        const fanout = await findFanout(r, d.updateId);
        if (!fanout) throw new Error(`delivery ${d.id} belongs to no fan-out`);
        known = { fanout, ended: isEnded(update.status), at: update.publishedAt ?? d.createdAt };
        updates.set(d.updateId, known);
      }
      return { rendition, ...known };
    },
    async before(r, incidentId, ord) {
      const key = `${incidentId}|${ord}`;
      const known = earlier.get(key) ?? (await listFanoutsBefore(r, incidentId, ord));
      earlier.set(key, known);
      return known;
    },
  };
}
