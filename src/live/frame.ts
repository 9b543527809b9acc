/** What an open page is sent, as bytes that are made once and written to everybody. */

export interface LogEntry {
  seq: number;
  kind: string;
  at: number;
}

/** `html` maps element ids to what replaces them, whole. */
export type Message =
  /** `epoch` names the log that `seq` counts in: another one means that all that was shown must be shown anew. */
  | { type: 'hello'; seq: number; epoch: string; serverTime: number; copyOf?: number }
  | {
      type: 'event';
      seq: number;
      at: number;
      kind: string;
      log: readonly LogEntry[];
      html: Record<string, string>;
    }
  | { type: 'state'; seq: number; epoch: string; html: Record<string, string> }
  /** `copyOf` while the words cannot be renewed: when they were last known to be the newest. */
  | { type: 'beat'; serverTime: number; copyOf?: number };

/** One message as every transport needs it. */
export interface Framed {
  /** JSON text: what polling answers with. */
  json: string;
  /** A whole WebSocket text frame, header included. */
  socket: Buffer;
  /** A whole server-sent event. */
  stream: Buffer;
}

/** A server's frame is not masked: two to ten bytes of header (RFC 6455 §5.2), then the payload as it is. */
function wrap(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const out = Buffer.allocUnsafeSlow(size + length);
  out[0] = 0x80 | opcode;
  if (size === 2) out[1] = length;
  else if (size === 4) {
    out[1] = 126;
    out.writeUInt16BE(length, 2);
  } else {
    out[1] = 127;
    out.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(out, size);
  return out;
}

export const PING = wrap(0x9, Buffer.alloc(0));

export const pongFrame = (payload: Buffer): Buffer => wrap(0xa, payload);

/** A close frame; the reason is at most 123 bytes. */
export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return wrap(0x8, payload);
}

export function frame(message: Message): Framed {
  const json = JSON.stringify(message);
  const id = message.type === 'event' || message.type === 'state' ? `id: ${message.seq}\n` : '';
  return {
    json,
    socket: wrap(0x1, Buffer.from(json)),
    // JSON has no raw line ends, so one data line carries it all. No event name: `onmessage` hears every type.
    stream: Buffer.from(`${id}data: ${json}\n\n`),
  };
}
