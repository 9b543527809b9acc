import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { listAllConnections } from '../../db/queries/connections.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openApp } from '../../src/app.ts';
import { connectTo, originsOf } from '../../src/cli/simulate.ts';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { openSimulator } from '../../src/simulator/simulator.ts';
import { freePort } from '../free-port.ts';

t.test('every stand-in is connected to an installation of one’s own, once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-simulate-'));
  const simulator = await openSimulator({ seed: 'rehearsal' });
  const app = await openApp(
    readConfig({
      DATABASE_FILE: join(folder, 'tocsin.db'),
      TOCSIN_KEYS: newKey(),
      LOG_LEVEL: 'silent',
      ALLOW_ORIGINS: originsOf(simulator).join(','),
    }),
  );
  t.teardown(async () => {
    await app.close();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await t.rejects(connectTo(app, simulator), { message: /There is no page yet/ });
  await setUpPage(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
    name: 'Mine',
    url: 'http://127.0.0.1:1',
  });
  const lines = await connectTo(app, simulator);
  t.equal(lines.length, simulator.accounts.length);
  t.ok(
    lines.every((line) => line.includes('connected as')),
    lines.join('\n'),
  );
  t.ok((await connectTo(app, simulator)).every((line) => line.endsWith('connected already')));
  t.equal((await listAllConnections(app.store.read)).length, simulator.accounts.length);
});

t.test('what was connected yesterday is found again: the same ports, the same credentials', async (t) => {
  const port = await freePort();
  const one = await openSimulator({ port, seed: 'rehearsal' });
  const first = {
    origins: originsOf(one),
    accounts: one.accounts.map((a) => ({ ...a.settings, ...a.secrets })),
  };
  await one.close();
  const two = await openSimulator({ port, seed: 'rehearsal' });
  t.teardown(() => two.close());
  t.same(originsOf(two), first.origins);
  t.ok(first.origins.includes(`smtp://127.0.0.1:${port + 1}`));
  t.same(
    two.accounts.map((a) => ({ ...a.settings, ...a.secrets })),
    first.accounts,
  );
});
