import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Message } from '../../src/live/frame.ts';

/** An open page as a browser would keep it: its cursor, its log, and every frame it was sent. */
export interface OpenPage {
  readonly ws: WebSocket;
  readonly frames: Message[];
  /** Seqs of the log entries it was told of, in the order it was. */
  readonly log: number[];
  /** Newest seq on its screen. */
  seq(): number;
  /** Resolves with the first frame, old or new, that fits. */
  until<T extends Message['type']>(
    type: T,
    fits?: (frame: Extract<Message, { type: T }>) => boolean,
  ): Promise<Extract<Message, { type: T }>>;
  /** Code it was closed with. */
  closed: Promise<number>;
  /** Falls off the network without a word. */
  drop(): void;
}

export interface OpenOptions {
  after?: number | undefined;
  /** More of the query, like `lang=fr`. */
  query?: string;
  /** What the page knew before this connection. */
  log?: number[];
  autoPong?: boolean;
  /** The address a proxy says it has. */
  from?: string;
}

/** Opens a page's socket; resolves once it is upgraded or refused. */
export async function openPage(base: string, options: OpenOptions = {}): Promise<OpenPage> {
  const { after, query = '', log = [], autoPong = true, from } = options;
  const url = new URL(`/live?${query}${after === undefined ? '' : `&after=${after}`}`, base);
  const ws = new WebSocket(url.href.replace(/^http/, 'ws'), {
    perMessageDeflate: false,
    autoPong,
    headers: from === undefined ? {} : { 'x-forwarded-for': from },
  });
  const frames: Message[] = [];
  const waiting = new Set<() => void>();
  let seq = after ?? 0;
  ws.on('error', () => undefined);
  ws.on('message', (bytes) => {
    const frame = JSON.parse(String(bytes)) as Message;
    frames.push(frame);
    if (frame.type === 'event') for (const entry of frame.log) log.push(entry.seq);
    if (frame.type === 'event' || frame.type === 'state') seq = frame.seq;
    for (const wake of waiting) wake();
  });
  const closed = once(ws, 'close').then(([code]) => Number(code));
  await Promise.race([once(ws, 'open'), closed]);
  return {
    ws,
    frames,
    log,
    seq: () => seq,
    until: (type, fits = () => true) =>
      new Promise((done) => {
        const look = () => {
          const found = frames.find((f) => f.type === type && fits(f as never));
          if (!found) return;
          waiting.delete(look);
          done(found as never);
        };
        waiting.add(look);
        look();
      }),
    closed,
    drop: () => ws.terminate(),
  };
}

/** The element with this id in a page, whole; undefined when there is none. */
export function elementOf(html: string, id: string): string | undefined {
  const at = new RegExp(`<([a-z0-9]+)(?=[^>]*\\sid="${id}")[^>]*>`).exec(html);
  if (!at) return undefined;
  const tags = new RegExp(`<(/?)${at[1]}(?=[\\s>])[^>]*>`, 'g');
  tags.lastIndex = at.index;
  let depth = 0;
  for (let tag = tags.exec(html); tag; tag = tags.exec(html)) {
    depth += tag[1] === '/' ? -1 : 1;
    if (depth === 0) return html.slice(at.index, tags.lastIndex);
  }
  return undefined;
}
