import { ask, hear, median, round, start } from './child.ts';

const ROUNDS = 25;
const ROUND_MS = 500;

type Page = {
  rps: number;
  baseline_rps: number;
  /** Requests a second against a bare Fastify route with the same bytes, in the same process and run. */
  ratio: number;
  p99_ms: number;
  baseline_p99_ms: number;
  p99_ratio: number;
};

interface Load {
  count: number;
  p99: number;
}

/** The public page under load. Short rounds alternate and are compared in pairs: a busy machine is unfair to both alike. */
export async function page(path = '/'): Promise<Page> {
  const server = start('page-server.ts', [path]);
  const ports = await hear<{ ours: number; bare: number }>(server);
  const client = start('page-client.ts', [path]);
  await hear(client);
  try {
    const load = (port: number) => ask<Load>(client, { port, ms: ROUND_MS });
    for (const port of [ports.ours, ports.bare]) await load(port);
    const ours: Load[] = [];
    const bare: Load[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      ours.push(await load(ports.ours));
      bare.push(await load(ports.bare));
    }
    const rate = (loads: Load[]) => (median(loads.map((x) => x.count)) * 1_000) / ROUND_MS;
    const slow = (loads: Load[]) => median(loads.map((x) => x.p99));
    return {
      rps: round(rate(ours), 0),
      baseline_rps: round(rate(bare), 0),
      ratio: round(median(ours.map((x, i) => x.count / bare[i]!.count)), 3),
      p99_ms: round(slow(ours), 2),
      baseline_p99_ms: round(slow(bare), 2),
      p99_ratio: round(median(ours.map((x, i) => x.p99 / bare[i]!.p99)), 3),
    };
  } finally {
    client.kill('SIGKILL');
    server.kill('SIGKILL');
  }
}
