import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { publishUpdate } from '../../src/actions/publish-update.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test('approved words go out at their time, if nothing has changed by then', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      const at = house.clock.now() + 30 * MINUTE;
      const words = { ...wordsAt(at), publishAt: at };
      const asked = await house.ask(incident, words);
      const approved = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
      t.match(approved, { state: 'approved', releaseAt: at });
      await t.rejects(publishUpdate(house.system, asked.id), { code: 'conflict' });
      house.clock.advance(30 * MINUTE);
      t.equal((await publishUpdate(house.system, asked.id)).state, 'published');

      const later = house.clock.now() + 30 * MINUTE;
      const second = await house.ask(incident, { ...wordsAt(later, 'Later.'), publishAt: later });
      await approveUpdate(house.ctx(house.approver), second.id, second.hash!);
      house.clock.advance(MINUTE);
      await house.say(incident, wordsAt(house.clock.now(), 'There is news meanwhile.'));
      house.clock.advance(29 * MINUTE);
      await t.rejects(publishUpdate(house.system, second.id), { message: /newer update/ });
      t.equal((await getUpdate(house.store.read, second.id)).state, 'returned');
      await t.rejects(
        house.ask(incident, { ...wordsAt(house.clock.now()), publishAt: house.clock.now() - 1 }),
        {
          code: 'invalid',
          field: 'publishAt',
        },
      );
    });
  });
