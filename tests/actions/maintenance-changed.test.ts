import t from 'tap';
import { getIncident, listPublishedUpdates } from '../../db/queries/incidents.ts';
import { listApprovedPlanned } from '../../db/queries/maintenance.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import { draftFromTemplate } from '../../src/actions/draft-from-template.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { cancelMaintenance, changeWindow } from '../../src/actions/maintenance/announce.ts';
import { planWindow } from '../../src/actions/maintenance/plan-window.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import { retract } from '../amend.ts';
import { DATABASES, type House, openHouse } from '../house.ts';
import { announce, DAY, HOUR, openNode, planAt, said, statusOf } from './planned-work.ts';

/** Has it approved as it is. */
const say = async (house: House, draft: { id: string; version: number }) => {
  const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
  return approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
};

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'extended: the window and the words for its end move with the approved update',
      async (t) => {
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
        t.equal(
          words.at(-1)!.blocks.known,
          'Payments are on the new database.',
          'what a person wrote is kept',
        );
        t.equal((await getIncident(store.read, incidentId)).status, 'completed');
        await node.close();
      },
    );

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
      await node.close();
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
      t.strictSame(
        await said(house, incidentId),
        ['scheduled', 'scheduled'],
        'nothing more is said by itself',
      );
      await node.close();
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
      await node.close();
    });
  });
