import type { PictureLimits } from './channel.ts';
import { invalid } from './error.ts';
import { megabytes } from './pictures/photo.ts';
import { checkText } from './update.ts';

/** Pictures that go with an update: how many, how large, and what each network takes of them. */

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';

/** A picture of an update. Its bytes are found by `id`, which is made of them: another picture has another id. */
export interface Attached {
  id: string;
  type: PictureType;
  /** Pixels, as it is shown. */
  width: number;
  height: number;
  /** Bytes. */
  size: number;
  /** What it shows, for people who cannot see it. Empty only while it is a draft. */
  alt: string;
}

/** Most pictures of one update: what X, Mastodon and Bluesky show with a post. */
export const MOST_PICTURES = 4;
/** Bytes of all pictures of one update. */
export const MOST_TOGETHER = 8_000_000;
/** Longest description, UTF-16 units: what X and Facebook take. */
export const MOST_ALT = 1_000;

/** Checks all but a missing description, which a draft may have. Throws `invalid` naming the field and the fix. */
export function checkMedia(media: readonly Attached[]): void {
  if (media.length > MOST_PICTURES)
    throw invalid('media', `${MOST_PICTURES} pictures are the most an update can have. Take one away.`);
  if (new Set(media.map((m) => m.id)).size < media.length)
    throw invalid('media', 'This picture is attached already.');
  const together = media.reduce((sum, m) => sum + m.size, 0);
  if (together > MOST_TOGETHER)
    throw invalid(
      'media',
      `These pictures have ${megabytes(together)} together; ${megabytes(MOST_TOGETHER)} is the most. Make one smaller.`,
    );
  for (const { alt } of media) checkText('media', alt, MOST_ALT);
}

/** Whether the same pictures are shown with the same descriptions, in the same order. */
export const sameMedia = (
  a: readonly { id: string; alt: string }[] | null,
  b: readonly { id: string; alt: string }[] | null,
): boolean =>
  (a ?? []).length === (b ?? []).length &&
  (a ?? []).every((m, i) => m.id === b?.[i]?.id && m.alt === b?.[i]?.alt);

/**
 * The pictures that go with a post on one network; none where it shows none. Throws `invalid` when the network would
 * refuse them.
 */
export function mediaFor(
  media: readonly Attached[] | null,
  on: { name: string; pictures: PictureLimits | undefined; isAnswer: boolean },
): readonly Attached[] {
  const { name, pictures, isAnswer } = on;
  if (!pictures || (isAnswer && !pictures.answers)) return [];
  const all = media ?? [];
  const orLeave = `or leave ${name} out under “Goes to”.`;
  if (all.length > pictures.most)
    throw invalid('media', `${name} shows ${pictures.most} pictures with a post. Take some away, ${orLeave}`);
  for (const [i, { size, type, alt }] of all.entries()) {
    const which = all.length === 1 ? 'The picture' : `Picture ${i + 1}`;
    if (size > pictures.bytes)
      throw invalid(
        'media',
        `${which} has ${megabytes(size)}; ${name} takes ${megabytes(pictures.bytes)}. Make it smaller, ${orLeave}`,
      );
    if (pictures.types && !pictures.types.includes(type))
      throw invalid(
        'media',
        `${which} is a ${kindOf(type)}, which ${name} does not take. Save it as a JPEG or PNG, ${orLeave}`,
      );
    if (alt.length > pictures.alt)
      throw invalid(
        'media',
        `The description of ${which.toLowerCase()} has ${alt.length} characters; ${name} takes ${pictures.alt}. Shorten it, ${orLeave}`,
      );
  }
  return all;
}

/** "PNG". */
export const kindOf = (type: PictureType): string =>
  type === 'image/webp' ? 'WebP' : type.slice('image/'.length).toUpperCase();

/** What a picture is called in public. */
export const pictureName = ({ id, type }: Pick<Attached, 'id' | 'type'>): string => `${id}.${endingOf(type)}`;

/** Where the public finds it, on the page's own host. */
export const picturePath = (picture: Pick<Attached, 'id' | 'type'>): string =>
  `/files/${pictureName(picture)}`;

/** The end of a picture's name, without a dot. */
const endingOf = (type: PictureType): string => (type === 'image/jpeg' ? 'jpg' : type.slice('image/'.length));
