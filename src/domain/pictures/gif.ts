import { damaged, joined, type Plain, textAt, u16 } from './bytes.ts';

export const isGif = (bytes: Uint8Array): boolean => /^GIF8[79]a$/.test(textAt(bytes, 0, 6));

const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;

/** The frames and how they are drawn; comments, other programs' words and what follows the end are left out. */
export function plainGif(field: string, bytes: Uint8Array): Plain {
  const broken = () => damaged(field, 'GIF');
  const [width, height] = [u16(bytes, 6), u16(bytes, 8)];
  if (bytes.length < 13 || width === 0 || height === 0) throw broken();
  let at = 13 + tableOf(bytes[10] ?? 0);
  const kept: Uint8Array[] = [bytes.subarray(0, at)];
  let frames = 0;
  for (;;) {
    const from = at;
    const kind = bytes[at];
    if (kind === TRAILER) break;
    if (kind === EXTENSION) {
      at = endOfBlocks(bytes, at + 2);
      if (bytes[from + 1] === GRAPHIC_CONTROL && at === from + 8) kept.push(bytes.subarray(from, at));
    } else if (kind === IMAGE) {
      const fits =
        u16(bytes, at + 1) + u16(bytes, at + 5) <= width && u16(bytes, at + 3) + u16(bytes, at + 7) <= height;
      if (!fits) throw broken();
      at = endOfBlocks(bytes, at + 10 + tableOf(bytes[at + 9] ?? 0) + 1);
      kept.push(bytes.subarray(from, at));
      frames += 1;
    } else throw broken();
    if (at > bytes.length) throw broken();
  }
  if (frames === 0) throw broken();
  return { bytes: joined([...kept, Uint8Array.of(TRAILER)]), width, height, animated: frames > 1 };
}

/** Bytes of the colour table that these flags announce. */
const tableOf = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Just behind a chain of blocks; past the end when it never ends. */
function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const size = bytes[at] ?? 0;
    at += 1 + size;
    if (size === 0) return at;
  }
  return bytes.length + 1;
}
