import { ask, hear, round, start } from './child.ts';

const SOCKETS = 10_000;
const CLIENTS = 2;
/** Upgrades each client process has under way at once: as after a network came back. */
const AT_ONCE = 1_000;

/** Ten thousand readers who come back at the same time, and what the page's own readers feel of it meanwhile. */
export async function storm() {
  const server = start('broadcast-server.ts', ['tocsin']);
  const { port } = await hear<{ port: number }>(server);
  const reader = start('page-client.ts');
  await hear(reader);
  const calm = await ask<{ p99: number }>(reader, { port, ms: 2_000 });
  const began = performance.now();
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    start('broadcast-client.ts', [
      ...[port, SOCKETS / CLIENTS, i + 2].map(String),
      '/live?after=0',
      String(AT_ONCE),
    ]),
  );
  try {
    const meanwhile = ask<{ p99: number }>(reader, { port, ms: 4_000 });
    // A client that is refused or broken off ends, and with it the bench.
    await Promise.all(clients.map((client) => hear(client)));
    const open = performance.now() - began;
    return {
      sockets: SOCKETS,
      failed: 0,
      all_open_ms: round(open, 0),
      page_p99_ms: round((await meanwhile).p99, 1),
      calm_p99_ms: round(calm.p99, 1),
    };
  } finally {
    for (const child of [...clients, reader, server]) child.kill('SIGKILL');
  }
}
