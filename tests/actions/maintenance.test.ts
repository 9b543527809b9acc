import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { getIncident, getUpdate, listPublishedUpdates, listUpdates } from '../../db/queries/incidents.ts';
import { listApprovedPlanned } from '../../db/queries/maintenance.ts';
import { listComponents } from '../../db/queries/pages.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import { draftFromTemplate } from '../../src/actions/draft-from-template.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import {
  announceMaintenance,
  cancelMaintenance,
  changeWindow,
} from '../../src/actions/maintenance/announce.ts';
import { type Plan, planWindow } from '../../src/actions/maintenance/plan-window.ts';
import { holdMaintenance, sayPlannedNow } from '../../src/actions/maintenance/run-plan.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { retract } from '../amend.ts';
import { DATABASES, type DatabaseKind, type House, MINUTE, openHouse } from '../house.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const database of DATABASES)
  t.test(database, async (t) => {
    await byItself(t, database);
    await late(t, database);
    await changed(t, database);
    await components(t, database);
  });

/** The timers of one node, beaten by hand alone: a slow machine's own beat would come between two steps of the story. */
function openNode(house: House) {
  const reports: unknown[] = [];
  const { actor: _, ...base } = house.system;
  const timers = openTimers({ base, report: (error) => reports.push(error) });
  timers.close();
  return { beat: timers.beat, reports, close: timers.close };
}

const planAt = (house: House, more: Partial<Plan> = {}): Plan => ({
  from: house.clock.now() + 2 * DAY,
  until: house.clock.now() + 2 * DAY + 2 * HOUR,
  components: [house.components[0]!.id],
  autoStart: true,
  autoEnd: true,
  endsAs: 'completed',
  reminders: [DAY, HOUR],
  ...more,
});

async function announce(house: House, more: Partial<Plan> = {}) {
  const draft = await announceMaintenance(
    house.ctx(house.author),
    {
      pageId: house.page.id,
      title: 'New database for payments',
      blocks: { known: 'We move payments to a new database.' },
    },
    planAt(house, more),
  );
  const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
  const announced = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
  return { announced, incidentId: announced.incidentId };
}

const said = async (house: House, incidentId: string) =>
  (await listPublishedUpdates(house.store.read, [incidentId])).map((u) => u.plannedAs ?? u.status);

const statusOf = async (house: House, at = 0) =>
  (await listComponents(house.store.read, house.page.id))[at]!.status;

