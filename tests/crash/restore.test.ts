import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { countDeliveries, listDeliveriesInState } from '../../db/queries/deliveries.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addPerson } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { type App, openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { newId } from '../../src/ids.ts';
import { newKey } from '../../src/secrets.ts';
import { openSimulator } from '../../src/simulator/simulator.ts';
import { ACCOUNTS, REQUEST_MS, seed } from './world.ts';

const CLI = fileURLToPath(new URL('../../src/cli/tocsin.js', import.meta.url));
const run = promisify(execFile);

async function say(app: App, pageId: string, words: string): Promise<void> {
  const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
  const person = async (role: 'author' | 'approver') => {
    const { id } = await addPerson(cli, { name: role, email: `${newId()}@restore.example`, roles: [role] });
    return app.ctx({ kind: 'person', id, roles: [role] });
  };
  const author = await person('author');
  const approver = await person('approver');
  const incident = await openIncident(author, { pageId, title: 'Payments fail' });
  const draft = await draftUpdate(author, incident.id, {
    blocks: { known: words },
    nextUpdateBy: Date.now() + 600_000,
  });
  const asked = await requestApproval(author, draft.id, draft.version);
  await approveUpdate(approver, draft.id, asked.hash ?? '');
}

async function quiet(app: App): Promise<void> {
  for (;;) {
    await app.outbox.idle();
    const n = await countDeliveries(app.store.read);
    if (!n.pending && !n.sending && !n.accepted && !n.unknown && !n.reconciling) return;
    await new Promise<void>((done) => {
      const off = app.store.onHint(() => {
        off();
        done();
      });
      app.outbox.kick();
    });
  }
}

for (const encrypted of [false, true])
  t.test(
    `a backup made before a post, restored after it, posts nothing twice${encrypted ? ' (encrypted)' : ''}`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'tocsin-restore-'));
      const sim = await openSimulator({ accounts: ACCOUNTS, rates: 'open' });
      t.teardown(async () => {
        await sim.close();
        rmSync(folder, { recursive: true, force: true });
      });
      const env = {
        PATH: process.env['PATH'] ?? '',
        PORT: '8123',
        DATABASE_FILE: join(folder, 'tocsin.db'),
        TOCSIN_KEYS: newKey(),
        ALLOW_ORIGINS: sim.url,
        REQUEST_TIMEOUT_MS: String(REQUEST_MS),
        BALLAST_MB: '0',
      };
      const config = readConfig(env);
      const cli = (...args: string[]) => run(process.execPath, [CLI, ...args], { env });
      const phrase = join(folder, 'phrase');
      writeFileSync(phrase, 'correct horse battery staple\n');
      const secret = encrypted ? ['--passphrase-file', phrase] : [];
      const backup = join(folder, 'backup.db');

      await seed(config, sim.accounts);
      // The backup is taken at the worst moment: everything is approved, nothing has been sent.
      sim.world.faults.set([{ kind: 'status', code: 503, retryAfter: 1, operation: 'publish' }]);
      const app = await openApp(config, { logger: false });
      const [page] = await app.store.read.sql.select().from(app.store.read.t.pages);
      await say(app, page!.id, 'Payments fail.');
      await cli('backup', backup, ...secret);
      sim.world.faults.set([]);
      await quiet(app);
      await app.close();
      const posts = () =>
        [...new Set(ACCOUNTS.map((a) => a.network))].reduce(
          (n, one) => n + sim.world.posts(one).filter((p) => !p.byCustomer).length,
          0,
        );
      const sent = posts();
      t.equal(sent, ACCOUNTS.length, 'the original has posted everywhere');

      const refused = await cli('restore', backup, ...secret).catch(
        (error: { stderr: string }) => error.stderr,
      );
      t.match(refused, /--replace/, 'nothing is overwritten by mistake');
      await cli('restore', backup, '--replace', ...secret);
      const restored = await openApp(config, { logger: false });
      try {
        t.match(await findInstallation(restored.store.read, 'quarantine'), /restored/);
        await say(restored, page!.id, 'New words.');
        await restored.outbox.idle();
        t.equal(posts(), sent, 'in quarantine nothing is posted, old or new');
        await new Promise((done) => restored.server.ready(done));
      } finally {
        await restored.close();
      }
      const { stdout } = await cli('release');
      t.match(stdout, /Sending is on again/);
      const released = await openApp(config, { logger: false });
      try {
        await quiet(released);
        const held = await listDeliveriesInState(released.store.read, ['held']);
        t.same(held, [], 'what can be looked up was looked up');
        t.equal(posts(), sent + ACCOUNTS.length, 'only the new words were posted');
      } finally {
        await released.close();
      }
    },
  );
