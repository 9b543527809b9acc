import { createRequire } from 'node:module';
import t from 'tap';
import { findIncident } from '../../db/queries/incidents.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openProgramHouse, type ProgramHouse, planWork } from './programs-house.ts';

/** Programs that were written for Statuspage and published by others, as they are: only the address is ours. */
const load = createRequire(import.meta.url);

async function openTrouble(): Promise<{ house: ProgramHouse; incidentId: string; workId: string }> {
  const house = await openProgramHouse();
  const incident = await house.openIncident('Card payments fail');
  await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  const work = await planWork(house);
  await house.live.settled();
  return { house, incidentId: incident.id, workId: work.id };
}

type Call = () => Promise<Record<string, unknown>>;

t.test('statuspage.io, unchanged', async (t) => {
  const { Statuspage } = load('statuspage.io') as {
    Statuspage: new (
      pageId: string,
    ) => {
      setApiUrl(url: string): void;
      api: { getSummary: Call; getStatus: Call; getComponents: Call } & {
        incidents: { getAll: Call; getUnresolved: Call };
        scheduledMaintenances: { getAll: Call; getActive: Call; getUpcoming: Call };
        subscribers: Record<string, (about: unknown) => Promise<unknown>>;
      };
    };
  };
  const { house, incidentId, workId } = await openTrouble();
  const client = new Statuspage('kctbh9vrtdwd');
  client.setApiUrl(house.base);
  const { api } = client;
  t.match(await api.getStatus(), { status: { indicator: 'major', description: 'Partial System Outage' } });
  t.match(await api.getSummary(), {
    page: { id: house.page.id, name: 'Company' },
    incidents: [{ id: incidentId, impact: 'critical' }],
    scheduled_maintenances: [{ id: workId, status: 'scheduled' }],
  });
  t.match(await api.getComponents(), {
    components: [{ group: true }, { name: 'Payments' }, { name: 'Search' }],
  });
  t.match(await api.incidents.getAll(), { incidents: [{ id: incidentId }] });
  t.match(await api.incidents.getUnresolved(), { incidents: [{ id: incidentId }] });
  for (const name of ['getAll', 'getActive', 'getUpcoming'] as const)
    t.match(await api.scheduledMaintenances[name](), { scheduled_maintenances: [{ id: workId }] });
  // It subscribes by GET and unsubscribes by deleting incidents. Neither may do anything.
  const refused = (asked: Promise<unknown>) =>
    asked.then(
      () => 'done',
      (error: { response: { status: number } }) => error.response.status,
    );
  t.equal(await refused(api.subscribers['createPageSubscription']!({ email: 'a@b.example' })), 405);
  t.equal(await refused(api.subscribers['removeSubscription']!('x')), 405);
  t.match(await api.incidents.getAll(), { incidents: [{ id: incidentId }] });
});

t.test('statuspage.js, unchanged, tells of a new update', async (t) => {
  interface Client {
    axios: { defaults: { baseURL: string } };
    summary: Call;
    status: Call;
    components: Call;
    allIncidents: Call;
    unresolvedIncidents: Call;
    allScheduledMaintenances: Call;
    activeScheduledMaintenances: Call;
    upcomingScheduledMaintenances: Call;
  }
  const { Statuspage, StatuspageUpdates } = load('statuspage.js') as {
    Statuspage: new (id: string) => Client;
    StatuspageUpdates: new (
      id: string,
      interval: number,
    ) => {
      statuspage: Client;
      once: NodeJS.EventEmitter['once'];
      fetch(): Promise<void>;
      checkUpdate(): boolean;
    };
  };
  const { house, incidentId, workId } = await openTrouble();
  const client = new Statuspage('kctbh9vrtdwd');
  client.axios.defaults.baseURL = `${house.base}/api/v2`;
  const summary = await client.summary();
  t.match(summary, { status: { indicator: 'major' }, incidents: [{ id: incidentId }] });
  t.type((summary['page'] as { updated_at: unknown }).updated_at, Date, 'it can read our times');
  t.match(await client.status(), { status: { description: 'Partial System Outage' } });
  t.equal(((await client.components())['components'] as unknown[]).length, 3);
  t.match(await client.unresolvedIncidents(), { incidents: [{ incident_updates: [{ created_at: Date }] }] });
  t.match(await client.allScheduledMaintenances(), {
    scheduled_maintenances: [{ id: workId, scheduled_for: Date, scheduled_until: Date }],
  });
  t.match(await client.upcomingScheduledMaintenances(), { scheduled_maintenances: [{ id: workId }] });
  t.strictSame((await client.activeScheduledMaintenances())['scheduled_maintenances'], []);

  const watch = Object.create(StatuspageUpdates.prototype) as InstanceType<typeof StatuspageUpdates>;
  Object.assign(watch, { statuspage: client, emitted: [] });
  await watch.fetch();
  await watch.fetch();
  t.equal(watch.checkUpdate(), false, 'nothing new');
  const told = new Promise<{ incident_updates: { body: string }[] }>((done) => {
    watch.once('incident_update', done);
  });
  house.clock.advance(MINUTE);
  await house.say(
    (await findIncident(house.store.read, incidentId))!,
    wordsAt(house.clock.now(), 'Half of them work again.'),
  );
  await house.live.settled();
  await watch.fetch();
  t.equal(watch.checkUpdate(), true);
  t.match((await told).incident_updates[0]!.body, /^Half of them work again\./);
});