async function byItself(t: Test, database: DatabaseKind) {
  await t.test('announced once, then everything happens by itself, on two nodes, each once', async (t) => {
    const house = await openHouse({ database });
    const { clock, store } = house;
    const nodes = [openNode(house), openNode(house)];
    const beat = () => Promise.all(nodes.map((n) => n.beat()));
    const { announced, incidentId } = await announce(house);
    const at = (await getIncident(store.read, incidentId)).scheduledFor!;
    t.match(await getIncident(store.read, incidentId), {
      status: 'scheduled',
      autoStart: true,
      autoEnd: true,
      reminders: [DAY, HOUR],
      remindedAt: null,
    });
    t.equal(
      (await listApprovedPlanned(store.read, incidentId)).length,
      4,
      'two reminders, start and end wait',
    );
    await beat();
    t.strictSame(await said(house, incidentId), ['scheduled'], 'nothing comes before its time');

    clock.advance(DAY);
    await beat();
    t.strictSame(await said(house, incidentId), ['scheduled', 'reminder']);
    const [, reminder] = await listPublishedUpdates(store.read, [incidentId]);
    t.match(
      reminder!.blocks.known,
      /^A reminder: New database for payments begins at Wednesday,? 4 March, 14:00 UTC/,
    );
    t.equal((await listDeliveriesOfUpdates(store.read, [reminder!.id])).length, 1, 'it goes to the network');
    t.equal((await getIncident(store.read, incidentId)).remindedAt, clock.now());
    t.equal(await statusOf(house), 'operational', 'a reminder changes no part');

    clock.advance(DAY - HOUR);
    await beat();
    clock.advance(HOUR);
    t.equal(clock.now(), at);
    await beat();
    await beat();
    t.strictSame(await said(house, incidentId), ['scheduled', 'reminder', 'reminder', 'start']);
    t.equal((await getIncident(store.read, incidentId)).status, 'in_progress');
    t.equal(await statusOf(house), 'under_maintenance');

    clock.advance(2 * HOUR);
    await beat();
    t.strictSame((await said(house, incidentId)).slice(-1), ['end']);
    t.match(await getIncident(store.read, incidentId), { status: 'completed', resolvedAt: clock.now() });
    t.equal(await statusOf(house), 'operational');
    const alerts = await listAlerts(store.read, house.page.id, 100);
    const woken = alerts.filter((a) => a.kind === 'promise' || a.kind === 'maintenance');
    t.strictSame(woken, [], 'nobody was woken for what went by itself');
    t.strictSame(
      nodes.flatMap((n) => n.reports),
      [],
    );
    t.ok(announced.hash);
    for (const node of nodes) node.close();
  });

  await t.test('one hash covers the words for later: touched in between, none of it goes out', async (t) => {
    const house = await openHouse({ database });
    const author = house.ctx(house.author);
    const draft = await announceMaintenance(
      author,
      { pageId: house.page.id, title: 'Work', blocks: { known: 'We work.' } },
      planAt(house),
    );
    const asked = await requestApproval(author, draft.id, draft.version);
    const end = (await listUpdates(house.store.read, asked.incidentId)).find((u) => u.plannedAs === 'end')!;
    await t.rejects(requestApproval(author, end.id, end.version), { code: 'conflict' }, 'not by themselves');
    await editUpdate(author, end.id, end.version, { blocks: { known: 'Something nobody read.' } });
    await t.rejects(approveUpdate(house.ctx(house.approver), asked.id, asked.hash!), { code: 'conflict' });
    t.equal((await getIncident(house.store.read, asked.incidentId)).status, null);
    t.strictSame(await listApprovedPlanned(house.store.read, asked.incidentId), []);
    const back = await getUpdate(house.store.read, asked.id);
    t.equal(back.state, 'returned');
    const again = await requestApproval(author, asked.id, back.version);
    t.not(again.hash, asked.hash);
    await t.rejects(
      planWindow(author, asked.id, again.version, planAt(house, { words: { end: 'a\u202Eb' } })),
      { code: 'invalid', field: 'planned.end' },
    );
  });

  await t.test('for the page only where so chosen', async (t) => {
    const house = await openHouse({ database });
    const node = openNode(house);
    const { incidentId } = await announce(house, { reminders: [], notify: { start: false } });
    house.clock.advance(2 * DAY);
    await node.beat();
    house.clock.advance(2 * HOUR);
    await node.beat();
    const [first, start, end] = await listPublishedUpdates(house.store.read, [incidentId]);
    const sent = async (id: string) => (await listDeliveriesOfUpdates(house.store.read, [id])).length;
    t.strictSame([await sent(first!.id), await sent(start!.id), await sent(end!.id)], [1, 0, 1]);
    node.close();
  });
}

