import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { listConnections } from '../../db/queries/connections.ts';
import { listPages } from '../../db/queries/pages.ts';
import { connectAccount } from '../actions/connect-account.ts';
import { type Config, readConfig } from '../config.ts';
import { DomainError, invalid } from '../domain/error.ts';
import { newId } from '../ids.ts';
import { openSimulator, type Simulator } from '../simulator/simulator.ts';
import { type Errand, openErrand } from './errand.ts';

const CLI = { kind: 'cli', id: 'simulate', roles: [] } as const;

/**
 * `tocsin simulate [--port 4400] [--connect]`: stand-ins for every network on this machine, to try an installation of
 * one's own with. Accounts and credentials stay the same from start to start. `--connect` connects each to the page.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { port: { type: 'string', default: '4400' }, connect: { type: 'boolean', default: false } },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port < 1 || port > 65_534)
    throw invalid(
      'port',
      '--port wants a whole number from 1 to 65534; the one after it is the mail server’s.',
    );
  const simulator = await openSimulator({ port, seed: 'rehearsal' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new DomainError(
      'conflict',
      `Another program listens on ${port} or ${port + 1}. Give another --port.`,
    );
  });
  try {
    const origins = originsOf(simulator);
    if (values.connect) await connectAll(simulator, origins);
    process.stdout.write(
      `Simulated networks: ${simulator.url}/ shows what is posted there.\n` +
        `Tocsin may reach them when it is started like this:\n\n  ALLOW_ORIGINS=${origins.join(',')} npm start\n\n` +
        (values.connect ? '' : `${describe(simulator)}\nOr connect them all: tocsin simulate --connect\n`) +
        'Ctrl-C ends them.\n',
    );
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  } finally {
    await simulator.close();
  }
  return 0;
}

/** Where they answer: the web address of all, and the mail server. */
export const originsOf = (simulator: Simulator): string[] => [
  simulator.url,
  ...simulator.accounts.flatMap((a) =>
    a.settings['server']?.startsWith('smtp:') ? [a.settings['server']] : [],
  ),
];

/** What to enter at the desk, network by network. */
const describe = (simulator: Simulator): string =>
  simulator.accounts
    .map(
      ({ network, settings, secrets }) =>
        `${network}\n${Object.entries({ ...settings, ...secrets })
          .map(([name, value]) => `  ${name.padEnd(16)} ${value}\n`)
          .join('')}`,
    )
    .join('\n');

async function connectAll(simulator: Simulator, origins: readonly string[]): Promise<void> {
  const config: Config = readConfig();
  const app = await openErrand({ ...config, allowOrigins: [...config.allowOrigins, ...origins] });
  try {
    for (const line of await connectTo(app, simulator)) process.stdout.write(`${line}\n`);
  } finally {
    await app.close();
  }
}

/** Connects each simulated account that the first page does not have yet; a line for each. */
export async function connectTo(app: Omit<Errand, 'baseUrl'>, simulator: Simulator): Promise<string[]> {
  const [page] = await listPages(app.store.read);
  if (!page) throw invalid('page', 'There is no page yet. Start Tocsin once with "npm start" first.');
  const known = await listConnections(app.store.read, page.id);
  const lines: string[] = [];
  for (const account of simulator.accounts) {
    const name = `${app.channels.kind(account.network).name} (simulated)`;
    // Not tried a second time: what signs in anew there ends what signed in before.
    if (known.some((c) => c.channel === account.network && c.name === name)) {
      lines.push(`${name}: connected already`);
      continue;
    }
    const id = newId();
    const values = { ...account.settings, ...account.secrets };
    const { verified, settings, sealed, kind } = await app.channels.prepare(account.network, id, values);
    const made = await connectAccount(app.ctx(CLI), {
      id,
      pageId: page.id,
      channel: kind.kind,
      name,
      role: kind.defaultRole,
      settings,
      sealed,
      template: kind.template,
      verified,
    });
    lines.push(`${name}: connected as ${made.account}`);
  }
  return lines;
}
