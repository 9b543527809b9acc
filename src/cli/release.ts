import { openStore } from '../../db/open.ts';
import { countDeliveries } from '../../db/queries/deliveries.ts';
import { bootName } from '../../db/store.ts';
import { releaseQuarantine } from '../actions/quarantine.ts';
import { readConfig } from '../config.ts';
import { openSecrets } from '../secrets.ts';
import { cliCtx } from './cli-ctx.ts';

/** `tocsin release`: lets a restored or moved database speak again. Says what is still uncertain. */
export async function run(): Promise<number> {
  const config = readConfig();
  const secrets = openSecrets(config.keys);
  const store = await openStore(config.database, bootName(process.pid, 'release'));
  try {
    const counts = await countDeliveries(store.read);
    await releaseQuarantine(cliCtx(store, secrets, 'release'));
    const open = ['held', 'unknown', 'reconciling', 'pending'] as const;
    const left = open.filter((s) => (counts[s] ?? 0) > 0).map((s) => `${counts[s]} ${s}`);
    process.stdout.write(
      `Sending is on again.${left.length > 0 ? ` Deliveries: ${left.join(', ')}.` : ''}\n`,
    );
    return 0;
  } finally {
    await store.close();
  }
}
