import { damaged, joined, type Plain, startsWith, textAt, u16, u24 } from './bytes.ts';

export const isWebp = (bytes: Uint8Array): boolean =>
  textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP';

const KEPT = new Set(['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L']);
const ANIMATION = 0x02;
/** Of VP8X: Exif, XMP and animation are not there any more. */
const GONE = 0x08 | 0x04 | ANIMATION;

/** The picture, its transparency and its colours: https://developers.google.com/speed/webp/docs/riff_container */
export function plainWebp(field: string, bytes: Uint8Array): Plain {
  const broken = () => damaged(field, 'WebP');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [];
  const seen = new Set<string>();
  let size: readonly [number, number] | undefined;
  let canvas: readonly [number, number] | undefined;
  let animated = false;
  if (bytes.length < 20) throw broken();
  const all = 8 + view.getUint32(4, true);
  if (all > bytes.length) throw broken();
  for (let at = 12; at + 8 <= all; ) {
    const type = textAt(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length;
    if (end > bytes.length || (KEPT.has(type) && seen.has(type))) throw broken();
    const chunk = bytes.slice(at, end);
    seen.add(type);
    if (type === 'VP8X') {
      if (length !== 10) throw broken();
      canvas = [1 + u24(chunk, 12), 1 + u24(chunk, 15)];
      animated ||= ((chunk[8] ?? 0) & ANIMATION) !== 0;
      chunk[8] = (chunk[8] ?? 0) & ~GONE;
    }
    if (type === 'ANIM' || type === 'ANMF') animated = true;
    if (type === 'VP8 ' || type === 'VP8L') {
      const found = type === 'VP8 ' ? lossy(chunk) : lossless(chunk);
      if (size || !found) throw broken();
      size = found;
    }
    if (KEPT.has(type)) kept.push(chunk, ...(length % 2 === 1 ? [Uint8Array.of(0)] : []));
    at = end + (length % 2);
  }
  const shown = size ?? (animated ? canvas : undefined);
  if (!shown || shown[0] === 0 || shown[1] === 0) throw broken();
  if (canvas && !animated && (canvas[0] !== shown[0] || canvas[1] !== shown[1])) throw broken();
  const body = joined(kept);
  const head = new Uint8Array(12);
  head.set(bytes.subarray(0, 12));
  new DataView(head.buffer).setUint32(4, body.length + 4, true);
  return { bytes: joined([head, body]), width: shown[0], height: shown[1], animated };
}

/** A key frame of VP8: RFC 6386 §9.1. */
const lossy = (chunk: Uint8Array): readonly [number, number] | undefined =>
  ((chunk[8] ?? 1) & 1) === 0 && startsWith(chunk, [0x9d, 0x01, 0x2a], 11)
    ? [u16(chunk, 14) & 0x3fff, u16(chunk, 16) & 0x3fff]
    : undefined;

function lossless(chunk: Uint8Array): readonly [number, number] | undefined {
  if (chunk[8] !== 0x2f || chunk.length < 13) return undefined;
  const bits = new DataView(chunk.buffer, chunk.byteOffset).getUint32(9, true);
  return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
}
