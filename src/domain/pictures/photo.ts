import { invalid } from '../error.ts';
import type { PictureType } from '../media.ts';
import { type Plain, textAt } from './bytes.ts';
import { isGif, plainGif } from './gif.ts';
import { isJpeg, plainJpeg } from './jpeg.ts';
import { isPng, plainPng } from './png.ts';
import { isWebp, plainWebp } from './webp.ts';

/** A picture for an update, as it is kept and sent: nothing in it but what is seen. */
export interface Photo {
  type: PictureType;
  bytes: Uint8Array;
  /** Pixels, as it is shown. */
  width: number;
  height: number;
}

/** Largest picture, bytes: what Facebook takes, the least of the networks but Bluesky (1,000,000). */
export const MOST_BYTES = 4_000_000;
/** Longest side, pixels: what X takes. */
const MOST_SIDE = 8_192;
/** Pixels in all: what Mastodon takes. Whoever shows a picture needs four bytes for each, however small its file. */
const MOST_PIXELS = 33_177_600;

const KINDS: readonly {
  type: PictureType;
  is(bytes: Uint8Array): boolean;
  plain(field: string, bytes: Uint8Array): Plain;
}[] = [
  { type: 'image/png', is: isPng, plain: plainPng },
  { type: 'image/jpeg', is: isJpeg, plain: plainJpeg },
  { type: 'image/webp', is: isWebp, plain: plainWebp },
  { type: 'image/gif', is: isGif, plain: plainGif },
];

/**
 * Looks at the bytes, whatever they were called, and writes the picture anew without what it says of its maker, place
 * and time. Throws `invalid` naming the field and what to do.
 */
export function readPhoto(field: string, bytes: Uint8Array): Photo {
  if (bytes.length === 0) throw invalid(field, 'Choose a picture: a JPEG, PNG, WebP or GIF.');
  if (bytes.length > MOST_BYTES)
    throw invalid(
      field,
      `This picture has ${megabytes(bytes.length)}; ${megabytes(MOST_BYTES)} is the most. Make it smaller.`,
    );
  const kind = KINDS.find((k) => k.is(bytes));
  if (!kind) throw invalid(field, unknownKind(bytes));
  const { animated, width, height, bytes: plain } = kind.plain(field, bytes);
  if (animated)
    throw invalid(
      field,
      'This picture moves, and readers could not stop it. Save one still picture of it instead.',
    );
  if (width > MOST_SIDE || height > MOST_SIDE || width * height > MOST_PIXELS)
    throw invalid(
      field,
      `This picture is ${width} × ${height} pixels, more than networks take. Make its longer side 4,096 or less.`,
    );
  return { type: kind.type, bytes: plain, width, height };
}

function unknownKind(bytes: Uint8Array): string {
  const take = 'Save it as a JPEG or PNG.';
  const brand = textAt(bytes, 4, 8);
  if (/^ftyp(heic|heix|hevc|mif1|msf1)/.test(brand))
    return `This is a HEIC picture, as iPhones make them. ${take}`;
  if (brand.startsWith('ftypavi')) return `This is an AVIF picture, which few networks take. ${take}`;
  const text = textAt(bytes, 0, Math.min(bytes.length, 1_000));
  if (/<svg[\s>]/i.test(text)) return `This is an SVG: a drawing that can also run things. ${take}`;
  if (text.startsWith('%PDF')) return `This is a PDF. ${take}`;
  return `This is no JPEG, PNG, WebP or GIF, whatever its name says. ${take}`;
}

/** "2.3 MB". */
export const megabytes = (bytes: number): string =>
  bytes < 100_000 ? `${Math.ceil(bytes / 1_000)} KB` : `${(Math.ceil(bytes / 100_000) / 10).toFixed(1)} MB`;
