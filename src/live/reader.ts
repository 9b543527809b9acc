/**
 * Reads what an open page sends on a socket where nothing it says is wanted: control frames are answered, data is
 * skipped without being kept, and whatever breaks RFC 6455 or is too much ends the connection. A parser of our own,
 * because a stream object for each of twenty thousand readers costs more memory than everything else we keep of them.
 */

/** State of one connection between two chunks. */
export interface Reading {
  /** Payload bytes of a data frame still to be skipped. */
  skip: number;
  /** Bytes and frames of the data message under way; 0 frames when there is none. */
  bytes: number;
  frames: number;
  /** A frame's beginning that is not complete yet: at most 131 bytes. */
  rest: Buffer | undefined;
}

export interface Ears {
  ping(payload: Buffer): void;
  pong(): void;
  /** The last word: nothing more is read. */
  close(code: number): void;
}

/** Longest message a page may send, bytes. It has nothing to say. */
const LONGEST = 4_096;
const MOST_FRAMES = 16;

const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;

/** Takes in a chunk and tells what it contained. */
export function read(r: Reading, chunk: Buffer, ears: Ears): void {
  const input = r.rest ? Buffer.concat([r.rest, chunk]) : chunk;
  r.rest = undefined;
  let at = 0;
  while (at < input.length) {
    if (r.skip > 0) {
      const step = Math.min(r.skip, input.length - at);
      r.skip -= step;
      at += step;
      continue;
    }
    const left = input.length - at;
    if (left < 2) break;
    const first = input[at]!;
    const short = input[at + 1]! & 0x7f;
    const wrong = faultOf(r, first, input[at + 1]!);
    if (wrong !== 0) {
      ears.close(wrong);
      return;
    }
    // Header, and the mask every client must use.
    const head = short === 126 ? 8 : 6;
    if (left < head) break;
    const length = short === 126 ? input.readUInt16BE(at + 2) : short;
    if ((first & 0x08) === 0) {
      r.bytes += length;
      r.frames = (first & 0x80) === 0 ? r.frames + 1 : 0;
      if (r.bytes > LONGEST || r.frames > MOST_FRAMES) {
        ears.close(TOO_BIG);
        return;
      }
      if (r.frames === 0) r.bytes = 0;
      r.skip = length;
      at += head;
      continue;
    }
    if (left < head + length) break;
    const payload = unmask(input, at + head, length);
    at += head + length;
    if ((first & 0x0f) === 0x8) {
      ears.close(closeCode(payload));
      return;
    }
    if ((first & 0x0f) === 0x9) ears.ping(payload);
    else ears.pong();
  }
  if (at < input.length) r.rest = Buffer.from(input.subarray(at));
}

/** Close code for a frame that must not be, by its first two bytes; 0 when it may. */
function faultOf(r: Reading, first: number, second: number): number {
  const opcode = first & 0x0f;
  const ends = (first & 0x80) !== 0;
  const short = second & 0x7f;
  const masked = (second & 0x80) !== 0;
  if ((first & 0x70) !== 0 || !masked) return PROTOCOL_ERROR;
  if (opcode >= 0x8) return opcode > 0xa || !ends || short > 125 ? PROTOCOL_ERROR : 0;
  if (opcode > 0x2 || (opcode === 0) !== r.frames > 0) return PROTOCOL_ERROR;
  return short === 127 ? TOO_BIG : 0;
}

function unmask(input: Buffer, from: number, length: number): Buffer {
  const payload = Buffer.from(input.subarray(from, from + length));
  for (let i = 0; i < length; i += 1) payload[i]! ^= input[from - 4 + (i % 4)]!;
  return payload;
}

/** What a close frame is answered with: its own code, if it may be said on the wire. */
function closeCode(payload: Buffer): number {
  if (payload.length === 0) return 1000;
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  const known =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);
  return known ? code : PROTOCOL_ERROR;
}
