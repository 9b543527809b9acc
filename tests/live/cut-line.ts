import { connect, type Socket } from 'node:net';
import type { Message } from '../../src/live/frame.ts';

/** Where a line is cut: after `frames` whole frames, this share of the way through the next one. */
export interface Cut {
  /** 0 is the answer to the handshake, 1 the greeting, 2 the first words, and so on; -1 reads nothing at all. */
  frames: number;
  /** 0 is right before that frame, 1 right behind it. */
  share: number;
}

export interface LineOptions {
  base: string;
  /** Path and query. */
  path: string;
  streams: boolean;
  /** Sent by a stream that comes back. */
  lastEventId?: number | undefined;
  /** Never, when left out. */
  cut?: Cut | undefined;
  /** Told of every frame that came whole. A line is also over when this says so. */
  hear(message: Message, isOver: () => void): void;
}

/** Why a line ended: we cut it, what was heard ended it, the server said goodbye, or nobody was there. */
export type End = 'cut' | 'heard' | 'goodbye' | 'refused';

/** A frame at the beginning of what came; undefined while too little of it is there to say where it ends. */
interface Piece {
  length: number;
  text: string | undefined;
  isClose: boolean;
}

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/**
 * Follows the page over a bare connection until it is cut at a byte of our choice. What came behind that byte was
 * never read; what the server still had in hand meets a reset.
 */
export function followLine(options: LineOptions): Promise<End> {
  const { cut, streams } = options;
  const url = new URL(options.path, options.base);
  const socket = connect(Number(url.port), url.hostname);
  const upgrade = streams ? '' : `Connection: Upgrade\r\nUpgrade: websocket\r\n${KEY}`;
  const resume = options.lastEventId === undefined ? '' : `Last-Event-ID: ${options.lastEventId}\r\n`;
  let rest: Buffer = Buffer.alloc(0);
  let read = 0;

  return new Promise((done) => {
    let ended: End | undefined;
    const end = (why: End) => {
      if (ended) return;
      ended = why;
      drop(socket);
      done(why);
    };
    /** Byte of the next frame behind which nothing is read; undefined when it is read whole. */
    const limitOf = (length: number) =>
      cut && read === cut.frames ? Math.floor(cut.share * (length + 1)) : undefined;

    function eat(): void {
      while (!ended) {
        const piece = read === 0 ? headOf(rest) : streams ? eventOf(rest) : frameOf(rest);
        if (!piece) return;
        const limit = limitOf(piece.length);
        if (limit !== undefined && limit < piece.length && rest.length >= limit) end('cut');
        if (ended || rest.length < piece.length) return;
        rest = rest.subarray(piece.length);
        read += 1;
        if (piece.isClose) end('goodbye');
        else if (piece.text !== undefined)
          options.hear(JSON.parse(piece.text) as Message, () => end('heard'));
        if (limit !== undefined) end('cut');
      }
    }
    socket.on('error', () => end(read === 0 ? 'refused' : 'goodbye'));
    socket.on('close', () => end(read === 0 ? 'refused' : 'goodbye'));
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      eat();
    });
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${upgrade}${resume}\r\n`,
      () => {
        if (cut && cut.frames < 0) end('cut');
      },
    );
  });
}

function drop(socket: Socket): void {
  socket.removeAllListeners('data');
  socket.resetAndDestroy();
}

function headOf(bytes: Buffer): Piece | undefined {
  const at = bytes.indexOf('\r\n\r\n');
  return at < 0 ? undefined : { length: at + 4, text: undefined, isClose: false };
}

function eventOf(bytes: Buffer): Piece | undefined {
  const at = bytes.indexOf('\n\n');
  if (at < 0) return undefined;
  const text = bytes.subarray(0, at).toString();
  return { length: at + 2, text: text.slice(text.indexOf('data: ') + 6), isClose: false };
}

function frameOf(bytes: Buffer): Piece | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return undefined;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const opcode = bytes[0]! & 0x0f;
  const whole = bytes.length >= head + size;
  return {
    length: head + size,
    text: whole && opcode === 1 ? bytes.subarray(head, head + size).toString() : undefined,
    isClose: opcode === 8,
  };
}