async function late(t: Test, database: DatabaseKind) {
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
      t.strictSame(await said(house, slept), ['scheduled', 'end'], 'not begun and ended in the same second');
      t.strictSame(node.reports, []);
      node.close();
    },
  );

  await t.test('held, it overruns: the page and the house are told once, and it ends by hand', async (t) => {
    const house = await openHouse({ database });
    const { store, clock } = house;
    const node = openNode(house);
    const { incidentId } = await announce(house, { reminders: [] });
    clock.advance(2 * DAY);
    await node.beat();
    await t.rejects(holdMaintenance(house.ctx(await house.addPerson('Vic', ['viewer'])), incidentId, true), {
      code: 'forbidden',
    });
    t.equal(await holdMaintenance(house.ctx(house.author), incidentId, true), 1);
    t.equal((await getIncident(store.read, incidentId)).autoEnd, false);
    clock.advance(2 * HOUR + MINUTE);
    await node.beat();
    await node.beat();
    t.match(await getIncident(store.read, incidentId), { status: 'in_progress', overdueAt: clock.now() });
    const alerts = (await listAlerts(store.read, house.page.id, 10)).filter((a) => a.kind === 'maintenance');
    t.equal(alerts.length, 1);
    t.match(alerts[0]!.message, /New database for payments: The planned end has passed/);
    await t.rejects(sayPlannedNow(house.ctx(house.author), incidentId, 'start'), { code: 'conflict' });
    await sayPlannedNow(house.ctx(house.author), incidentId, 'end');
    t.match(await getIncident(store.read, incidentId), { status: 'completed', overdueAt: null });
    t.equal(await statusOf(house), 'operational');
    node.close();
  });

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
    node.close();
  });
}

