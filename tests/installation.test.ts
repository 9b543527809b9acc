import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openInstallation } from '../src/installation.ts';
import { DATABASES, openHouse } from './house.ts';

for (const database of DATABASES)
  t.test(`${database}: the anchor makes its folder, which only SQLite would have made`, async (t) => {
    const house = await openHouse({ database });
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-anchor-'));
    t.teardown(async () => {
      await house.close();
      rmSync(folder, { recursive: true });
    });
    const anchorFile = join(folder, 'data', 'tocsin.anchor');
    const installation = await openInstallation({
      store: house.store,
      secrets: house.secrets,
      ctx: house.system,
      baseUrl: 'https://status.company.example',
      anchorFile,
    });
    installation.close();
    t.match(JSON.parse(readFileSync(anchorFile, 'utf8')), { deploymentId: String, seq: Number });
  });
