import t from 'tap';
import { getIncident, getUpdate, listPublishedUpdates } from '../../db/queries/incidents.ts';
import { openClock } from '../house.ts';
import { fieldOf, idIn, openHouse, sayYes } from './house.ts';

const clock = openClock(Date.UTC(2026, 10, 24, 14));
const house = await openHouse({ parts: { clock } });
t.teardown(() => house.close());
const { app } = house;
let dana = await house.enter(house.dana);
let marcus = await house.enter(house.marcus);

/** Waits for what the timers do, by the log and not by the clock on the wall. */
async function until(what: () => Promise<boolean>): Promise<void> {
  let wake = () => {};
  const off = app.store.onHint(() => wake());
  for (;;) {
    const next = new Promise<void>((done) => {
      wake = done;
    });
    if (await what()) break;
    await next;
  }
  off();
  await app.live.settled();
}
const read = async (path = '/') => (await app.server.inject({ url: path })).body;

const plan = (more: Record<string, string | string[]> = {}) => ({
  title: 'New database for payments',
  known: 'We move payments to a new database. You cannot pay by card meanwhile.',
  scheduledFor: '2026-11-29 02:00',
  scheduledUntil: '2026-11-29 04:00',
  components: [house.components[0]!.id],
  reminders: ['86400000', '3600000'],
  autoStart: '1',
  autoEnd: '1',
  endsAs: 'completed',
  'notify.reminder': '1',
  'notify.start': '1',
  'notify.end': '1',
  ...more,
});

t.test('planned, read with everything said later, approved once', async (t) => {
  const blank = await dana.get('/desk/maintenance/new');
  t.match(blank.body, 'Left empty: “A reminder: Planned work begins at', 'what would be said is shown');
  const wrong = await dana.post('/desk/maintenance', plan({ scheduledUntil: '2026-11-29 01:00' }));
  t.equal(wrong.status, 400);
  t.match(wrong.body, 'Set a later end');
  t.match(wrong.body, 'We move payments to a new database.', 'nothing typed is lost');

  const made = await dana.post('/desk/maintenance', plan());
  const id = idIn(made.to);
  t.equal(made.status, 303);
  const planned = await dana.get(`/desk/updates/${id}/plan`);
  t.equal(fieldOf(planned.body, 'scheduledFor'), '2026-11-29 02:00');
  const again = await dana.post(`/desk/updates/${id}/plan`, {
    ...plan({ 'planned.end': 'Payments run on the new database.' }),
    version: fieldOf(planned.body, 'version'),
  });
  t.equal(again.status, 303);
  const draft = await dana.get(`/desk/updates/${id}`);
  const asked = await dana.post(`/desk/updates/${id}`, {
    version: fieldOf(draft.body, 'version'),
    known: 'We move payments to a new database. You cannot pay by card meanwhile.',
    status: 'scheduled',
    class: 'B',
    nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    do: 'request',
  });
  t.equal(asked.status, 303, asked.body);
  const seen = await marcus.get(`/desk/approvals/${id}`);
  t.match(seen.body, 'Later, by the same yes');
  for (const words of [
    'A reminder: New database for payments',
    'The planned work has begun',
    'Payments run on the new database.',
  ])
    t.match(seen.body, words, 'every word for later is read before the yes');
  await sayYes(marcus, id);
  await app.live.settled();
  const page = await read();
  t.match(page, 'New database for payments');
  t.notMatch(page, 'longer than planned');
  const { incidentId } = await getUpdate(app.store.read, id);
  const screen = await dana.get(`/desk/incidents/${incidentId}`);
  t.match(screen.body, 'Begins</b><time datetime="2026-11-29T02:00:00.000Z"');
  t.notMatch(
    (await marcus.get('/desk/approvals')).body,
    'New database for payments',
    'nothing more to approve',
  );

  clock.advance(Date.UTC(2026, 10, 29, 2) - clock.now());
  const now = () => getIncident(app.store.read, incidentId);
  await until(async () => (await now()).status === 'in_progress');
  t.match(await read(), 'Under way', 'the page says that it goes on');
  const reads = JSON.parse(await read('/api/v2/scheduled-maintenances/active.json'));
  t.match(reads.scheduled_maintenances, [
    { status: 'in_progress', scheduled_auto_completed: true, components: [{ status: 'under_maintenance' }] },
  ]);
  t.match(await read('/maintenance.ics'), 'X-STATUS:IN-PROGRESS');

  dana = await house.enter(house.dana);
  marcus = await house.enter(house.marcus);
  const held = await dana.post(`/desk/incidents/${incidentId}/hold`, { hold: 'yes' });
  t.equal(held.status, 303, held.body);
  t.match((await dana.get(held.to)).body, 'Held: nothing begins or ends by itself.');
  clock.advance(2 * 3_600_000 + 12 * 60_000);
  await until(async () => (await now()).overdueAt !== null);
  dana = await house.enter(house.dana);
  marcus = await house.enter(house.marcus);
  const late = await read();
  t.match(late, 'This takes longer than planned. It was to end at 04:00 UTC.');
  t.match(late, 'longer than planned, by 12 min');
  t.match(
    (await dana.get(`/desk/incidents/${incidentId}`)).body,
    'The page says that it takes longer than planned.',
  );

  const more = await dana.post(`/desk/incidents/${incidentId}/window`, {});
  t.match(more.to, /\/desk\/updates\/\w+\/plan$/);
  const longer = idIn(more.to);
  const words = await dana.get(`/desk/updates/${longer}`);
  t.match(words.body, 'The planned work takes longer than we thought');
  await dana.post(`/desk/updates/${longer}`, {
    version: fieldOf(words.body, 'version'),
    known: 'We need another hour.',
    status: 'in_progress',
    class: 'B',
    nextUpdateBy: fieldOf(words.body, 'nextUpdateBy'),
    do: 'request',
  });
  await sayYes(marcus, longer);
  await app.live.settled();
  t.notMatch(await read(), 'longer than planned, by', 'with the new end it is as planned again');
  const ended = await dana.post(`/desk/incidents/${incidentId}/go`, { as: 'end' });
  t.equal(ended.status, 303, ended.body);
  t.equal((await now()).status, 'completed');
  const last = (await listPublishedUpdates(app.store.read, [incidentId])).at(-1);
  t.equal(last!.blocks.known, 'Payments run on the new database.');
  await app.live.settled();
  t.match(await read(), 'Everything works.');
});
