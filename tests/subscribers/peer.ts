import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';

export interface Call {
  path: string;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  body: string;
}

/** A web server that keeps what it is called with, answers as a test says, and lets it wait for the next call. */
export async function openPeer(answer: (call: Call) => { status: number; body?: string }) {
  const calls: Call[] = [];
  const waiters = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const call = { path: request.url ?? '', headers: request.headers, raw, body: raw.toString('utf8') };
      const { status, body = '' } = answer(call);
      calls.push(call);
      response.writeHead(status).end(body);
      for (const look of [...waiters]) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => new Promise<void>((done) => server.close(() => done())));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    base,
    calls,
    waitFor: (path: string, n: number) =>
      new Promise<Call[]>((done) => {
        const look = () => {
          // Looks of our own (an account that is checked) bring no body.
          const found = calls.filter((call) => call.path.startsWith(path) && call.raw.length > 0);
          if (found.length < n) return;
          waiters.delete(look);
          done(found);
        };
        waiters.add(look);
        look();
      }),
  };
}
