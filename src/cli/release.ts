import { openStore } from '../../db/open.ts';
import { countDeliveries } from '../../db/queries/deliveries.ts';
import { bootName } from '../../db/store.ts';
import { releaseQuarantine } from '../actions/quarantine.ts';
import { readConfig } from '../config.ts';
import { newId } from '../ids.ts';
import { openSecrets } from '../secrets.ts';

/** `tocsin release`: lets a restored or moved database speak again. Says what is still uncertain. */
export async function run(): Promise<number> {
  const config = readConfig();
  const secrets = openSecrets(config.keys);
  const store = await openStore(config.database, bootName(process.pid, 'release'));
  try {
    const counts = await countDeliveries(store.read);
    await releaseQuarantine({
      store,
      now: Date.now,
      newId: () => newId(),
      auditHash: (text) => secrets.sign('audit', text),
      actor: { kind: 'cli', id: 'release', roles: [] },
    });
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
