import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findInstallation } from '../../db/queries/installation.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openApp } from '../../src/app.ts';
import { openErrand } from '../../src/cli/errand.ts';
import { connectTo } from '../../src/cli/simulate.ts';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { openSimulator } from '../../src/simulator/simulator.ts';

t.test(
  'a command beside the service, from a shell that knows less, puts nothing into quarantine',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-errand-'));
    const simulator = await openSimulator();
    const env = {
      DATABASE_FILE: join(folder, 'tocsin.db'),
      TOCSIN_KEYS: newKey(),
      LOG_LEVEL: 'silent',
      ALLOW_ORIGINS: simulator.url,
    };
    const start = () => openApp(readConfig({ ...env, BASE_URL: 'https://status.northwind.example' }));
    let app = await start();
    t.teardown(async () => {
      await app.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    });
    await setUpPage(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
      name: 'Northwind',
      url: 'https://status.northwind.example',
    });
    t.equal(statSync(env.DATABASE_FILE).mode & 0o077, 0, 'the database is for its owner only');
    t.equal(statSync(`${env.DATABASE_FILE}-wal`).mode & 0o077, 0);
    const seen = (name: 'quarantine' | 'base_url') => findInstallation(app.store.read, name);
    const errand = await openErrand(readConfig(env));
    t.equal(errand.baseUrl, 'https://status.northwind.example', 'links lead to where the service is');
    // With something connected, a start as another would be taken for a copy.
    const mastodon = simulator.accounts.filter((a) => a.network === 'mastodon');
    await connectTo(errand, { ...simulator, accounts: mastodon });
    await errand.close();
    await (await openErrand(readConfig(env))).close();
    t.equal(await seen('quarantine'), undefined);
    await app.close();
    app = await start();
    t.equal(await seen('quarantine'), undefined, 'nor when it is started again');
    t.equal(await seen('base_url'), 'https://status.northwind.example');
    await t.rejects(openErrand(readConfig({ ...env, TOCSIN_KEYS: newKey() })), {
      message: /not the key that the service uses/,
    });
  },
);
