import t from 'tap';
import { MINUTE, MONDAY, openHouse, wordsAt } from '../house.ts';
import { tellStories } from '../stories.ts';
import { goPublic, openProgramHouse, type ProgramHouse, planWork, tamper } from './programs-house.ts';

/** What these tests read of an answer. */
interface Incident {
  id: string;
  status: string;
  impact: string;
  incident_updates: { body: string; status: string; affected_components: object[] | null }[];
  components: { id: string; status: string }[];
  scheduled_for?: string;
}
interface Summary {
  page: Record<string, string>;
  status: Record<string, string>;
  components: Record<string, unknown>[];
  incidents: Incident[];
  scheduled_maintenances: Incident[];
}
const read = (house: ProgramHouse, path: string) => house.json<Summary>(`/api/v2/${path}.json`);

t.test('what is told is what happened, the newest first', async (t) => {
  const house = await openProgramHouse();
  const [payments, search] = house.components;
  t.strictSame((await read(house, 'status')).status, {
    indicator: 'none',
    description: 'All Systems Operational',
  });
  const incident = await house.openIncident('Card payments fail');
  await house.live.settled();
  t.strictSame((await read(house, 'incidents')).incidents, [], 'what nobody was told is not there');
  await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [payments!.id]: 'partial_outage' },
  });
  house.clock.advance(MINUTE);
  await house.say(incident, {
    status: 'identified',
    blocks: { care: 'We are sorry.', known: 'A change broke it.', action: 'Do not pay twice.' },
    body: 'First.\n\nSecond.',
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
  });
  const work = await planWork(house);
  await house.live.settled();
  const summary = await read(house, 'summary');
  t.strictSame(summary.page, {
    id: house.page.id,
    name: 'Company',
    url: 'https://status.company.example',
    time_zone: 'Etc/UTC',
    updated_at: '2026-03-02T14:01:00.000Z',
  });
  t.strictSame(summary.status, { indicator: 'minor', description: 'Minor Service Outage' });
  const group = summary.components[0]!;
  t.match(group, { name: 'Shop', group: true, status: 'partial_outage', group_id: null });
  t.strictSame(group['components'], [payments!.id, search!.id]);
  t.strictSame(
    summary.components.slice(1).map((c) => [c['name'], c['group_id'], c['group']]),
    [
      ['Payments', group['id'], false],
      ['Search', group['id'], false],
    ],
  );
  const [told] = summary.incidents;
  t.match(told, { id: incident.id, status: 'identified', impact: 'major' });
  t.strictSame(
    told!.incident_updates.map((u) => [u.status, u.body, u.affected_components]),
    [
      ['identified', 'We are sorry.\n\nA change broke it.\n\nDo not pay twice.\n\nFirst.\n\nSecond.', null],
      [
        'investigating',
        'Card payments fail for some customers.\n\nOur engineers are working on it.',
        [
          {
            code: payments!.id,
            name: 'Shop - Payments',
            old_status: 'operational',
            new_status: 'partial_outage',
          },
        ],
      ],
    ],
  );
  t.strictSame(
    told!.components.map((c) => [c.id, c.status]),
    [[payments!.id, 'partial_outage']],
  );
  t.match(summary.scheduled_maintenances, [
    { id: work.id, impact: 'maintenance', scheduled_for: '2026-03-02T15:01:00.000Z' },
  ]);
  const ids = async (path: string) => {
    const answer = await read(house, path);
    return (answer.incidents ?? answer.scheduled_maintenances).map((i) => i.id);
  };
  t.strictSame(await ids('scheduled-maintenances/upcoming'), [work.id]);
  t.strictSame(await ids('scheduled-maintenances/active'), []);
  await house.say(work, { status: 'in_progress', ...wordsAt(house.clock.now(), 'We have begun.') });
  await house.live.settled();
  t.strictSame(await ids('scheduled-maintenances/upcoming'), []);
  t.strictSame(await ids('scheduled-maintenances/active'), [work.id]);
  await house.say(work, { status: 'completed', body: 'Done.' });
  await house.say(incident, {
    status: 'resolved',
    body: 'Over.',
    components: { [payments!.id]: 'operational' },
  });
  await house.live.settled();
  t.strictSame(await ids('incidents/unresolved'), []);
  t.strictSame(await ids('incidents/resolved'), [incident.id]);
  t.strictSame(await ids('incidents'), [incident.id], 'planned work is no incident');
  t.strictSame(await ids('scheduled-maintenances'), [work.id]);
  t.strictSame((await read(house, 'summary')).incidents, []);
  t.equal((await read(house, 'status')).status['indicator'], 'none');
});

