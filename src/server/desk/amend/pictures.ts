import type { Update } from '../../../../db/queries/incidents.ts';
import { listRenditions } from '../../../../db/queries/words.ts';
import type { Reader } from '../../../../db/store.ts';
import { sameMedia } from '../../../domain/media.ts';
import { takesBack } from '../../../domain/versions.ts';

/** Where wrong words are shown with pictures, and whether what puts them right has others. */
export interface PicturesThere {
  /** Connections whose posts show some. */
  shownOn: ReadonlySet<string>;
  changed: boolean;
  /** What becomes of them on the status page; empty where they stay. */
  onPage: string;
}

export async function picturesThere(
  r: Reader,
  wrong: Update,
  right: Pick<Update, 'amends' | 'media'>,
): Promise<PicturesThere> {
  const back = takesBack(right.amends);
  const media = back ? null : right.media;
  const changed = !sameMedia(wrong.media, media);
  const renditions = changed ? await listRenditions(r, wrong.id) : [];
  return {
    shownOn: new Set(
      renditions.filter((x) => x.parts.some((p) => (p.media ?? []).length > 0)).map((x) => x.connectionId),
    ),
    changed,
    onPage: !changed
      ? ''
      : back
        ? 'Its pictures are not shown any more.'
        : (media ?? []).length === 0
          ? 'The pictures are taken away.'
          : 'The pictures are those given here.',
  };
}
