import { connect } from 'node:net';

/**
 * A process that asks for a path (`/` unless told) over keep-alive connections, one request at a time on each. Told {port, ms}, it answers
 * {count, p99}: requests answered in that time, and the 99th percentile of their latency in ms.
 */

const CONNECTIONS = 50;
const REQUEST = `GET ${process.argv[2] ?? '/'} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n`;
const buffer = Buffer.allocUnsafe(262_144);

function load(port: number, ms: number): Promise<{ count: number; p99: number }> {
  return new Promise((done) => {
    const latencies: number[] = [];
    const end = performance.now() + ms;
    let open = CONNECTIONS;
    for (let i = 0; i < CONNECTIONS; i += 1) {
      let asked = 0;
      let left = 0;
      const ask = () => {
        asked = performance.now();
        socket.write(REQUEST);
      };
      const answered = () => {
        const now = performance.now();
        latencies.push(now - asked);
        if (now < end) return ask();
        socket.destroy();
        open -= 1;
        if (open > 0) return;
        latencies.sort((a, b) => a - b);
        done({ count: latencies.length, p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0 });
      };
      const take = (size: number) => {
        if (left === 0) {
          // Both sides answer with a length, and the head comes in one piece.
          const head = buffer.indexOf('\r\n\r\n');
          const length = /content-length: (\d+)/i.exec(buffer.toString('latin1', 0, head))?.[1];
          if (head < 0 || length === undefined)
            throw new Error(buffer.toString('latin1', 0, Math.min(size, 300)));
          left = head + 4 + Number(length);
        }
        left -= size;
        if (left === 0) answered();
        return true;
      };
      const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback: take } });
      socket.on('connect', ask);
    }
  });
}

process.on('message', async ({ port, ms }: { port: number; ms: number }) => {
  process.send?.(await load(port, ms));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
