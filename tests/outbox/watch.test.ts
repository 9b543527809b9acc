import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { enterQuarantine } from '../../src/actions/quarantine.ts';
import { openWatch } from '../../src/outbox/watch.ts';
import { DATABASES, type DatabaseKind, NETWORKS } from '../house.ts';
import { type Desk, openDesk, openNetwork, partsOn } from './scripted.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await standstill(t, database);
    await silence(t, database);
    await calm(t, database);
  });

/** A desk with somebody on call, and whoever watches over it: a run of its own, as on another node. */
async function watched(t: Test, database: DatabaseKind) {
  const desk = await openDesk(t, { database });
  const { house } = desk;
  const called = await desk.connect({ can: NETWORKS.findable, role: 'oncall', name: 'Pager' });
  const networks = new Map(desk.networks).set(called.id, openNetwork(called.can, house.clock.now));
  const watch = openWatch(
    partsOn(house, house.store, 'watch', networks, { alerts: [], reports: desk.reports }),
  );
  t.teardown(() => watch.close());
  const heard = () => networks.get(called.id)!.posts.map((p) => p.text);
  return { desk, watch, heard };
}

const raised = async (desk: Desk) =>
  (await listAlerts(desk.house.store.read, desk.house.page.id, 50)).filter((a) => a.kind === 'stuck').length;

async function standstill(t: Test, database: DatabaseKind) {
  await t.test('an account whose post nobody tries for a minute is heard of, once', async (t) => {
    const { desk, watch, heard } = await watched(t, database);
    // The outbox is gone; what is due stays due.
    await desk.rest();
    await desk.outbox.close();
    await desk.say();
    desk.house.clock.advance(50_000);
    await watch.check();
    t.strictSame(heard(), [], 'a slow network is not a standstill');
    desk.house.clock.advance(25_000);
    await watch.check();
    t.equal(heard().length, 1, 'told within 90 s');
    t.match(heard()[0], /Tocsin has stopped sending/);
    desk.house.clock.advance(15_000);
    await watch.check();
    t.equal(heard().length, 1, 'and not every 15 s');
    desk.house.clock.advance(10 * 60_000);
    await watch.check();
    t.equal(heard().length, 2, 'but again while it lasts');
    t.strictSame(desk.reports, []);
  });
}

async function silence(t: Test, database: DatabaseKind) {
  await t.test('no sign of life is heard of, though nothing is due', async (t) => {
    const { desk, watch } = await watched(t, database);
    await desk.pass(2_000);
    await watch.check();
    t.equal(await raised(desk), 0);
    await desk.outbox.close();
    desk.house.clock.advance(75_000);
    await watch.check();
    t.equal(await raised(desk), 1);
  });
}

async function calm(t: Test, database: DatabaseKind) {
  await t.test(
    'a network that hangs, a person who switched off, a clock that jumps: no standstill',
    async (t) => {
      const { desk, watch } = await watched(t, database);
      const pause = desk.network().pause();
      const { rows } = await desk.say();
      desk.outbox.kick();
      await pause.arrived;
      desk.house.clock.advance(30_000);
      await watch.check();
      t.equal(await raised(desk), 0, 'it is being tried');
      pause.release();
      await desk.becomes(rows[0]!.id, 'delivered');
      await desk.pass(5_000);
      desk.house.clock.jump(-3_600_000);
      await desk.pass(2_000);
      await watch.check();
      t.equal(await raised(desk), 0, 'an hour back');
      await enterQuarantine(desk.house.system, 'It was restored.');
      await desk.outbox.close();
      await desk.say();
      desk.house.clock.advance(3_600_000);
      await watch.check();
      t.equal(await raised(desk), 0, 'a person decides when to send again');
    },
  );
}
