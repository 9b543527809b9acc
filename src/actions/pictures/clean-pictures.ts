import { listUpdates } from '../../../db/queries/incidents.ts';
import { deletePictures, listIncidentsWithPictures, listPictures } from '../../../db/queries/pictures.ts';
import type { Ctx } from '../context.ts';

/** How long a picture that no update shows is kept, ms: its author may still be writing. */
const KEPT_MS = 24 * 60 * 60_000;
/** How often to look, ms. */
export const CLEAN_EVERY_MS = 60 * 60_000;

/**
 * Deletes pictures that nobody attached, or that were taken away again. Those of words that were published stay with
 * them, as long as there is the incident; so do those of words that were withdrawn, which somebody may take up again.
 */
export async function cleanPictures({ store, now }: Pick<Ctx, 'store' | 'now'>): Promise<number> {
  const before = now() - KEPT_MS;
  let gone = 0;
  for (const incidentId of await listIncidentsWithPictures(store.read, before))
    gone += await store.transact(
      async (w) => {
        const shown = new Set(
          (await listUpdates(w, incidentId)).flatMap((u) => (u.media ?? []).map((m) => m.id)),
        );
        const orphans = (await listPictures(w, incidentId)).filter(
          (p) => !shown.has(p.id) && p.createdAt < before,
        );
        await deletePictures(
          w,
          orphans.map((p) => p.id),
        );
        return orphans.length;
      },
      { appends: false },
    );
  return gone;
}
