/** Records as atproto keeps them: DAG-CBOR bytes and the CID that follows from them. */
import { createHash } from 'node:crypto';
import { BASE32 } from '../random.ts';

/** `tid` keys (https://atproto.com/specs/tid). */
export const TID = /^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/;

/** The CIDv1 (dag-cbor, sha-256) of a record, in lower-case base32. Throws TypeError on what CBOR cannot hold. */
export function cidOf(record: unknown): string {
  return cidOfBytes(encode(record), 0x71);
}

/** The CIDv1 of raw bytes (a blob), or of bytes in another codec. */
export function cidOfBytes(bytes: Uint8Array, codec = 0x55): string {
  const hash = createHash('sha256').update(bytes).digest();
  return `b${base32(Buffer.concat([Buffer.from([0x01, codec, 0x12, 0x20]), hash]))}`;
}

/** DAG-CBOR: shortest heads, map keys by length then bytes, `$link` as tag 42, `$bytes` as bytes, no other tags. */
export function encode(value: unknown): Buffer {
  if (value === null) return Buffer.from([0xf6]);
  if (value === false) return Buffer.from([0xf4]);
  if (value === true) return Buffer.from([0xf5]);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('Numbers in a record must be integers');
    return value >= 0 ? head(0, value) : head(1, -1 - value);
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return Buffer.concat([head(3, bytes.length), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  if (typeof value === 'object') return encodeObject(value as Record<string, unknown>);
  throw new TypeError(`A record cannot hold ${typeof value}`);
}

function encodeObject(value: Record<string, unknown>): Buffer {
  const keys = Object.keys(value);
  if (keys.length === 1 && typeof value['$link'] === 'string') {
    const cid = Buffer.concat([Buffer.from([0]), unbase32(value['$link'].slice(1))]);
    return Buffer.concat([Buffer.from([0xd8, 42]), head(2, cid.length), cid]);
  }
  if (keys.length === 1 && typeof value['$bytes'] === 'string') {
    const bytes = Buffer.from(value['$bytes'], 'base64');
    return Buffer.concat([head(2, bytes.length), bytes]);
  }
  const entries = keys
    .map((key) => ({ key: Buffer.from(key, 'utf8'), value: value[key] }))
    .sort((a, b) => a.key.length - b.key.length || Buffer.compare(a.key, b.key));
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap((entry) => [head(3, entry.key.length), entry.key, encode(entry.value)]),
  ]);
}

function head(major: number, length: number): Buffer {
  const top = major << 5;
  if (length < 24) return Buffer.from([top | length]);
  if (length < 0x100) return Buffer.from([top | 24, length]);
  if (length < 0x10000) return Buffer.from([top | 25, length >> 8, length & 0xff]);
  const wide = length < 0x1_0000_0000;
  const bytes = Buffer.alloc(wide ? 5 : 9);
  bytes[0] = top | (wide ? 26 : 27);
  if (wide) bytes.writeUInt32BE(length, 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

function base32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + BASE32[(held << (5 - bits)) & 31] : out;
}

function unbase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    const value = BASE32.indexOf(letter);
    if (value < 0) throw new TypeError(`Not a CID: ${text}`);
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  return Buffer.from(bytes);
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const TEXT_MAX_GRAPHEMES = 300;
const TEXT_MAX_BYTES = 3000;

/** What the lexicon `app.bsky.feed.post` says against a record, in the server's words; undefined when it fits. */
export function complaintAboutPost(record: Record<string, unknown>): string | undefined {
  const { text, createdAt } = record;
  if (typeof text !== 'string') return at('Missing required key "text"', '$');
  if (typeof createdAt !== 'string') return at('Missing required key "createdAt"', '$');
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(createdAt) ||
    Number.isNaN(Date.parse(createdAt))
  ) {
    return at(`Invalid datetime (got ${JSON.stringify(createdAt)})`, '$.createdAt');
  }
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > TEXT_MAX_BYTES) return at(`string too big (maximum ${TEXT_MAX_BYTES}, got ${bytes})`, '$.text');
  const count = [...graphemes.segment(text)].length;
  if (count > TEXT_MAX_GRAPHEMES)
    return at(`grapheme too big (maximum ${TEXT_MAX_GRAPHEMES}, got ${count})`, '$.text');
  const facets = record['facets'];
  if (facets !== undefined && !Array.isArray(facets)) return at('Expected array value type', '$.facets');
  for (const [n, facet] of ((facets as unknown[] | undefined) ?? []).entries()) {
    const { index, features } = (facet ?? {}) as Record<string, unknown>;
    const { byteStart, byteEnd } = (index ?? {}) as Record<string, unknown>;
    if (!isOffset(byteStart) || !isOffset(byteEnd))
      return at('Expected integer value type', `$.facets[${n}].index`);
    if (!Array.isArray(features)) return at('Missing required key "features"', `$.facets[${n}]`);
  }
  const reply = record['reply'];
  if (reply !== undefined) {
    for (const end of ['root', 'parent'] as const) {
      const ref = ((reply ?? {}) as Record<string, Record<string, unknown> | undefined>)[end];
      if (typeof ref?.['uri'] !== 'string' || !ref['uri'].startsWith('at://')) {
        return at('Invalid AT-URI', `$.reply.${end}.uri`);
      }
      if (typeof ref['cid'] !== 'string' || !/^baf[a-z2-7]{50,}$/.test(ref['cid'])) {
        return at('Invalid CID string', `$.reply.${end}.cid`);
      }
    }
  }
  return undefined;
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function at(complaint: string, path: string): string {
  return `Invalid app.bsky.feed.post record: ${complaint} at ${path}`;
}
