import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { idStart } from './domain/id-time.ts';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
let lastMs = 0;
let count = 0;

/**
 * A new id: 18 characters of [0-9a-z] that sort by the time they were made, also within one millisecond of one
 * process, and also when the clock steps back. Not a secret.
 */
export function newId(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    count = 0;
  } else count += 1;
  const turn = count.toString(36).padStart(4, '0');
  const tail = [...randomBytes(5)].map((b) => DIGITS[b % 36]).join('');
  return `${idStart(lastMs)}${turn}${tail}`;
}

/** 32 random bytes in base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** CRC-32 in base 36: lets a scanner tell a real token from a look-alike without asking us. */
export const checksum = (text: string): string => crc32(text).toString(36).padStart(7, '0');

/** An API token: `tcs_`, the secret, a checksum. */
export function newApiToken(): string {
  const secret = newSecret().replace(/[-_]/g, 'x');
  return `tcs_${secret}${checksum(secret)}`;
}
