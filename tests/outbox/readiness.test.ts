import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { setInstallation } from '../../db/queries/installation.ts';
import { listEventsAfter } from '../../db/queries/log.ts';
import { resumeConnection, switchConnection } from '../../src/actions/connect-account.ts';
import { ChannelError } from '../../src/channels/contract.ts';
import type { Verified } from '../../src/domain/channel.ts';
import { CHECK_AGAIN_MS, CHECK_EVERY_MS } from '../../src/domain/readiness.ts';
import { DATABASES, type DatabaseKind, LIMITS, NETWORKS } from '../house.ts';
import { type Desk, openDesk } from './scripted.ts';

const DAY = 86_400_000;
const SAID: Verified = { account: '@company', url: null, limits: LIMITS, can: NETWORKS.findable };

/** Counts the looks at an account, and lets a test say what the network answers. */
function watch(desk: Desk, n = 0) {
  const looks = { count: 0, answer: async (): Promise<Verified> => SAID };
  desk.network(n).channel.verify = () => {
    looks.count += 1;
    return looks.answer();
  };
  return looks;
}
const alertsOf = async (desk: Desk) =>
  (await listAlerts(desk.house.store.read, desk.house.page.id, 50)).map((a) => a.kind);
const failing =
  (failure: ChannelError['failure'], more = {}) =>
  async () => {
    throw new ChannelError(failure, `The network said: ${failure}.`, more);
  };

for (const database of DATABASES)
  t.test(database, async (t) => {
    await looking(t, database);
    await failures(t, database);
    await expiry(t, database);
    await beside(t, database);
  });

async function looking(t: Test, database: DatabaseKind) {
  await t.test('a quiet account is looked at every six hours, and what it says is kept', async (t) => {
    const desk = await openDesk(t, { database });
    const looks = watch(desk);
    await desk.rest();
    t.equal(looks.count, 0, 'its credentials were tried when it was connected');
    await desk.pass(CHECK_EVERY_MS - 1_000);
    t.equal(looks.count, 0);
    const expiresAt = desk.house.clock.now() + 60 * DAY;
    looks.answer = async () => ({
      account: '@renamed',
      url: 'https://network.example/renamed',
      limits: { unit: 'graphemes', max: 5_000 },
      can: NETWORKS.window,
      expiresAt,
    });
    await desk.pass(1_000);
    t.equal(looks.count, 1);
    const now = desk.house.clock.now();
    t.match(await desk.connection(), {
      account: '@renamed',
      url: 'https://network.example/renamed',
      limits: { max: 5_000 },
      can: { idempotent: 'window' },
      expiresAt,
      verifiedAt: now,
      checkedAt: now,
      checkFailure: null,
      pausedAt: null,
    });
    const said = (await listEventsAfter(desk.house.store.read, 0, 100)).filter(
      (e) => e.kind === 'connection.checked',
    );
    t.match(said, [{ public: true }], 'the page lists the account, so its readers are told');
    await desk.pass(CHECK_EVERY_MS);
    t.equal(looks.count, 2);
    t.equal(
      (await listEventsAfter(desk.house.store.read, 0, 100)).filter((e) => e.kind === 'connection.checked')
        .length,
      1,
      'the same answer again is no news',
    );
    desk.house.clock.jump(-400 * DAY);
    await desk.pass(2_000);
    t.equal(looks.count, 3, 'a clock that jumps back stops nothing');
    t.strictSame(desk.reports, []);
  });
  await t.test('at once when resumed or switched on; never while off or in quarantine', async (t) => {
    const desk = await openDesk(t, { database });
    const looks = watch(desk);
    const { house } = desk;
    const { id } = await desk.connection();
    await switchConnection(house.ctx(house.admin), id, false);
    await desk.pass(DAY);
    t.equal(looks.count, 0);
    await switchConnection(house.ctx(house.admin), id, true);
    await desk.rest();
    t.equal(looks.count, 1);
    await resumeConnection(house.ctx(house.admin), id);
    await desk.rest();
    t.equal(looks.count, 2);
    await house.store.transact((w) => setInstallation(w, 'quarantine', 'A copy.', house.clock.now()));
    await desk.pass(DAY);
    t.equal(looks.count, 2, 'a copy must not use up the single-use tokens of the original');
  });
}

