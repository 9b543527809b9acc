import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { listPages } from '../../db/queries/pages.ts';
import { connectAccount } from '../actions/connect-account.ts';
import type { ChannelKind } from '../channels/contract.ts';
import { readConfig } from '../config.ts';
import { DomainError, invalid } from '../domain/error.ts';
import { newId } from '../ids.ts';
import { type Errand, openErrand } from './errand.ts';

const CLI = { kind: 'cli', id: 'connect', roles: [] } as const;

/**
 * `tocsin connect` lists what can be connected; `tocsin connect mastodon instance=… accessToken=…` connects it; without
 * the values, at a terminal, it asks for one after another.
 */
export async function run([channel, ...pairs]: string[]): Promise<number> {
  const app = await openErrand(readConfig());
  try {
    if (channel === undefined) {
      process.stdout.write(describe(app.channels.kinds()));
      return 0;
    }
    const kind = app.channels.kind(channel);
    const values = readPairs(pairs);
    if (pairs.length === 0 && process.stdin.isTTY && kind.lifecycle !== 'retired')
      return await guide(app, kind, app.baseUrl);
    process.stdout.write(await connect(app, kind, values));
    return 0;
  } finally {
    await app.close();
  }
}

function readPairs(pairs: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw invalid(pair, `Write every value as name=value; "${pair.slice(0, 20)}" is not.`);
    values[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return values;
}

async function connect(app: Errand, kind: ChannelKind, values: Record<string, string>): Promise<string> {
  const [page] = await listPages(app.store.read);
  if (!page) throw invalid('page', 'There is no page yet. Start Tocsin once with "npm start" first.');
  const id = newId();
  const { verified, settings, sealed } = await app.channels.prepare(kind.kind, id, values);
  const made = await connectAccount(app.ctx(CLI), {
    id,
    pageId: page.id,
    channel: kind.kind,
    name: kind.name,
    role: kind.defaultRole,
    settings,
    sealed,
    template: kind.template,
    verified,
  });
  return `Connected ${kind.name} as ${made.account}. ${kind.promise}\n`;
}

/** Says what to create where, asks for one value after another, and for the wrong one again. Secrets are not shown. */
async function guide(app: Errand, kind: ChannelKind, baseUrl: string): Promise<number> {
  let hidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!hidden) process.stdout.write(chunk);
      done();
    },
  });
  const asked = createInterface({ input: process.stdin, output, terminal: true });
  try {
    if (kind.signIn !== undefined)
      process.stdout.write(
        `Easier: sign in on ${kind.name} from the desk, at ${baseUrl}/desk/connections/add/${kind.kind}\nOr go on here, with keys that you copy.\n\n`,
      );
    kind.steps.forEach((step, i) => {
      process.stdout.write(`${i + 1}. ${step}\n`);
    });
    const values: Record<string, string> = {};
    let wanted: readonly string[] = kind.fields.map((f) => f.name);
    for (;;) {
      for (const field of kind.fields.filter((f) => wanted.includes(f.name))) {
        process.stdout.write(
          `\n${field.label}${field.required ? '' : ' (may be left empty)'}\n  ${field.help}\n> `,
        );
        hidden = field.secret;
        values[field.name] = (await asked.question('')).trim();
        if (hidden) process.stdout.write('\n');
        hidden = false;
      }
      try {
        process.stdout.write(`\n${await connect(app, kind, values)}`);
        return 0;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'invalid') throw error;
        process.stdout.write(`\n${error.message}\n`);
        const wrong = kind.fields.filter((f) => f.name === error.field).map((f) => f.name);
        // The network does not say which of them is wrong.
        wanted = wrong.length > 0 ? wrong : kind.fields.map((f) => f.name);
      }
    }
  } finally {
    asked.close();
  }
}

function describe(kinds: readonly ChannelKind[]): string {
  const blocks = kinds
    .filter((k) => k.lifecycle !== 'retired')
    .map((k) => {
      const steps = k.steps.map((s, i) => `  ${i + 1}. ${s}`).join('\n');
      const fields = k.fields.map((f) => `${f.name}=${f.required ? '…' : '(optional)'}`).join(' ');
      return `${k.name}\n${steps}\n  tocsin connect ${k.kind} ${fields}\n`;
    });
  return `${blocks.join('\n')}\n`;
}
