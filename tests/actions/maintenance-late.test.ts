import t from 'tap';
import { getIncident } from '../../db/queries/incidents.ts';
import { holdMaintenance, sayPlannedNow } from '../../src/actions/maintenance/run-plan.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';
import { alertsOf } from './alerts.ts';
import { announce, DAY, HOUR, openNode, said, statusOf } from './planned-work.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'what came due while nothing ran is done late, once, and never contradicts itself',
      async (t) => {
        const house = await openHouse({ database });
        const { incidentId } = await announce(house);
        house.clock.advance(2 * DAY + 30 * MINUTE);
        const node = openNode(house);
        await node.beat();
        await node.beat();
        t.strictSame(await said(house, incidentId), ['scheduled', 'start'], 'no reminder of what has begun');
        const { incidentId: slept } = await announce(house);
        house.clock.advance(3 * DAY);
        await node.beat();
        await node.beat();
        t.strictSame(
          await said(house, slept),
          ['scheduled', 'end'],
          'not begun and ended in the same second',
        );
        t.strictSame(node.reports, []);
        await node.close();
      },
    );

    await t.test(
      'held, it overruns: the page and the house are told once, and it ends by hand',
      async (t) => {
        const house = await openHouse({ database });
        const { store, clock } = house;
        const node = openNode(house);
        const { incidentId } = await announce(house, { reminders: [] });
        clock.advance(2 * DAY);
        await node.beat();
        await t.rejects(
          holdMaintenance(house.ctx(await house.addPerson('Vic', ['viewer'])), incidentId, true),
          {
            code: 'forbidden',
          },
        );
        t.equal(await holdMaintenance(house.ctx(house.author), incidentId, true), 1);
        t.equal((await getIncident(store.read, incidentId)).autoEnd, false);
        clock.advance(2 * HOUR + MINUTE);
        await node.beat();
        await node.beat();
        t.match(await getIncident(store.read, incidentId), { status: 'in_progress', overdueAt: clock.now() });
        const alerts = await alertsOf(house, 'maintenance');
        t.equal(alerts.length, 1);
        t.match(alerts[0]!.message, /New database for payments: The planned end has passed/);
        await t.rejects(sayPlannedNow(house.ctx(house.author), incidentId, 'start'), { code: 'conflict' });
        await sayPlannedNow(house.ctx(house.author), incidentId, 'end');
        t.match(await getIncident(store.read, incidentId), { status: 'completed', overdueAt: null });
        t.equal(await statusOf(house), 'operational');
        await node.close();
      },
    );

    await t.test('without an automatic start, the page says that it has not begun', async (t) => {
      const house = await openHouse({ database });
      const node = openNode(house);
      const { incidentId } = await announce(house, { reminders: [], autoStart: false, autoEnd: false });
      house.clock.advance(2 * DAY + MINUTE);
      await node.beat();
      t.match(await getIncident(house.store.read, incidentId), {
        status: 'scheduled',
        overdueAt: house.clock.now(),
      });
      await t.rejects(sayPlannedNow(house.ctx(house.author), incidentId, 'end'), { code: 'conflict' });
      await sayPlannedNow(house.ctx(house.author), incidentId, 'start');
      t.match(await getIncident(house.store.read, incidentId), { status: 'in_progress', overdueAt: null });
      await node.close();
    });
  });
