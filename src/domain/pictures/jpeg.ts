import { invalid } from '../error.ts';
import { damaged, joined, type Plain, startsWith, textAt } from './bytes.ts';

export const isJpeg = (bytes: Uint8Array): boolean => startsWith(bytes, [0xff, 0xd8, 0xff]);

/** Scans of one picture: a progressive one has about ten, and hundreds are only there to keep a reader busy. */
const MOST_SCANS = 64;
const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);
/** Tables, the frame, restart intervals: ITU T.81 table B.1. */
const KEPT = new Set([0xdb, 0xc4, 0xdd]);
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
const OTHER_FRAMES = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xcc, 0xdc]);

/**
 * The picture alone: tables, frame, scans, colour profile and which way is up. Where and with what it was taken, texts,
 * thumbnails, and whatever phones hang behind its end are left out.
 */
export function plainJpeg(field: string, bytes: Uint8Array): Plain {
  const broken = () => damaged(field, 'JPEG');
  const kept: Uint8Array[] = [];
  let isJfif = false;
  let turned = 1;
  let size: [number, number] | undefined;
  let scans = 0;
  for (let at = 2; ; ) {
    if (bytes[at] !== 0xff) throw broken();
    while (bytes[at] === 0xff) at += 1;
    const marker = bytes[at] ?? 0;
    at += 1;
    if (marker === 0xd9) break;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const end = at + length;
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8) || length < 2 || end > bytes.length)
      throw broken();
    const segment = bytes.subarray(at - 2, end);
    const name = textAt(bytes, at + 2, 6);
    if (KEPT.has(marker)) kept.push(whole(segment));
    else if (FRAMES.has(marker)) {
      if (size || length < 11 || bytes[at + 2] !== 8) throw broken();
      size = [be16(bytes, at + 5), be16(bytes, at + 3)];
      kept.push(whole(segment));
    } else if (OTHER_FRAMES.has(marker))
      throw invalid(field, 'This is a rare kind of JPEG. Save it again as an ordinary one.');
    else if (marker === 0xda) {
      scans += 1;
      if (!size || scans > MOST_SCANS) throw broken();
      const next = endOfScan(bytes, end);
      kept.push(whole(segment), bytes.subarray(end, next));
      at = next;
      continue;
    } else if (marker === 0xe0 && name.startsWith('JFIF')) isJfif = true;
    else if (marker === 0xe1 && name === 'Exif\0\0')
      turned = orientation(bytes.subarray(at + 8, end)) ?? turned;
    else if (marker === 0xe2 && name === 'ICC_PR') kept.push(whole(segment));
    // How its colours are meant.
    else if (marker === 0xee && name.startsWith('Adobe') && length === 14) kept.push(whole(segment));
    at = end;
  }
  if (!size || scans === 0) throw broken();
  const [across, down] = size;
  if (across === 0 || down === 0) throw broken();
  const lies = turned >= 5;
  return {
    bytes: joined([
      Uint8Array.of(0xff, 0xd8),
      ...(isJfif ? [JFIF] : []),
      ...(turned === 1 ? [] : [upright(turned)]),
      ...kept,
      Uint8Array.of(0xff, 0xd9),
    ]),
    width: lies ? down : across,
    height: lies ? across : down,
    animated: false,
  };
}

/** A segment with one 0xff before its marker, however many there were. */
const whole = (segment: Uint8Array): Uint8Array => {
  const copy = segment.slice();
  copy[0] = 0xff;
  return copy;
};

const be16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Where the next marker begins that is neither a stuffed byte nor a restart. Past the end for a picture that breaks off. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** Which way is up, 1 to 8, in the first directory of Exif's TIFF. */
function orientation(tiff: Uint8Array): number | undefined {
  const little = textAt(tiff, 0, 2) === 'II';
  if (tiff.length < 14 || (!little && textAt(tiff, 0, 2) !== 'MM')) return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const first = view.getUint32(4, little);
  if (first + 2 > tiff.length) return undefined;
  const entries = view.getUint16(first, little);
  for (let i = 0; i < entries; i += 1) {
    const at = first + 2 + i * 12;
    if (at + 12 > tiff.length) return undefined;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** Exif that says which way is up, and nothing else. */
const upright = (turned: number): Uint8Array =>
  Uint8Array.of(
    ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0],
    ...[0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1],
    ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turned, 0, 0],
    ...[0, 0, 0, 0],
  );
