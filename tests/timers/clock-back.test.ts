import t from 'tap';
import { insertAlert, listDueAlerts } from '../../db/queries/alerts.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';

const HOUR = 60 * MINUTE;

for (const database of DATABASES)
  t.test(`${database}: nobody waits for a clock that was an hour ahead and was put back`, async (t) => {
    const house = await openHouse({ database, page: { policy: { ringMs: 5_000 } } });
    const { store, clock } = house;
    const reports: unknown[] = [];
    const timers = openTimers({ base: house.system, report: (error) => reports.push(error) });
    t.teardown(async () => {
      await timers.close();
      await house.close();
    });
    const state = async (id: string) => (await getUpdate(store.read, id)).state;
    clock.advance(HOUR);
    const said = await house.say(await house.openIncident());
    const later = await house.say(await house.openIncident('Planned words'), {
      ...wordsAt(clock.now()),
      nextUpdateBy: clock.now() + 2 * HOUR,
      publishAt: clock.now() + HOUR,
    });
    const ahead = clock.now();
    await store.transact(async (w) => {
      await insertAlert(w, {
        id: house.newId(),
        pageId: house.page.id,
        kind: 'held',
        connectionId: null,
        deliveryId: null,
        message: 'Somebody must look.',
        raisedAt: ahead,
        sentAt: null,
        tries: 0,
        nextAt: ahead,
      });
    });
    clock.jump(-HOUR);
    await timers.beat();
    t.equal(await state(said.id), 'approved', 'the ring that anybody can stop it in runs anew');
    const due = (await listDueAlerts(store.read, clock.now(), 10)).map((alert) => alert.kind);
    t.ok(due.includes('held'), 'whoever is on call is told now');
    clock.advance(5_000);
    await timers.beat();
    t.equal(await state(said.id), 'published');
    t.equal(await state(later.id), 'approved', 'words for later wait for their time');
    t.same(reports, []);
  });
