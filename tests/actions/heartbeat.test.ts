import t from 'tap';
import { listPromises } from '../../db/queries/incidents.ts';
import { clearHeartbeat, saveHeartbeat } from '../../src/actions/heartbeat/save-heartbeat.ts';
import { sendHeartbeat } from '../../src/actions/heartbeat/send-heartbeat.ts';
import { incidentRecord } from '../../src/actions/incident-record.ts';
import { remindPeople } from '../../src/actions/remind-people.ts';
import { correct } from '../amend.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'S3: one heartbeat when late, to the page only; it neither keeps the promise nor counts',
      async (t) => {
        const house = await openHouse({ database });
        const [author, approver] = [house.ctx(house.author), house.ctx(house.approver)];
        const words = 'We are late with this update. The team is still working. Next update by {next}.';
        await t.rejects(saveHeartbeat(author, house.page.id, { words: 'Late.', minutes: 10, auto: false }), {
          code: 'invalid',
          field: 'words',
        });
        await saveHeartbeat(author, house.page.id, { words, minutes: 10, auto: false });
        await t.rejects(clearHeartbeat(author, house.page.id), { code: 'forbidden' });
        const incident = await house.openIncident();
        await house.say(incident);
        await t.rejects(sendHeartbeat(author, incident.id), { message: /no cleared heartbeat/ });
        await clearHeartbeat(approver, house.page.id);
        await t.rejects(sendHeartbeat(author, incident.id), { message: /No promise is late/ });
        house.clock.advance(21 * MINUTE);
        const beat = await sendHeartbeat(author, incident.id);
        t.match(beat, { state: 'published', heartbeat: true, connectionIds: [] });
        t.match(beat.blocks, {
          known: 'Card payments fail for some customers.',
          doing:
            /^We are late with this update. The team is still working. Next update by 14:31 UTC. Our engineers/,
        });
        t.match(
          await listPromises(house.store.read, [incident.id]),
          [{ state: 'open' }],
          'the promise stays late',
        );
        await t.rejects(sendHeartbeat(author, incident.id), { message: /A second one in a row/ });
        house.clock.advance(5 * MINUTE);
        await house.say(incident, wordsAt(house.clock.now(), 'It works again for most.'));
        const [first, second] = await listPromises(house.store.read, [incident.id]);
        t.match(
          first,
          { state: 'late', lateMs: 6 * MINUTE },
          'late from the promised time, heartbeat or not',
        );
        t.equal(second?.state, 'open');
      },
    );

    await t.test('it repeats what stands now, not what was put right last', async (t) => {
      const house = await openHouse({ database });
      const author = house.ctx(house.author);
      const words = 'We are late. Next update by {next}.';
      await saveHeartbeat(author, house.page.id, { words, minutes: 10, auto: false });
      await clearHeartbeat(house.ctx(house.approver), house.page.id);
      const incident = await house.openIncident();
      const first = await house.say(incident);
      await house.say(incident, wordsAt(house.clock.now(), 'Only refunds fail now.'));
      await correct(house, first, 'Some card payments fail.');
      const promises = await listPromises(house.store.read, [incident.id]);
      house.clock.advance(21 * MINUTE);
      const beat = await sendHeartbeat(author, incident.id);
      t.match(beat, { blocks: { known: 'Only refunds fail now.' }, amends: null, note: null });
      t.strictSame(await listPromises(house.store.read, [incident.id]), promises, 'and no promise moves');
    });

    await t.test('by itself only where it was cleared so and somebody owns the incident', async (t) => {
      const house = await openHouse({ database });
      const words = 'We are late. The team is still working. Next update by {next}.';
      await saveHeartbeat(house.ctx(house.author), house.page.id, { words, minutes: 10, auto: true });
      await clearHeartbeat(house.ctx(house.approver), house.page.id);
      const incident = await house.openIncident();
      await house.say(incident);
      house.clock.advance(21 * MINUTE);
      await remindPeople(house.system);
      await remindPeople(house.system);
      const record = await incidentRecord(house.store.read, incident.id, house.clock.now());
      t.equal(record.updates.filter((u) => u.heartbeat).length, 1);
    });

    await t.test('one that cannot be sent keeps no other from being sent', async (t) => {
      const house = await openHouse({ database });
      const words = 'We are late. The team is still working. Next update by {next}.';
      await saveHeartbeat(house.ctx(house.author), house.page.id, { words, minutes: 10, auto: true });
      await clearHeartbeat(house.ctx(house.approver), house.page.id);
      const incidents = [await house.openIncident('Payments'), await house.openIncident('Search')];
      for (const incident of incidents) await house.say(incident);
      house.clock.advance(21 * MINUTE);
      let asked = 0;
      const failing = {
        ...house.system,
        newId() {
          asked += 1;
          if (asked === 1) throw new Error('Out of ids.');
          return house.newId();
        },
      };
      await t.rejects(remindPeople(failing), { message: 'Out of ids.' });
      const beats = [];
      for (const { id } of incidents) {
        const { updates } = await incidentRecord(house.store.read, id, house.clock.now());
        beats.push(updates.filter((u) => u.heartbeat).length);
      }
      t.strictSame(beats, [0, 1]);
    });
  });