async function failures(t: Test, database: DatabaseKind) {
  await t.test('a network that refuses the credentials: paused, and a person is told', async (t) => {
    const desk = await openDesk(t, { database });
    const looks = watch(desk);
    looks.answer = failing('auth');
    await desk.pass(CHECK_EVERY_MS);
    t.match(await desk.connection(), {
      pausedAt: desk.house.clock.now(),
      pausedReason: 'The network said: auth.',
    });
    t.strictSame(await alertsOf(desk), ['paused']);
    await desk.pass(DAY);
    t.equal(looks.count, 1, 'it is not asked again until a person has mended it');
    looks.answer = async () => SAID;
    await resumeConnection(desk.house.ctx(desk.house.admin), (await desk.connection()).id);
    await desk.rest();
    t.match(await desk.connection(), { pausedAt: null, checkFailure: null });
  });
  await t.test('any other failure: remembered, looked at again soon, and posts still go there', async (t) => {
    for (const failure of ['unsent', 'unknown', 'limited', 'rejected'] as const) {
      const desk = await openDesk(t, { database });
      const looks = watch(desk);
      const { verifiedAt } = await desk.connection();
      looks.answer = failing(failure);
      await desk.pass(CHECK_EVERY_MS);
      t.match(await desk.connection(), {
        pausedAt: null,
        verifiedAt,
        checkedAt: desk.house.clock.now(),
        checkFailure: `The network said: ${failure}.`,
      });
      t.strictSame(await alertsOf(desk), []);
      const { rows } = await desk.say();
      await desk.rest();
      t.equal(desk.network().posts.length, 1, failure);
      t.equal(rows.length, 1);
      looks.answer = async () => SAID;
      await desk.pass(CHECK_AGAIN_MS);
      t.match(await desk.connection(), { checkFailure: null, verifiedAt: desk.house.clock.now() });
    }
  });
  await t.test('credentials that cannot be opened count as refused', async (t) => {
    const desk = await openDesk(t, {
      database,
      channelOf: () => {
        throw new Error('another key');
      },
    });
    await desk.pass(CHECK_EVERY_MS);
    t.match(await desk.connection(), { pausedReason: /cannot be opened: another key/ });
  });
}

async function expiry(t: Test, database: DatabaseKind) {
  await t.test('told seven days and one day before the end, once each', async (t) => {
    const desk = await openDesk(t, { database });
    const looks = watch(desk);
    let expiresAt = desk.house.clock.now() + 10 * DAY;
    looks.answer = async () => ({ ...SAID, expiresAt });
    const told: number[] = [];
    const until = async (end: number) => {
      while (desk.house.clock.now() < end) {
        const before = (await alertsOf(desk)).length;
        await desk.pass(30 * 60_000);
        if ((await alertsOf(desk)).length > before)
          told.push(Math.round((expiresAt - desk.house.clock.now()) / DAY));
      }
    };
    await until(expiresAt - 60 * 60_000);
    t.strictSame(told, [7, 1]);
    const [alert] = await listAlerts(desk.house.store.read, desk.house.page.id, 1);
    t.match(alert, { kind: 'expiring', message: /Town Square.*end on 2026-03-12 14:00 UTC/s });
    t.match(desk.alerts, [{ kind: 'expiring' }, { kind: 'expiring' }]);
    expiresAt += 60 * DAY;
    await desk.pass(CHECK_EVERY_MS);
    t.equal((await alertsOf(desk)).length, 2, 'renewed: nothing to say');
    desk.house.clock.advance(54 * DAY);
    await desk.rest();
    t.equal((await alertsOf(desk)).length, 3, 'and told again when the new one ends');
  });
}

async function beside(t: Test, database: DatabaseKind) {
  await t.test('never beside a send of the same account, and only after what waits', async (t) => {
    const desk = await openDesk(t, { database, connect: [{ name: 'A' }, { name: 'B' }] });
    const order: string[] = [];
    const looks = watch(desk);
    looks.answer = async () => {
      order.push(`look, ${desk.network().posts.length} posted`);
      return SAID;
    };
    const other = watch(desk, 1);
    const { arrived, release } = desk.network().pause();
    const { rows } = await desk.say();
    await arrived;
    desk.house.clock.advance(CHECK_EVERY_MS);
    desk.outbox.kick();
    const mine = rows.find((row) => row.connectionId === desk.house.connections[1]!.id)!;
    await desk.becomes(mine.id, 'delivered');
    t.strictSame(order, []);
    release('accept');
    await desk.rest();
    t.strictSame(order, ['look, 1 posted']);
    t.equal(other.count, 1, 'the other account waits for nobody');
  });
  await t.test('a look that hangs ends at the deadline', async (t) => {
    const desk = await openDesk(t, { database, requestMs: 50 });
    desk.network().channel.verify = (signal) =>
      new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
    await desk.pass(CHECK_EVERY_MS);
    t.match(await desk.connection(), { checkFailure: 'The network did not answer in time.', pausedAt: null });
  });
}
