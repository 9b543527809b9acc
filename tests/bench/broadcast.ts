import type { ChildProcess } from 'node:child_process';
import { ask, hear, median, round, start } from './child.ts';

/** Open pages. Each needs a file descriptor on either side. */
const SOCKETS = 10_000;
const CLIENTS = 2;
const ROUNDS = 7;

type Broadcast = {
  sockets: number;
  /** From the approval to the event at the last of them, median of the rounds, ms. */
  last_ms: number;
  /** The same bytes by a plain `ws` send loop in the same run, ms. */
  baseline_ms: number;
  ratio: number;
  /** Memory of the server for each socket, KiB. */
  kb_per_socket: number;
  baseline_kb: number;
};

/** Ten thousand open pages: an update approved against a plain loop that sends the same bytes. */
export async function broadcast(
  sockets = Number(process.env['BENCH_SOCKETS'] ?? SOCKETS),
): Promise<Broadcast> {
  const ours = await oneSide('tocsin', sockets, '');
  const plain = await oneSide('plain', sockets, ours.text);
  return {
    sockets,
    last_ms: round(ours.lastMs),
    baseline_ms: round(plain.lastMs),
    ratio: round(ours.lastMs / plain.lastMs, 3),
    kb_per_socket: round(ours.kb),
    baseline_kb: round(plain.kb),
  };
}

async function oneSide(side: 'tocsin' | 'plain', sockets: number, given: string) {
  const server = start('broadcast-server.ts', [side], ['--expose-gc']);
  const { port } = await hear<{ port: number }>(server);
  const path = side === 'plain' ? '/' : `/live?after=${await seqOf(port)}`;
  const before = await weigh(server);
  const clients: ChildProcess[] = [];
  try {
    for (let i = 0; i < CLIENTS; i += 1) {
      const share = Math.ceil((sockets - i) / CLIENTS);
      const client = start('broadcast-client.ts', [String(port), String(share), String(i + 2), path]);
      clients.push(client);
    }
    await Promise.all(clients.map((client) => hear(client)));
    const kb = ((await weigh(server)) - before) / sockets;
    const times: number[] = [];
    let text = given;
    for (let i = 0; i < ROUNDS; i += 1) {
      await Promise.all(clients.map((client) => ask(client, { listen: true })));
      const heard = clients.map((client) => hear<{ last: string; text: string }>(client));
      const said = await ask<{ at: string }>(server, { ask: 'say', text: given || `Word number ${i}.` });
      const last = await Promise.all(heard);
      const at = last.map((x) => BigInt(x.last)).reduce((a, b) => (a > b ? a : b));
      times.push(Number(at - BigInt(said.at)) / 1e6);
      text = last[0]!.text;
    }
    return { lastMs: median(times), kb, text };
  } finally {
    for (const child of [...clients, server]) child.kill('SIGKILL');
  }
}

const weigh = async (server: ChildProcess) => (await ask<{ kb: number }>(server, { ask: 'weigh' })).kb;

async function seqOf(port: number): Promise<string> {
  const html = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  return /data-seq="(\d+)"/.exec(html)?.[1] ?? '0';
}
