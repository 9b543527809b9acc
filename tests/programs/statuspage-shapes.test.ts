import t, { type Test } from 'tap';
import { addComponent } from '../../src/actions/set-up-page.ts';
import { READS } from '../../src/templates/feeds/statuspage.ts';
import { DATABASES, type DatabaseKind, wordsAt } from '../house.ts';
import { openProgramHouse, planWork } from './programs-house.ts';
import { SHAPES, wrongs } from './statuspage-shapes.ts';

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
