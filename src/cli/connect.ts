import { listPages } from '../../db/queries/pages.ts';
import { connectAccount } from '../actions/connect-account.ts';
import { openApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { newId } from '../ids.ts';

const CLI = { kind: 'cli', id: 'connect', roles: [] } as const;

/** `tocsin connect` lists what can be connected; `tocsin connect mastodon instance=… accessToken=…` connects it. */
export async function run([channel, ...pairs]: string[]): Promise<number> {
  const app = await openApp(readConfig(), { logger: false });
  try {
    if (channel === undefined) {
      process.stdout.write(describe(app.channels.kinds()));
      return 0;
    }
    const values: Record<string, string> = {};
    for (const pair of pairs) {
      const at = pair.indexOf('=');
      if (at < 1) throw invalid(pair, `Write every value as name=value; "${pair.slice(0, 20)}" is not.`);
      values[pair.slice(0, at)] = pair.slice(at + 1);
    }
    const [page] = await listPages(app.store.read);
    if (!page) throw invalid('page', 'There is no page yet. Start Tocsin once with "npm start" first.');
    const id = newId();
    const { verified, settings, sealed, kind } = await app.channels.prepare(channel, id, values);
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
    process.stdout.write(`Connected ${kind.name} as ${made.account}. ${kind.promise}\n`);
    return 0;
  } finally {
    await app.close();
  }
}

function describe(kinds: ReturnType<Awaited<ReturnType<typeof openApp>>['channels']['kinds']>): string {
  const blocks = kinds
    .filter((k) => k.lifecycle !== 'retired')
    .map((k) => {
      const steps = k.steps.map((s, i) => `  ${i + 1}. ${s}`).join('\n');
      const fields = k.fields.map((f) => `${f.name}=${f.required ? '…' : '(optional)'}`).join(' ');
      return `${k.name}\n${steps}\n  tocsin connect ${k.kind} ${fields}\n`;
    });
  return `${blocks.join('\n')}\n`;
}
