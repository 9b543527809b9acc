import { damaged, joined, type Plain, startsWith, textAt } from './bytes.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
export const isPng = (bytes: Uint8Array): boolean => startsWith(bytes, SIGNATURE);

/** What makes up the picture; texts, times, places and everything unknown are left out. */
const CHUNKS = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'sRGB',
  'cHRM',
  'sBIT',
  'bKGD',
  'pHYs',
]);

/** The chunks of the picture itself, each checked against its sum; nothing after its end. */
export function plainPng(field: string, bytes: Uint8Array): Plain {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const broken = () => damaged(field, 'PNG');
  const seen = new Set<string>();
  let width = 0;
  let height = 0;
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw broken();
    const size = view.getUint32(at);
    const type = textAt(bytes, at + 4, 4);
    const end = at + 12 + size;
    if (end > bytes.length || !/^[A-Za-z]{4}$/.test(type)) throw broken();
    if (view.getUint32(end - 4) !== crc(bytes.subarray(at + 4, end - 4))) throw broken();
    if ((at === 8) !== (type === 'IHDR')) throw broken();
    if (type === 'IHDR') {
      if (size !== 13) throw broken();
      width = view.getUint32(at + 8);
      height = view.getUint32(at + 12);
      if (width === 0 || height === 0) throw broken();
    }
    if (CHUNKS.has(type)) kept.push(bytes.subarray(at, end));
    seen.add(type);
    at = end;
    if (type === 'IEND') break;
  }
  if (!seen.has('IDAT')) throw broken();
  return { bytes: joined(kept), width, height, animated: seen.has('acTL') };
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let sum = n;
  for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});

function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}