async function changed(t: Test, database: DatabaseKind) {
  const say = async (house: House, draft: { id: string; version: number }) => {
    const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
    return approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
  };

  await t.test('extended: the window and the words for its end move with the approved update', async (t) => {
    const house = await openHouse({ database });
    const { store, clock } = house;
    const node = openNode(house);
    const { incidentId } = await announce(house, {
      reminders: [],
      words: { end: 'Payments are on the new database.' },
    });
    clock.advance(2 * DAY);
    await node.beat();
    const before = (await getIncident(store.read, incidentId)).scheduledUntil!;
    clock.advance(HOUR);
    const draft = await changeWindow(house.ctx(house.author), incidentId, { until: before + HOUR });
    t.equal((await getIncident(store.read, incidentId)).scheduledUntil, before, 'a draft moves nothing');
    await say(house, draft);
    t.match(await getIncident(store.read, incidentId), { scheduledUntil: before + HOUR, autoEnd: true });
    clock.advance(HOUR);
    await node.beat();
    t.equal((await getIncident(store.read, incidentId)).status, 'in_progress', 'not at the old time');
    clock.advance(HOUR);
    await node.beat();
    const words = await listPublishedUpdates(store.read, [incidentId]);
    t.match(words.at(-2)!.blocks.known, /^The planned work takes longer than we thought/);
    t.equal(words.at(-1)!.blocks.known, 'Payments are on the new database.', 'what a person wrote is kept');
    t.equal((await getIncident(store.read, incidentId)).status, 'completed');
    node.close();
  });

  await t.test('postponed, then called off', async (t) => {
    const house = await openHouse({ database });
    const { store, clock } = house;
    const node = openNode(house);
    const { incidentId } = await announce(house);
    const { scheduledFor, scheduledUntil } = await getIncident(store.read, incidentId);
    const window = { from: scheduledFor! + DAY, until: scheduledUntil! + DAY };
    await t.rejects(
      changeWindow(house.ctx(house.author), incidentId, { from: window.until, until: window.from }),
      {
        code: 'invalid',
        field: 'scheduledUntil',
      },
    );
    await say(house, await changeWindow(house.ctx(house.author), incidentId, window));
    t.match(await getIncident(store.read, incidentId), {
      scheduledFor: window.from,
      scheduledUntil: window.until,
      reminders: [DAY, HOUR],
    });
    clock.advance(2 * DAY);
    await node.beat();
    t.strictSame(
      await said(house, incidentId),
      ['scheduled', 'scheduled', 'reminder'],
      'the old start is gone',
    );
    await say(house, await cancelMaintenance(house.ctx(house.author), incidentId));
    clock.advance(3 * DAY);
    await node.beat();
    t.strictSame((await said(house, incidentId)).slice(-1), ['cancelled']);
    t.strictSame(await listApprovedPlanned(store.read, incidentId), [], 'nothing of it is left');
    t.equal(await statusOf(house), 'operational');
    await t.rejects(cancelMaintenance(house.ctx(house.author), incidentId), { code: 'conflict' });
    node.close();
  });

  await t.test('with words for later, a cleared text is not one any more', async (t) => {
    const house = await openHouse({ database });
    const ctx = house.ctx(house.author);
    const text = await saveTemplate(ctx, house.page.id, {
      name: 'Work',
      title: 'Planned work',
      status: 'scheduled',
      blocks: { known: 'We do planned work.', unknown: 'We do not know how long.' },
      slots: [],
    });
    await clearTemplate(house.ctx(house.approver), text.id, text.version, house.clock.now() + 30 * DAY);
    const { from, until } = planAt(house);
    const incident = await openIncident(ctx, {
      pageId: house.page.id,
      kind: 'maintenance',
      title: 'New database',
      scheduledFor: from,
      scheduledUntil: until,
    });
    const draft = await draftFromTemplate(ctx, incident.id, text.id, {}, { nextUpdateBy: from });
    t.equal(draft.class, 'A');
    const words = { start: 'Words that nobody has cleared.' };
    const planned = await planWindow(ctx, draft.id, draft.version, planAt(house, { words }));
    t.match(planned, { class: 'B', templateId: null });
    const again = await editUpdate(ctx, planned.id, planned.version, { class: 'A' });
    await t.rejects(requestApproval(ctx, again.id, again.version), { code: 'conflict', field: 'class' });
  });

  await t.test('taken back, an announcement takes what was approved with it along', async (t) => {
    const house = await openHouse({ database });
    const node = openNode(house);
    const { announced, incidentId } = await announce(house);
    await retract(house, announced);
    t.strictSame(await listApprovedPlanned(house.store.read, incidentId), []);
    t.match(await getIncident(house.store.read, incidentId), {
      autoStart: false,
      autoEnd: false,
      reminders: [],
    });
    house.clock.advance(3 * DAY);
    await node.beat();
    t.strictSame(await said(house, incidentId), ['scheduled', 'scheduled'], 'nothing more is said by itself');
    node.close();
  });

  await t.test('written by hand, an end takes the planned one’s place', async (t) => {
    const house = await openHouse({ database });
    const node = openNode(house);
    const { incidentId } = await announce(house, { reminders: [], endsAs: 'verifying' });
    house.clock.advance(2 * DAY);
    await node.beat();
    const draft = await draftUpdate(house.ctx(house.author), incidentId, {
      status: 'completed',
      blocks: { known: 'Done early.' },
      components: { [house.components[0]!.id]: 'operational' },
    });
    await say(house, draft);
    house.clock.advance(DAY);
    await node.beat();
    t.strictSame((await said(house, incidentId)).slice(-2), ['start', 'completed']);
    node.close();
  });
}

async function components(t: Test, database: DatabaseKind) {
  await t.test('work never hides an outage, nor ends other work on the same part', async (t) => {
    const house = await openHouse({ database });
    const { clock } = house;
    const node = openNode(house);
    const ids = house.components.map((c) => c.id);
    await announce(house, { reminders: [], components: ids });
    await announce(house, { reminders: [], components: [ids[0]!], until: clock.now() + 2 * DAY + 3 * HOUR });
    const outage = await house.openIncident();
    await house.say(outage, {
      blocks: { known: 'Search is down.' },
      components: { [ids[1]!]: 'major_outage' },
      nextUpdateBy: clock.now() + 30 * MINUTE,
    });
    clock.advance(2 * DAY);
    await node.beat();
    t.strictSame([await statusOf(house, 0), await statusOf(house, 1)], ['under_maintenance', 'major_outage']);
    clock.advance(2 * HOUR);
    await node.beat();
    t.strictSame([await statusOf(house, 0), await statusOf(house, 1)], ['under_maintenance', 'major_outage']);
    clock.advance(HOUR);
    await node.beat();
    t.strictSame([await statusOf(house, 0), await statusOf(house, 1)], ['operational', 'major_outage']);
    t.strictSame(node.reports, []);
    node.close();
  });
}
