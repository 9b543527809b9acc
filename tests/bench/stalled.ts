import { connect } from 'node:net';
import { ask, hear, round, start } from './child.ts';

const STALLED = 1_000;
const HEALTHY = 1_000;
const ROUNDS = 12;

/** A thousand readers who upgraded and never read again: what the healthy ones feel, and when the others are gone. */
export async function stalled() {
  const server = start('broadcast-server.ts', ['tocsin']);
  const { port } = await hear<{ port: number }>(server);
  let gone = 0;
  const began = performance.now();
  const allGone = new Promise<number>((done) => {
    for (let i = 0; i < STALLED; i += 1) {
      const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' });
      socket.write(
        'GET /live?after=0 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      // Data is taken from the kernel and thrown away, and nothing is ever answered: the server cannot tell it from one
      // who hangs, and here we see when it closes.
      socket.resume();
      socket.on('error', () => undefined);
      socket.on('close', () => {
        gone += 1;
        if (gone === STALLED) done(performance.now() - began);
      });
    }
  });
  const client = start('broadcast-client.ts', [String(port), String(HEALTHY), '2', '/live?after=0']);
  try {
    await hear(client);
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      await ask(client, { listen: true });
      const heard = hear<{ last: string }>(client);
      const said = await ask<{ at: string }>(server, { ask: 'say', text: `Word number ${i}.` });
      times.push(Number(BigInt((await heard).last) - BigInt(said.at)) / 1e6);
    }
    times.sort((a, b) => a - b);
    return {
      stalled: STALLED,
      healthy: HEALTHY,
      healthy_last_ms: round(times[Math.floor(times.length / 2)] ?? 0),
      healthy_worst_ms: round(times.at(-1) ?? 0),
      all_stalled_gone_s: round((await allGone) / 1_000),
    };
  } finally {
    for (const child of [client, server]) child.kill('SIGKILL');
  }
}
