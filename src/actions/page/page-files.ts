import { createHash } from 'node:crypto';
import { changePage, deletePageFile, getPage, putPageFile } from '../../../db/queries/pages.ts';
import type { PageFileKind } from '../../../db/shapes.ts';
import { readPicture } from '../../domain/look/picture.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Keeps a picture of a page's own, read and written anew; null takes it away. Throws `invalid` naming the kind. */
export async function setPageFile(
  ctx: Ctx,
  pageId: string,
  kind: PageFileKind,
  bytes: Uint8Array | null,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const picture = bytes === null ? null : readPicture(kind, bytes);
  const hash =
    picture === null
      ? ''
      : createHash('sha256').update(pageId).update(picture.bytes).digest('hex').slice(0, 24);
  await decide(ctx, async ({ w, now, say, account }) => {
    const page = await getPage(w, pageId);
    const { [kind]: _, ...others } = page.settings.files ?? {};
    await deletePageFile(w, pageId, kind);
    if (picture !== null)
      await putPageFile(w, {
        id: ctx.newId(),
        pageId,
        kind,
        type: picture.type,
        hash,
        body: Buffer.from(picture.bytes).toString('base64'),
        createdAt: now,
      });
    const files = picture === null ? others : { ...others, [kind]: { hash, type: picture.type } };
    await changePage(w, pageId, { settings: { ...page.settings, files }, updatedAt: now });
    await say({ pageId, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await account({
      action: picture === null ? 'page.picture_off' : 'page.picture',
      subjectKind: 'page',
      subjectId: pageId,
      detail: { kind, hash, bytes: picture?.bytes.length ?? 0 },
    });
  });
}
