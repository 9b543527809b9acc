import { openStore } from '../../db/open.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import { bootName } from '../../db/store.ts';
import { switchSending } from '../actions/switch-sending.ts';
import { readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { openSecrets } from '../secrets.ts';
import { cliCtx } from './cli-ctx.ts';

/** `tocsin sending` says whether posts leave; `tocsin sending off <why>` stops them all, `on` lets them go again. */
export async function run([to, ...why]: string[]): Promise<number> {
  const config = readConfig();
  const secrets = openSecrets(config.keys);
  const store = await openStore(config.database, bootName(process.pid, 'sending'));
  try {
    if (to === undefined) {
      const off = await findInstallation(store.read, 'sending_off');
      process.stdout.write(off === undefined ? 'Sending is on.\n' : `Sending is off: ${off}\n`);
      return 0;
    }
    if (to !== 'on' && to !== 'off')
      throw invalid('sending', `Write "tocsin sending off <why>" or "tocsin sending on"; not "${to}".`);
    const now = await switchSending(cliCtx(store, secrets, 'sending'), to === 'on', why.join(' '));
    process.stdout.write(
      now.on
        ? 'Sending is on. What waited goes out now.\n'
        : `Sending is off: ${now.reason}\nEvery queue is kept. The status page goes on.\n`,
    );
    return 0;
  } finally {
    await store.close();
  }
}
