import t, { type Test } from 'tap';
import { addComponent } from '../../src/actions/set-up-page.ts';
import { READS } from '../../src/templates/feeds/statuspage.ts';
import { DATABASES, type DatabaseKind, MINUTE, MONDAY, openHouse, wordsAt } from '../house.ts';
import { goPublic, openProgramHouse, type ProgramHouse, planWork, tamper } from './programs-house.ts';

/** What a value must be: keys in this very order. `a|b` are words; `null` may be added to any. */
type Shape = string | readonly [Shape] | { readonly [key: string]: Shape };

const ID = 'id';
const INSTANT = 'instant';
const COMPONENT_STATUS = 'operational|degraded_performance|partial_outage|major_outage|under_maintenance';
const PAGE = { id: ID, name: 'text', url: 'url', time_zone: 'text', updated_at: INSTANT };
const STATUS = { indicator: 'none|minor|major|critical|maintenance', description: 'text' };
const COMPONENT = {
  id: ID,
  name: 'text',
  status: COMPONENT_STATUS,
  created_at: INSTANT,
  updated_at: INSTANT,
  position: 'number',
  description: 'text or null',
  showcase: 'boolean',
  start_date: 'day or null',
  group_id: 'id or null',
  page_id: ID,
  group: 'boolean',
  only_show_if_degraded: 'boolean',
} as const;
const GROUP = { ...COMPONENT, components: [ID] as const };
const UPDATE = {
  id: ID,
  status: 'investigating|identified|monitoring|resolved|postmortem|scheduled|in_progress|verifying|completed',
  body: 'text',
  incident_id: ID,
  created_at: INSTANT,
  updated_at: INSTANT,
  display_at: INSTANT,
  affected_components: 'affected or null',
  deliver_notifications: 'boolean',
  custom_tweet: 'null',
  tweet_id: 'null',
} as const;
const INCIDENT = {
  id: ID,
  name: 'text',
  status: UPDATE.status,
  created_at: INSTANT,
  updated_at: INSTANT,
  monitoring_at: 'instant or null',
  resolved_at: 'instant or null',
  impact: 'none|minor|major|critical|maintenance',
  shortlink: 'url',
  started_at: INSTANT,
  page_id: ID,
  incident_updates: [UPDATE] as const,
  components: [COMPONENT] as const,
  reminder_intervals: 'null',
} as const;
const MAINTENANCE = {
  ...INCIDENT,
  scheduled_for: INSTANT,
  scheduled_until: INSTANT,
  scheduled_remind_prior: 'boolean',
  scheduled_reminded_at: 'instant or null',
  scheduled_auto_in_progress: 'boolean',
  scheduled_auto_completed: 'boolean',
} as const;
const AFFECTED = { code: ID, name: 'text', old_status: COMPONENT_STATUS, new_status: COMPONENT_STATUS };
const COMPONENTS = ['component or group'] as const;
const SHAPES: Record<(typeof READS)[number], Shape> = {
  summary: {
    page: PAGE,
    components: COMPONENTS,
    incidents: [INCIDENT],
    scheduled_maintenances: [MAINTENANCE],
    status: STATUS,
  },
  status: { page: PAGE, status: STATUS },
  components: { page: PAGE, components: COMPONENTS },
  incidents: { page: PAGE, incidents: [INCIDENT] },
  'incidents/unresolved': { page: PAGE, incidents: [INCIDENT] },
  'incidents/resolved': { page: PAGE, incidents: [INCIDENT] },
  'scheduled-maintenances': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
  'scheduled-maintenances/upcoming': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
  'scheduled-maintenances/active': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
};

const KINDS: Record<string, (value: unknown) => boolean> = {
  text: (v) => typeof v === 'string',
  number: (v) => typeof v === 'number',
  boolean: (v) => typeof v === 'boolean',
  id: (v) => typeof v === 'string' && /^[0-9a-z]{12,18}$/.test(v),
  url: (v) => typeof v === 'string' && URL.canParse(v),
  day: (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v),
  instant: (v) =>
    typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)$/.test(v),
  null: (v) => v === null,
};

