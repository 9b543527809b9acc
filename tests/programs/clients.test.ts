import { Statuspage as Io } from 'statuspage.io';
import { Statuspage as Js, StatuspageUpdates } from 'statuspage.js';
import t from 'tap';
import type { Incident } from '../../db/queries/incidents.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openProgramHouse, type ProgramHouse, planWork } from './programs-house.ts';

/** Programs that were written for Statuspage and published by others, as they are: only the address is ours. */

async function openTrouble(): Promise<{ house: ProgramHouse; incident: Incident; work: Incident }> {
  const house = await openProgramHouse();
  const incident = await house.openIncident('Card payments fail');
  await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  const work = await planWork(house);
  await house.live.settled();
  return { house, incident, work };
}

t.test('statuspage.io, unchanged', async (t) => {
  const { house, incident, work } = await openTrouble();
  const client = new Io('kctbh9vrtdwd');
  client.setApiUrl(house.base);
  const { api } = client;
  t.match(await api.getStatus(), { status: { indicator: 'major', description: 'Partial System Outage' } });
  t.match(await api.getSummary(), {
    page: { id: house.page.id, name: 'Company' },
    incidents: [{ id: incident.id, impact: 'critical' }],
    scheduled_maintenances: [{ id: work.id, status: 'scheduled' }],
  });
  t.match(await api.getComponents(), {
    components: [{ group: true }, { name: 'Payments' }, { name: 'Search' }],
  });
  t.match(await api.incidents.getAll(), { incidents: [{ id: incident.id }] });
  t.match(await api.incidents.getUnresolved(), { incidents: [{ id: incident.id }] });
  for (const name of ['getAll', 'getActive', 'getUpcoming'] as const)
    t.match(await api.scheduledMaintenances[name](), { scheduled_maintenances: [{ id: work.id }] });
  // It subscribes by GET, and unsubscribes by deleting incidents. Neither may do anything.
  const refused = (asked: Promise<unknown>) =>
    asked.then(
      () => 'done',
      (error: { response: { status: number } }) => error.response.status,
    );
  t.equal(await refused(api.subscribers.createPageSubscription({ email: 'a@b.example' })), 405);
  t.equal(await refused(api.subscribers.removeSubscription('x')), 405);
  t.match(await api.incidents.getAll(), { incidents: [{ id: incident.id }] });
});

/** Its one setting is the name of a page at statuspage.io; where it asks is kept here. */
function pointAt(client: Js, base: string): Js {
  (client as unknown as { axios: { defaults: { baseURL: string } } }).axios.defaults.baseURL =
    `${base}/api/v2`;
  return client;
}

t.test('statuspage.js, unchanged, tells of a new update', async (t) => {
  const { house, incident, work } = await openTrouble();
  const client = pointAt(new Js('kctbh9vrtdwd'), house.base);
  const summary = await client.summary();
  t.match(summary, { status: { indicator: 'major' }, incidents: [{ id: incident.id }] });
  t.type(summary.page.updated_at, Date, 'it can read our times');
  t.match(await client.status(), { status: { description: 'Partial System Outage' } });
  t.equal((await client.components()).components.length, 3);
  t.match(await client.unresolvedIncidents(), { incidents: [{ incident_updates: [{ created_at: Date }] }] });
  t.match(await client.allScheduledMaintenances(), {
    scheduled_maintenances: [{ id: work.id, scheduled_for: Date, scheduled_until: Date }],
  });
  t.match(await client.upcomingScheduledMaintenances(), { scheduled_maintenances: [{ id: work.id }] });
  t.strictSame((await client.activeScheduledMaintenances()).scheduled_maintenances, []);

  // Its constructor already asks the real Statuspage, so it is put together by hand; all it does is its own.
  const watch = Object.create(StatuspageUpdates.prototype) as StatuspageUpdates;
  Object.assign(watch, { statuspage: client, emitted: [] });
  await watch.fetch();
  await watch.fetch();
  t.equal(watch.checkUpdate(), false, 'nothing new');
  const told = new Promise<{ incident_updates: { body: string }[] }>((done) => {
    watch.once('incident_update', done);
  });
  house.clock.advance(MINUTE);
  await house.say(incident, wordsAt(house.clock.now(), 'Half of them work again.'));
  await house.live.settled();
  await watch.fetch();
  t.equal(watch.checkUpdate(), true);
  t.match((await told).incident_updates[0]!.body, /^Half of them work again\./);
});
