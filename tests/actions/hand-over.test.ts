import t from 'tap';
import { getIncident } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import type { Ctx } from '../../src/actions/context.ts';
import { answer } from '../../src/actions/hand-over/answer-hand-over.ts';
import { handOver } from '../../src/actions/hand-over/hand-over.ts';
import { whoOwnedAt } from '../../src/actions/hand-over/owners.ts';
import { remindPeople } from '../../src/actions/remind-people.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';
import { alertsOf } from './alerts.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'an incident changes hands only by the other’s yes, and everybody is told of silence',
      async (t) => {
        const house = await openHouse({ database });
        const [author, approver, second] = [house.author, house.approver, house.second].map(house.ctx) as [
          Ctx,
          Ctx,
          Ctx,
        ];
        const incident = await house.openIncident();
        const owner = async () => (await getIncident(house.store.read, incident.id)).ownerId;
        const asked = await handOver(author, incident.id, house.approver.id, 'My shift ends at 15:00.');
        t.equal(await owner(), house.author.id, 'asking changes nothing');
        await t.rejects(answer(second, asked.id, true, ''), { code: 'conflict' }, 'nobody else can answer');
        t.match(await alertsOf(house, 'hand_over'), [
          { personId: house.approver.id, incidentId: incident.id },
        ]);
        house.clock.advance(5 * MINUTE);
        await remindPeople(house.system);
        t.match(
          (await alertsOf(house, 'hand_over'))[0],
          { personId: null, message: /has not answered. It still belongs to Arno/ },
          'after five minutes whoever is on call is told',
        );
        await remindPeople(house.system);
        t.equal((await alertsOf(house, 'hand_over')).length, 2, 'once');
        await t.rejects(
          answer(approver, asked.id, false, ' '),
          { code: 'invalid', field: 'answer' },
          'declining says why',
        );
        await answer(approver, asked.id, false, 'I am on a train.');
        t.equal(await owner(), house.author.id);
        const before = house.clock.now();
        house.clock.advance(MINUTE);
        const again = await handOver(author, incident.id, house.second.id, '');
        await answer(second, again.id, true, 'Got it.');
        t.equal(await owner(), house.second.id);
        t.equal(await whoOwnedAt(house.store.read, incident.id, before), house.author.id);
        t.equal(await whoOwnedAt(house.store.read, incident.id, house.clock.now()), house.second.id);
        await t.rejects(
          handOver(author, incident.id, house.author.id, ''),
          { code: 'forbidden' },
          'not theirs now',
        );
        const viewer = await house.addPerson('Vera', ['viewer']);
        await t.rejects(handOver(second, incident.id, viewer.id, ''), { code: 'invalid', field: 'to' });
        const log = (await listAudit(house.store.read, 0, 1_000)).map((x) => x.action);
        for (const action of ['hand_over.ask', 'hand_over.remind', 'hand_over.decline', 'hand_over.accept'])
          t.ok(log.includes(action), action);
      },
    );
  });
