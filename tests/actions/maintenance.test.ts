import t from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { getIncident, getUpdate, listPublishedUpdates, listUpdates } from '../../db/queries/incidents.ts';
import { listApprovedPlanned } from '../../db/queries/maintenance.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { editUpdate } from '../../src/actions/draft-update.ts';
import { announceMaintenance } from '../../src/actions/maintenance/announce.ts';
import { planWindow } from '../../src/actions/maintenance/plan-window.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';
import { announce, DAY, HOUR, openNode, planAt, said, statusOf } from './planned-work.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
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
      t.equal(
        (await listDeliveriesOfUpdates(store.read, [reminder!.id])).length,
        1,
        'it goes to the network',
      );
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

    await t.test(
      'one hash covers the words for later: touched in between, none of it goes out',
      async (t) => {
        const house = await openHouse({ database });
        const author = house.ctx(house.author);
        const draft = await announceMaintenance(
          author,
          { pageId: house.page.id, title: 'Work', blocks: { known: 'We work.' } },
          planAt(house),
        );
        const asked = await requestApproval(author, draft.id, draft.version);
        const end = (await listUpdates(house.store.read, asked.incidentId)).find(
          (u) => u.plannedAs === 'end',
        )!;
        await t.rejects(
          requestApproval(author, end.id, end.version),
          { code: 'conflict' },
          'not by themselves',
        );
        await editUpdate(author, end.id, end.version, { blocks: { known: 'Something nobody read.' } });
        await t.rejects(approveUpdate(house.ctx(house.approver), asked.id, asked.hash!), {
          code: 'conflict',
        });
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
      },
    );

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
      await node.close();
    });

    await t.test('work never hides an outage, nor ends other work on the same part', async (t) => {
      const house = await openHouse({ database });
      const { clock } = house;
      const node = openNode(house);
      const ids = house.components.map((c) => c.id);
      await announce(house, { reminders: [], components: ids });
      await announce(house, {
        reminders: [],
        components: [ids[0]!],
        until: clock.now() + 2 * DAY + 3 * HOUR,
      });
      const outage = await house.openIncident();
      await house.say(outage, {
        blocks: { known: 'Search is down.' },
        components: { [ids[1]!]: 'major_outage' },
        nextUpdateBy: clock.now() + 30 * MINUTE,
      });
      clock.advance(2 * DAY);
      await node.beat();
      t.strictSame(
        [await statusOf(house, 0), await statusOf(house, 1)],
        ['under_maintenance', 'major_outage'],
      );
      clock.advance(2 * HOUR);
      await node.beat();
      t.strictSame(
        [await statusOf(house, 0), await statusOf(house, 1)],
        ['under_maintenance', 'major_outage'],
      );
      clock.advance(HOUR);
      await node.beat();
      t.strictSame([await statusOf(house, 0), await statusOf(house, 1)], ['operational', 'major_outage']);
      t.strictSame(node.reports, []);
      await node.close();
    });
  });
