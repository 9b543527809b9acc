import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(`${database}: what comes due while a look is under way is seen by the next`, async (t) => {
    const house = await openHouse({ database });
    const reports: unknown[] = [];
    const timers = openTimers({ base: house.system, report: (error) => reports.push(error) });
    await timers.close();
    const incident = await house.openIncident();
    const asked = await house.ask(incident);
    const underWay = timers.beat();
    house.clock.advance(house.page.policy.expiresMs + MINUTE);
    await timers.beat();
    await underWay;

    t.not(
      (await getUpdate(house.store.read, asked.id)).state,
      'in_review',
      'nobody waits for the beat after it',
    );
    t.same(reports, []);
  });

for (const database of DATABASES)
  t.test(`${database}: whoever closes the timers waits for the look that is under way`, async (t) => {
    const house = await openHouse({ database });
    const reports: unknown[] = [];
    const timers = openTimers({ base: house.system, report: (error) => reports.push(error) });
    const asked = await house.ask(await house.openIncident());
    house.clock.advance(house.page.policy.expiresMs + MINUTE);
    void timers.beat();
    await timers.close();
    t.not((await getUpdate(house.store.read, asked.id)).state, 'in_review');
    await house.close();
    t.same(reports, []);
  });