t.test('statuses that clients do not know are told as those they do', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  await house.say(incident);
  await house.say(incident, { status: 'false_alarm', body: 'Nothing was wrong.' });
  const work = await planWork(house);
  await house.say(work, { status: 'cancelled', body: 'We will not do it.' });
  await house.live.settled();
  t.equal((await read(house, 'incidents')).incidents[0]!.status, 'resolved');
  t.equal((await read(house, 'incidents')).incidents[0]!.incident_updates[0]!.status, 'resolved');
  t.equal((await read(house, 'scheduled-maintenances')).scheduled_maintenances[0]!.status, 'completed');
});

t.test('words taken back or put right say so where they stand', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const first = await house.say(incident);
  house.clock.advance(5 * MINUTE);
  await tamper(house, incident, {}, { id: first.id, state: 'retracted', updatedAt: house.clock.now() });
  const body = async () => (await read(house, 'incidents')).incidents[0]!.incident_updates.at(-1)!.body;
  t.match(await body(), /^Taken back Monday 2 March, 14:05 UTC\. .*do not rely on them\.\n\nCard payments/);
  await tamper(house, incident, {}, { id: first.id, state: 'published' });
  const right = await house.say(incident, wordsAt(house.clock.now(), 'Only refunds fail.'));
  await tamper(
    house,
    incident,
    {},
    { id: right.id, correctsId: first.id, amends: 'correction', note: 'It is refunds.' },
  );
  t.match(await body(), /^Corrected Monday 2 March, 14:05 UTC\. It is refunds\.\n\nOnly refunds fail\./);
  const [told] = (await read(house, 'incidents')).incidents;
  t.equal(told!.incident_updates.length, 1, 'it is the same update, with the right words');
  t.match(told!.incident_updates[0], { id: first.id, updated_at: /14:05:00/ });
});

t.test('times have the offset of the page at that instant', async (t) => {
  const house = await openProgramHouse({ page: { timeZone: 'Europe/Berlin' } });
  const incident = await house.openIncident();
  await house.say(incident);
  await tamper(house, incident, { startedAt: Date.UTC(2025, 6, 1, 12, 30, 0, 5) });
  const [told] = (await read(house, 'incidents')).incidents as unknown as Record<string, string>[];
  t.equal(told!['started_at'], '2025-07-01T14:30:00.005+02:00');
  t.equal(told!['created_at'], '2026-03-02T15:00:00.000+01:00');
  t.equal(Date.parse(told!['created_at']!), MONDAY);
});

t.test('fifty of each, and every open one however old', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  const old = await house.openIncident('The oldest');
  await house.say(old);
  const model = await house.openIncident('model');
  const asked = await house.ask(model);
  const at = (i: number) => house.clock.now() + i * MINUTE;
  await tellStories(
    house.store,
    { incident: model, update: asked },
    Array.from({ length: 80 }, (_, i) => ({
      id: `1${String(i).padStart(17, '0')}`,
      title: `Number ${i}`,
      at: at(i),
      endedAt: at(i + 1),
    })),
  );
  const open = await goPublic(house);
  const { incidents } = await read(open, 'incidents');
  t.equal(incidents.length, 50);
  t.equal((incidents[0] as unknown as { name: string }).name, 'Number 79');
  t.strictSame(
    (await read(open, 'incidents/unresolved')).incidents.map((i) => i.id),
    [old.id],
  );
  await house.say(old, wordsAt(house.clock.now(), 'Still here.'));
  await open.live.settled();
  t.equal((await read(open, 'summary')).incidents[0]!.incident_updates.length, 2);
});

t.test('pages and languages have their own answers', async (t) => {
  const house = await openProgramHouse({ page: { languages: ['en', 'fr'] } });
  const other = await openProgramHouse({
    at: house.place,
    clock: house.clock,
    page: { slug: 'eu', name: 'Europe', url: 'https://status.company.example/eu' },
  });
  const incident = await other.openIncident('Only in Europe');
  await other.say(incident);
  await other.live.settled();
  const names = async (path: string) => {
    const { page, incidents } = await other.json<Summary>(`${path}/api/v2/summary.json`);
    return [page['name'], page['url'], incidents.length];
  };
  t.strictSame(await names(''), ['Company', 'https://status.company.example', 0]);
  t.strictSame(await names('/fr'), ['Company', 'https://status.company.example/fr', 0]);
  t.strictSame(await names('/eu'), ['Europe', 'https://status.company.example/eu', 1]);
  const french = await house.openIncident('Paiements en panne');
  await house.say(french, wordsAt(house.clock.now(), 'Payments fail.'));
  await house.say(french, { ...wordsAt(house.clock.now(), 'Les paiements échouent.'), language: 'fr' });
  await house.live.settled();
  const bodies = async (path: string) =>
    (await house.json<Summary>(`${path}/api/v2/summary.json`)).incidents[0]!.incident_updates.map(
      (u) => u.body.split('\n')[0],
    );
  t.strictSame(await bodies(''), ['Payments fail.']);
  t.strictSame(await bodies('/fr'), ['Les paiements échouent.']);
});
