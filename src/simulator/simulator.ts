/** Opens the stand-in networks on one local port. For a process of their own see `start.ts` and `main.ts`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './body.ts';
import { serveControl, serveStream } from './control.ts';
import type { Account, AccountSpec } from './facts.ts';
import { type Fault, FaultPlan, parseFaults } from './faults.ts';
import type { NetworkKind } from './network.ts';
import { NETWORKS } from './networks/index.ts';
import { servePage } from './page.ts';
import { isRoute, send, serveNetwork } from './wire.ts';
import { World } from './world.ts';

export interface SimulatorOptions {
  /** Default 0: any free port. */
  port?: number;
  host?: string;
  /** Everything that is made up follows from it: credentials, ids of accounts, which requests fail. */
  seed?: string;
  faults?: readonly Fault[];
  /** Default: every network there is. */
  networks?: readonly NetworkKind[];
  /** Default: one account per network. */
  accounts?: readonly AccountSpec[];
  /** `open` never refuses for rate (default `real`). */
  rates?: 'real' | 'open';
  /** The networks' clock, ms. */
  now?: () => number;
}

export interface Simulator {
  url: string;
  port: number;
  accounts: Account[];
  world: World;
  close(): Promise<void>;
}

export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 'tocsin';
  const kinds = options.networks ?? NETWORKS;
  const faults = parseFaults(
    options.faults ?? [],
    kinds.map((kind) => kind.kind),
  );
  const world = new World({
    seed,
    kinds,
    faults: new FaultPlan(seed, faults),
    rates: options.rates ?? 'real',
    now: options.now ?? Date.now,
  });
  const closing = new AbortController();
  const server = createServer((req, res) => {
    serve(world, req, res, closing.signal).catch((error: unknown) => {
      // The client went away while it was sending, or this file is wrong: say so where somebody sees it.
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'text/plain' });
      res.end(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  });
  // Above the idle time after which clients drop a connection, so that a cut is always one from the plan.
  server.keepAliveTimeout = 65_000;
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  world.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  let beside = options.port ? port : 0;
  const listeners = await Promise.all(
    kinds.map(async (kind) => {
      if (kind.listen === undefined) return undefined;
      // Whoever chose a port finds the others right after it, each time.
      const own = beside === 0 ? 0 : ++beside;
      const listener = await kind.listen(world, host, own);
      world.ports.set(kind.kind, listener.port);
      return listener;
    }),
  );
  const specs = options.accounts ?? kinds.map((kind): AccountSpec => ({ network: kind.kind }));
  for (const spec of specs) world.addAccount(spec);
  return {
    url: world.url,
    port,
    accounts: world.accounts,
    world,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await Promise.all(listeners.map((listener) => listener?.close()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(
  world: World,
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(req.url ?? '/', world.url);
  const raw = await readBody(req);
  if (raw === undefined) return send(res, { status: 413, body: 'Too large' }, 0, signal);
  const method = req.method ?? 'GET';
  const [, first = '', second = ''] = url.pathname.split('/');

  if (first === '_sim') {
    const path = url.pathname.slice('/_sim'.length);
    if (path === '/stream') return serveStream(world, res);
    const answer = serveControl(world, { method, path, query: url.searchParams, raw });
    return send(res, answer, 0, signal);
  }
  const network = world.networks.get(first);
  if (network !== undefined) {
    const site = second.startsWith('~') ? world.account(first, second.slice(1)) : undefined;
    const prefix = site === undefined ? `/${first}` : `/${first}/${second}`;
    const path = url.pathname.slice(prefix.length) || '/';
    const asked = { kind: first, base: `${world.url}${prefix}`, path, url, raw, site };
    if (method !== 'GET' || isRoute(network, method, path)) {
      return serveNetwork(world, network, asked, req, res, signal);
    }
    const page = servePage(world, { kind: first, path });
    return page === undefined
      ? serveNetwork(world, network, asked, req, res, signal)
      : send(res, page, 0, signal);
  }
  const page = first === '' && method === 'GET' ? servePage(world, undefined) : undefined;
  return send(res, page ?? { status: 404, body: 'Nothing here' }, 0, signal);
}
