import { createHash } from 'node:crypto';
import { getIncident } from '../../../db/queries/incidents.ts';
import { insertPicture, listPictures, type PictureFacts } from '../../../db/queries/pictures.ts';
import type { Reader } from '../../../db/store.ts';
import { invalid } from '../../domain/error.ts';
import { type Attached, checkMedia } from '../../domain/media.ts';
import { megabytes, readPhoto } from '../../domain/pictures/photo.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Bytes of all pictures of one incident, those included that no update shows any more. */
const MOST_OF_INCIDENT = 64_000_000;

/**
 * Keeps a picture for the updates of an incident: read, and written anew without what it says of its maker, place and
 * time. Nobody but the house sees it before an update that shows it is published. Throws `invalid` naming `media`.
 */
export async function keepPicture(ctx: Ctx, incidentId: string, bytes: Uint8Array): Promise<PictureFacts> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const { type, width, height, bytes: plain } = readPhoto('media', bytes);
  // The same picture in another incident is another one: that it is shown there says nothing of here.
  const id = createHash('sha256').update(incidentId).update('\0').update(plain).digest('hex').slice(0, 40);
  return decide(ctx, async ({ w, now, account }) => {
    const incident = await getIncident(w, incidentId);
    const kept = await listPictures(w, incidentId);
    const before = kept.find((p) => p.id === id);
    if (before) return before;
    const together = kept.reduce((sum, p) => sum + p.size, plain.length);
    if (together > MOST_OF_INCIDENT)
      throw invalid(
        'media',
        `The pictures of this incident have ${megabytes(together)} by now; ${megabytes(MOST_OF_INCIDENT)} is the most. Use a smaller one.`,
      );
    const facts: PictureFacts = {
      id,
      incidentId,
      pageId: incident.pageId,
      type,
      width,
      height,
      size: plain.length,
      createdBy: ctx.actor.id,
      createdAt: now,
    };
    await insertPicture(w, { ...facts, body: Buffer.from(plain).toString('base64') });
    await account({
      action: 'picture.keep',
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { id, type, width, height, bytes: plain.length },
    });
    return facts;
  });
}

/** Pictures as an author names them, with all that is known of each. Throws `invalid` for one that is not of the incident. */
export async function attachedOf(
  r: Reader,
  incidentId: string,
  wanted: readonly { id: string; alt: string }[],
): Promise<Attached[] | null> {
  if (wanted.length === 0) return null;
  const known = await listPictures(r, incidentId);
  const media = wanted.map(({ id, alt }): Attached => {
    const found = known.find((p) => p.id === id);
    if (!found) throw invalid('media', 'This picture is not there any more. Attach it again.');
    const { type, width, height, size } = found;
    return { id, type, width, height, size, alt: alt.replaceAll(/\s+/g, ' ').trim() };
  });
  checkMedia(media);
  return media;
}
