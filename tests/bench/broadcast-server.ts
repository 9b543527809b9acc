import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { openBenchHouse } from './house.ts';

/**
 * A process of its own with the sockets of one side: `tocsin`, or `plain`, a send loop over `ws` with the same bytes.
 * Asked to `weigh` it tells its memory in KiB, asked to `say` the instant at which it was decided.
 */

type Ask = { ask: 'weigh' } | { ask: 'say'; text: string };

interface Side {
  port: number;
  /** Sends; the instant it was decided, on the machine's monotonic clock, ns. */
  say(text: string): Promise<bigint>;
}

async function tocsin(): Promise<Side> {
  const house = await openBenchHouse();
  await house.app.listen({ host: '0.0.0.0', port: 0 });
  return {
    port: (house.app.server.address() as AddressInfo).port,
    async say(text) {
      const approve = await house.prepare(text);
      const at = process.hrtime.bigint();
      await approve();
      return at;
    },
  };
}

async function plain(): Promise<Side> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 4_096 });
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  return {
    port: (server.address() as AddressInfo).port,
    async say(text) {
      const at = process.hrtime.bigint();
      for (const socket of sockets.clients) socket.send(text);
      return at;
    },
  };
}

const side = await (process.argv[2] === 'plain' ? plain() : tocsin());
process.on('message', async (message: Ask) => {
  if (message.ask === 'weigh') {
    for (let i = 0; i < 4; i += 1) {
      globalThis.gc?.();
      await new Promise((done) => setImmediate(done));
    }
    // Resident memory would hide it: starting up leaves the heap with room for all of them.
    const { heapUsed, external } = process.memoryUsage();
    process.send?.({ kb: (heapUsed + external) / 1024 });
  } else process.send?.({ at: String(await side.say(message.text)) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: side.port });
