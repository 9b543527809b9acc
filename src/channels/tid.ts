import { createHash } from 'node:crypto';
import type { Key } from '../domain/channel.ts';

/** Sorts like the numbers it spells: https://atproto.com/specs/tid */
const ALPHABET = '234567abcdefghijklmnopqrstuvwxyz';

/**
 * The record key of a delivery: a TID of 13 characters that is the same on every try. It spells 53 bits of
 * microseconds, then 10 bits that tell clocks apart. The milliseconds are the key's own time; the rest comes from a
 * hash of its id, so that parts of a thread that were made in the same millisecond do not meet.
 */
export function tidOf(key: Key): string {
  const hash = createHash('sha256').update(key.id).digest();
  const micros = BigInt(Math.max(0, Math.floor(key.at))) * 1000n + BigInt(hash.readUInt32BE(0) % 1000);
  let rest = ((micros & 0x1f_ffff_ffff_ffffn) << 10n) | BigInt(hash.readUInt16BE(4) & 0x3ff);
  let tid = '';
  for (let i = 0; i < 13; i++) {
    tid = ALPHABET[Number(rest & 31n)] + tid;
    rest >>= 5n;
  }
  return tid;
}
