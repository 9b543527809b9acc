import { createHash } from 'node:crypto';

/** Bytes that are the same for the same seed and label, on every machine. */
export function seededBytes(seed: string, label: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; parts.length * 32 < length; n++) {
    parts.push(createHash('sha256').update(`${seed}\n${label}\n${n}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** A number in [0, 1) for a seed and label. */
export function seededUnit(seed: string, label: string): number {
  return seededBytes(seed, label, 6).readUIntBE(0, 6) / 2 ** 48;
}

export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const DIGITS = '0123456789';
/** RFC 4648 base32 in lower case, as DIDs and CIDs write it. */
export const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** A word of `length` letters of `alphabet`, the same for the same seed and label. */
export function seededWord(seed: string, label: string, length: number, alphabet = ALPHANUMERIC): string {
  const bytes = seededBytes(seed, label, length);
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
}
