import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import t from 'tap';

/** What lies between a reader and the house: a network that a test can spoil, byte for byte the same when it does not. */
export interface Wire {
  url: string;
  /** Ways of listening that the network lets through. */
  lets: { socket: boolean; events: boolean; poll: boolean };
  /** What the reader asked for, in order, with sockets as they were upgraded. */
  asked: string[];
  /** Breaks every line; until `mend`, none is taken any more. */
  cut(): void;
  /** Keeps every line and carries nothing more to the reader, as a train in a tunnel does. */
  hush(): void;
  mend(): void;
  /** Resolves once the reader asks for something that begins so. */
  next(path: string): Promise<string>;
}

export async function openWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const lets = { socket: true, events: true, poll: true };
  const asked: string[] = [];
  const waiting = new Set<(path: string) => void>();
  const lines = new Set<Socket>();
  let state: 'whole' | 'cut' | 'hushed' = 'whole';

  const heard = (incoming: IncomingMessage): boolean => {
    const path = incoming.url ?? '';
    asked.push(path);
    for (const wake of waiting) wake(path);
    const way = incoming.headers.upgrade
      ? 'socket'
      : path.startsWith('/live/events')
        ? 'events'
        : path.startsWith('/live/poll')
          ? 'poll'
          : undefined;
    return way === undefined || lets[way];
  };
  const server = createServer((incoming, answer) => {
    const passes = heard(incoming);
    if (state === 'hushed') return;
    if (!passes) {
      answer.writeHead(403).end();
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = ask({ hostname, port, method, path, headers, agent: false }, (back) => {
      answer.writeHead(back.statusCode ?? 502, back.headers);
      answer.flushHeaders();
      back.on('data', (bytes: Buffer) => state === 'hushed' || answer.write(bytes));
      back.on('end', () => answer.end());
      back.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.on('connection', (socket) => {
    if (state === 'cut') {
      socket.destroy();
      return;
    }
    lines.add(socket);
    socket.on('close', () => lines.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, near: Socket, head) => {
    if (!heard(incoming)) {
      near.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    near.on('error', () => undefined);
    if (state === 'hushed') return;
    const far = connect(Number(port), hostname);
    far.on('error', () => near.destroy());
    const headers = incoming.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`));
    far.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join('')}\r\n`);
    far.write(head);
    far.on('data', (bytes) => state === 'hushed' || near.write(bytes));
    near.pipe(far);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const line of lines) line.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lets,
    asked,
    cut() {
      state = 'cut';
      for (const line of lines) line.destroy();
    },
    hush() {
      state = 'hushed';
    },
    mend() {
      state = 'whole';
    },
    next: (begin) =>
      new Promise((done) => {
        const wake = (path: string) => {
          if (!path.startsWith(begin)) return;
          waiting.delete(wake);
          done(path);
        };
        waiting.add(wake);
      }),
  };
}
