import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openApp } from '../app.ts';
import type { Config } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { newKey } from '../secrets.ts';
import { type StartedSimulator, startSimulator } from '../simulator/start.ts';
import { type Played, playOutage } from './demo-play.ts';
import { hearCustomers, seedDemo } from './demo-world.ts';
import { signInLink } from './first-run.ts';

/** Everything at once on loopback: simulated networks, the service, a played outage. Leaves nothing behind. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535)
    throw invalid('port', '--port wants a whole number from 0 to 65535.');
  // Heard from the first moment: whoever stops it in the middle of the play leaves nothing behind either.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(
    (): typeof STOPPED => STOPPED,
  );
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-demo-'));
  try {
    const simulator = await startSimulator();
    try {
      return await show({ simulator, folder, port, stopped, isOnce: values.once, asJson: values.json });
    } finally {
      await simulator.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const STOPPED = Symbol('stopped');

/** What a shell says of a command that was stopped with Ctrl-C before it was done. */
const INTERRUPTED = 130;

async function show(parts: {
  simulator: StartedSimulator;
  folder: string;
  port: number;
  stopped: Promise<typeof STOPPED>;
  isOnce: boolean;
  asJson: boolean;
}): Promise<number> {
  const { simulator, port, stopped } = parts;
  const config = demoConfig(parts.folder, port === 0 ? await freePort() : port, [
    new URL(simulator.url).origin,
    // The stand-in mail server has a port of its own.
    ...simulator.accounts.flatMap((one) => (one.network === 'email' ? [one.settings['server'] ?? ''] : [])),
  ]);
  const url = config.baseUrl;
  const say = parts.asJson ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`);
  // Programs read what it prints: the log goes beside it.
  const app = await openApp(config, { logTo: 2 });
  try {
    await app.listen();
    const play = async () => {
      const world = await seedDemo(app, url, simulator.accounts);
      say(`Northwind Pay’s card payments fail. Two people speak, on ${simulator.accounts.length} networks:`);
      const played = await playOutage(url, world, say);
      await hearCustomers(simulator.url);
      return { world, played };
    };
    const done = await Promise.race([play(), stopped]);
    if (done === STOPPED) return INTERRUPTED;
    const { world, played } = done;
    if (parts.isOnce) {
      const summary = summarise(played);
      process.stdout.write(`${JSON.stringify(summary)}\n`);
      return summary.ok ? 0 : 1;
    }
    const links = {
      author: await signInLink(app, url, world.author.person.email),
      approver: await signInLink(app, url, world.approver.person.email),
    };
    if (parts.asJson)
      process.stdout.write(
        `${JSON.stringify({
          ready: true,
          page: url,
          desk: `${url}/desk`,
          api: `${url}/api/v1`,
          simulator: simulator.url,
          authorLink: links.author,
          approverLink: links.approver,
          authorToken: world.author.token,
          approverToken: world.approver.token,
        })}\n`,
      );
    say(`
The page customers see    ${url}/
The simulated networks    ${simulator.url}/
The desk, as ${world.author.person.name} (author)     ${links.author}
The desk, as ${world.approver.person.name} (approver) ${links.approver}
The API                   ${url}/api/docs

Open the two desk links in two browsers: nobody may approve their own words. Ctrl-C ends it and leaves nothing behind.`);
    await stopped;
    return 0;
  } finally {
    await app.close();
  }
}

function demoConfig(folder: string, port: number, allowOrigins: readonly string[]): Config {
  return {
    database: { file: join(folder, 'tocsin.db') },
    host: '127.0.0.1',
    port,
    baseUrl: `http://127.0.0.1:${port}`,
    keys: [newKey()],
    anchorFile: undefined,
    trustProxy: [],
    allowOrigins,
    logLevel: 'error',
    secureCookies: false,
    requestMs: 10_000,
    failpoint: undefined,
    exercise: false,
  };
}

/** The page's own address is part of every post, so the port must be known before anything is written. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const round = (n: number) => Math.round(n * 10) / 10;

function spread(list: readonly number[]): { median: number; worst: number } {
  const sorted = [...list].sort((a, b) => a - b);
  return { median: round(sorted[Math.floor(sorted.length / 2)] ?? 0), worst: round(sorted.at(-1) ?? 0) };
}

function summarise(played: Played) {
  const states = Object.keys(played.deliveries);
  return {
    ok: states.length === 1 && states[0] === 'delivered' && played.pageMs.length === 3,
    deliveries: played.deliveries,
    page_ms: spread(played.pageMs),
    all_channels_ms: spread(played.allChannelsMs),
  };
}
