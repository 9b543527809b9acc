import t from 'tap';
import { listRenditions } from '../../db/queries/words.ts';
import { LIMITS, openHouse, wordsAt } from '../house.ts';

t.test(
  'a follow-up is fitted to what the network allows an answer, the first post to what it allows a post',
  async (t) => {
    const house = await openHouse({
      database: 'sqlite',
      connect: [{ name: 'linkedin', limits: { ...LIMITS, max: 400, reply: 120 } }],
    });
    const long =
      'Card payments fail for some customers. Bank transfers work. Refunds work. The dashboard works as well.';
    const words = () => ({ ...wordsAt(house.clock.now(), long), blocks: { known: long } });
    const incident = await house.openIncident();
    const lengthOf = async (id: string) => (await listRenditions(house.store.read, id))[0]!.parts[0]!.length;
    const first = await house.say(incident, words());
    t.ok((await lengthOf(first.id)) > 120);
    const second = await house.say(incident, words());
    t.ok((await lengthOf(second.id)) <= 120, 'an answer is shorter');
  },
);
