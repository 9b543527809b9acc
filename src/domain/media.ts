/** Pictures that go with an update: what is taken, and what each network takes of them. */

export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

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
