import t from 'tap';
import { DATABASES, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database });
    const incident = await house.openIncident();
    const update = await house.say(incident);
    t.equal(update.state, 'published');
  });
