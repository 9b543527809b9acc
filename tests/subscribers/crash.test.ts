import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../db/open.ts';
import { removeInstallation } from '../../db/queries/installation.ts';
import { bootName } from '../../db/store.ts';
import { importSubscribers } from '../../src/actions/subscribers/import.ts';
import { switchSending } from '../../src/actions/switch-sending.ts';
import { openHouse } from './house.ts';

const PEOPLE = 60;
/** As many as a line has on its way at once. */
const UNDER_WAY = 10;

const serve = (env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, '../../src/cli/tocsin.js'), 'serve'], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'silent', ...env },
    stdio: 'ignore',
  });

t.test(
  'killed again and again while it writes to many: nobody is left out, and few get it twice',
  async (t) => {
    const house = await openHouse();
    const cli = house.app.ctx({ kind: 'cli', id: 'test', roles: [] });
    const names = Array.from({ length: PEOPLE }, (_, i) => `person${i}@customer.example`);
    await importSubscribers(cli, house.app.subscribers.locks, {
      pageId: house.page.id,
      kind: 'email',
      people: names.map((address) => ({ address })),
      basis: 'They were made up for a test.',
    });
    await switchSending(cli, false, 'until the house stands');
    await house.say(await house.openIncident());
    await house.app.told();
    await house.app.close();
    const store = await openStore({ file: house.file }, bootName(process.pid, 'test'));
    await store.transact((w) => removeInstallation(w, 'sending_off'));
    await store.close();
    const told = () => house.mail.mails.filter((m) => names.includes(m.to));

    const KILLS = 3;
    for (let i = 0; i < KILLS; i += 1) {
      const victim = serve({ ...house.env, FAILPOINT: 'after_line_turn:3' });
      const [, signal] = await once(victim, 'exit');
      t.equal(signal, 'SIGKILL');
    }
    t.ok(told().length < PEOPLE, 'it was in the middle');
    const survivor = serve(house.env);
    t.teardown(() => survivor.kill('SIGKILL'));
    for (const name of names) await house.mail.waitFor(name);
    survivor.kill('SIGTERM');
    await once(survivor, 'exit');
    t.equal(new Set(told().map((m) => m.to)).size, PEOPLE, 'everybody was told');
    t.ok(told().length <= PEOPLE + KILLS * UNDER_WAY, `${told().length} mails: no more than were under way`);
    const ids = Map.groupBy(told(), (m) => m.to);
    for (const mails of ids.values())
      t.equal(new Set(mails.map((m) => m.headers['message-id'])).size, 1, 'a repeat has the same id');
  },
);