/** Everything in which a value is not of its shape. */
function wrongs(value: unknown, shape: Shape, path = ''): string[] {
  if (typeof shape === 'string') {
    if (shape === 'component or group')
      return wrongs(value, (value as { group: boolean }).group ? GROUP : COMPONENT, path);
    if (shape === 'affected or null') return value === null ? [] : wrongs(value, [AFFECTED], path);
    const known = shape.split(' or ').some((kind) => KINDS[kind]?.(value) ?? false);
    if (known || (shape.includes('|') && shape.split('|').includes(String(value)))) return [];
    return [`${path} is ${JSON.stringify(value)}, not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((v, i) => wrongs(v, (shape as readonly [Shape])[0], `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${path} is no object`];
  const keys = Object.keys(shape).join();
  if (Object.keys(value).join() !== keys) return [`${path} has the keys ${Object.keys(value)}, not ${keys}`];
  return Object.entries(shape).flatMap(([key, inner]) =>
    wrongs((value as Record<string, unknown>)[key], inner, `${path}.${key}`),
  );
}

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

const everyRead = 'every read has the keys of the real one, in its order, in every state of a page';
for (const database of DATABASES) t.test(`${everyRead} (${database})`, (t) => keepShapes(t, database));

async function keepShapes(t: Test, database: DatabaseKind): Promise<void> {
  const house = await openProgramHouse({ database, page: { timeZone: 'America/New_York' } });
  const check = async (when: string) => {
    for (const path of READS)
      t.strictSame(wrongs(await house.json(`/api/v2/${path}.json`), SHAPES[path]), [], `${path}, ${when}`);
  };
  await addComponent(house.ctx(house.admin), house.page.id, { name: 'Alone', description: 'In no group' });
  await house.live.settled();
  await check('quiet');
  const incident = await house.openIncident();
  await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  await planWork(house);
  await house.live.settled();
  await check('in trouble');
  await house.say(incident, { status: 'monitoring', ...wordsAt(house.clock.now(), 'A fix is in.') });
  await house.say(incident, { status: 'resolved', body: 'Over.' });
  await house.live.settled();
  await check('afterwards');
  t.strictSame(house.reports, []);
}

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

t.test('answers are ready bytes for anybody: tags, encodings, HEAD, other origins', async (t) => {
  const house = await openProgramHouse();
  for (const path of READS)
    for (const url of [`/api/v2/${path}`, `/api/v2/${path}.json`]) {
      const plain = await house.look(url);
      t.equal(plain.status, 200, url);
      t.equal(plain.headers['content-type'], 'application/json; charset=utf-8');
      t.equal(plain.headers['access-control-allow-origin'], '*');
      t.notOk(plain.headers['set-cookie']);
      t.match(plain.headers['cache-control'], /^public, max-age=\d+, .*stale-if-error/);
      const packed = await house.look(url, { 'accept-encoding': 'br, gzip' });
      t.equal(packed.headers['content-encoding'], 'br');
      t.equal(packed.text, plain.text);
      const again = await house.look(url, { 'if-none-match': plain.headers['etag']! });
      t.equal(again.status, 304);
      t.equal(again.headers['access-control-allow-origin'], '*', 'also when nothing is new');
      const head = await house.look(url, {}, 'HEAD');
      t.equal(head.status, 200);
      t.equal(head.body.length, 0);
      t.equal(Number(head.headers['content-length']), plain.body.length);
    }
  const asked = await house.look('/api/v2/summary.json', { origin: 'https://other.example' }, 'OPTIONS');
  t.equal(asked.status, 204);
  t.equal(asked.headers['access-control-allow-methods'], 'GET, HEAD');
  const none = await house.look('/nowhere/api/v2/summary.json');
  t.equal(none.status, 404);
  t.equal(none.headers['access-control-allow-origin'], '*', 'so that a script can read why');
});

t.test('reading changes nothing, and nothing else can be done here', async (t) => {
  const house = await openProgramHouse();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    for (const path of ['/api/v2/incidents.json?subscriber[id]=1', '/api/v2/summary']) {
      const answer = await house.look(path, { 'content-type': 'application/json' }, method);
      t.equal(answer.status, 405, `${method} ${path}`);
      t.equal(answer.headers['allow'], 'GET, HEAD');
      t.match(JSON.parse(answer.text), { error: String, message: String });
    }
  const subscribe = await house.look('/api/v2/subscribers.json?subscriber[email]=a@b.example');
  t.equal(subscribe.status, 405, 'an address opened by a mail scanner subscribes nobody');
  t.equal(subscribe.headers['allow'], 'POST');
});

t.test('fifty of each, and every open one however old', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  const old = await house.openIncident('The oldest');
  await house.say(old);
  const model = await house.openIncident('model');
  const asked = await house.ask(model);
  await house.store.transact(async (w) => {
    const at = (i: number) => house.clock.now() + i * MINUTE;
    const rows = Array.from({ length: 80 }, (_, i) => ({
      ...model,
      id: `1${String(i).padStart(17, '0')}`,
      title: `Number ${i}`,
      status: 'resolved' as const,
      publishedAt: at(i),
      resolvedAt: at(i + 1),
    }));
    await w.sql.insert(w.t.incidents).values(rows);
    await w.sql.insert(w.t.updates).values(
      rows.map((row, i) => ({
        ...asked,
        id: `${row.id}u`,
        incidentId: row.id,
        state: 'published' as const,
        status: 'resolved' as const,
        publishedAt: at(i),
        publishedSeq: i - 1_000,
      })),
    );
  });
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

t.test('no answer waits for the database, not even one nobody has asked for yet', async (t) => {
  const house = await openProgramHouse({ page: { languages: ['en', 'fr'] } });
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  await house.close();
  for (const path of [
    '/api/v2/summary.json',
    '/fr/api/v2/incidents.json',
    '/history.atom',
    '/fr/updates.rss',
    '/feed.json',
    '/maintenance.ics',
    `/cap/${incident.id}.xml`,
    `/badge/${house.components[0]!.id}.svg`,
    `/embed/incidents/${incident.id}`,
    '/og.png',
    '/oembed?url=https://status.company.example',
  ])
    t.equal((await house.look(path)).status, 200, path);
});
