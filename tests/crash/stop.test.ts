import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../db/open.ts';
import { countDeliveries } from '../../db/queries/deliveries.ts';
import { bootName } from '../../db/store.ts';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import { freePort } from '../free-port.ts';
import { startVictim } from './victim.ts';
import { ACCOUNTS, seed } from './world.ts';

t.test('told to stop while it sends, it finishes what left and begins nothing new', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-stop-'));
  const simulator = await startSimulator({ accounts: ACCOUNTS, rates: 'open' });
  t.teardown(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const env = {
    PORT: String(await freePort()),
    DATABASE_FILE: join(folder, 'stop.db'),
    TOCSIN_KEYS: newKey(),
    ALLOW_ORIGINS: simulator.url,
    LOG_LEVEL: 'error',
    BALLAST_MB: '0',
  };
  const config = readConfig(env);
  const seeded = await seed(config, simulator.accounts);
  await fetch(`${simulator.url}/_sim/faults`, {
    method: 'POST',
    body: JSON.stringify([{ kind: 'delay', ms: 700, operation: 'publish' }]),
  });
  const victim = await startVictim(env);
  t.ok(victim);
  const ask = async <T>(token: string, path: string, body: unknown): Promise<T> =>
    (await (
      await fetch(`${config.baseUrl}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json()) as T;
  for (let i = 0; i < 4; i += 1) {
    const incident = await ask<{ id: string }>(seeded.author, '/incidents', { title: 'Payments fail' });
    const draft = await ask<{ id: string; version: number }>(
      seeded.author,
      `/incidents/${incident.id}/updates`,
      {
        blocks: { known: `Payments fail ${i}.` },
        nextUpdateBy: Date.now() + 600_000,
      },
    );
    const asked = await ask<{ hash: string }>(seeded.author, `/updates/${draft.id}/request-approval`, {
      version: draft.version,
    });
    await ask(seeded.approver, `/updates/${draft.id}/approve`, { hash: asked.hash });
  }
  victim!.child.kill('SIGTERM');
  await victim!.gone;
  t.equal(victim!.child.exitCode, 0, 'a clean end');
  const store = await openStore(config.database, bootName(process.pid, 'look'));
  t.teardown(() => store.close());
  const n = await countDeliveries(store.read);
  t.equal(n.unknown ?? 0, 0, 'nothing is uncertain');
  t.equal(n.sending ?? 0, 0, 'nothing is in the middle');
  t.ok((n.pending ?? 0) > 0, 'what had not left waits for the next start');
});
