import t from 'tap';
import { findLastAlertAt } from '../../db/queries/alerts.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { reconnectAccount } from '../../src/actions/connect-account.ts';
import { enterQuarantine, releaseQuarantine } from '../../src/actions/quarantine.ts';
import { resendDelivery } from '../../src/actions/settle-delivery.ts';
import { switchSending } from '../../src/actions/switch-sending.ts';
import { ChannelError } from '../../src/channels/contract.ts';
import { correct, retract } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS } from '../house.ts';
import { openDesk } from './scripted.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    for (const kind of ['blind', 'receiver'] as const)
      t.test(`words taken back that were never there stop nothing in a restored copy: ${kind}`, async (t) => {
        const desk = await openDesk(t, { database, connect: [{ can: NETWORKS[kind] }] });
        const { house } = desk;
        const admin = house.ctx(house.admin);
        desk.network().script.push({ failure: 'rejected' });
        const { update } = await desk.say();
        await desk.rest();
        await switchSending(admin, false, 'Moving house.');
        const back = await retract(house, update);
        await enterQuarantine(house.system, 'This database was restored.');
        await releaseQuarantine(admin);
        const [row] = await listDeliveriesOfUpdates(house.store.read, [back.id]);
        if (kind === 'blind') await resendDelivery(house.ctx(house.approver), row!.id);
        await switchSending(admin, true);
        await desk.rest();
        t.match(await desk.delivery(row!.id), { state: 'skipped', way: 'nothing' });
        const { rows } = await desk.say();
        await desk.rest();
        t.match((await desk.delivery(rows[0]!.id)).state, /^(delivered|accepted)$/, 'the queue goes on');
        t.same(desk.reports, []);
        t.equal(desk.network().posts.length, 1);
      });

    t.test(
      'a no to old credentials does not pause an account that was connected anew meanwhile',
      async (t) => {
        const desk = await openDesk(t, { database });
        const { house } = desk;
        const hang = desk.network().pause();
        const { rows } = await desk.say();
        await hang.arrived;
        const { settings, account, url, limits, can } = await desk.connection();
        house.clock.advance(1_000);
        await reconnectAccount(house.ctx(house.admin), house.connections[0]!.id, {
          settings,
          sealed: 'other credentials',
          verified: { account, url, limits, can },
        });
        hang.release({ failure: 'auth' });
        await desk.rest();
        await desk.pass(5_000);
        t.match(await desk.connection(), { pausedAt: null });
        t.match(await desk.delivery(rows[0]!.id), { state: 'delivered' });
        t.equal(desk.network().posts.length, 1);
        t.same(desk.alerts, []);
      },
    );

    t.test('words of a network that no database keeps stop no record of what it did', async (t) => {
      const desk = await openDesk(t, { database, connect: [{}, { name: 'Strict' }] });
      const broken = 'Half a pair \ud83d and a \0.';
      const { publish, read } = desk.network(0).channel;
      Object.assign(desk.network(0).channel, {
        publish: async (...asked: Parameters<typeof publish>) => ({
          ...(await publish(...asked)),
          raw: { broken },
        }),
        read: async (...asked: Parameters<NonNullable<typeof read>>) => {
          const seen = await read!(...asked);
          return seen && { ...seen, text: broken, raw: { broken } };
        },
      });
      desk.network(1).script.push({ throws: new ChannelError('rejected', broken) });
      const { rows } = await desk.say();
      await desk.rest();
      await desk.pass(5_000);
      t.same(desk.reports, []);
      const states = await Promise.all(rows.map(async (d) => (await desk.delivery(d.id)).state));
      t.same(states.sort(), ['delivered', 'refused']);
      t.equal(desk.network(0).posts.length, 1);
    });

    t.test('whoever is on call hears of a post that a correction has left to a person', async (t) => {
      {
        const desk = await openDesk(t, { database, connect: [{ can: NETWORKS.blind }] });
        const { house } = desk;
        desk.network().script.push({ lost: 0 }, { failure: 'limited', retryAfterMs: MINUTE });
        const { update, rows } = await desk.say();
        await desk.rest();
        await resendDelivery(house.ctx(house.approver), rows[0]!.id);
        await desk.rest();
        t.match(await desk.delivery(rows[0]!.id), { state: 'pending', mayBeThere: true });
        const told = await findLastAlertAt(house.store.read, rows[0]!.connectionId, 'held');
        await desk.pass(1_000);
        await correct(house, update, 'Some card payments fail.');
        await desk.rest();
        t.match(await desk.delivery(rows[0]!.id), { state: 'held', doneAt: null });
        const again = await findLastAlertAt(house.store.read, rows[0]!.connectionId, 'held');
        t.ok((again ?? 0) > (told ?? 0), 'somebody is told');
      }
    });
  });
