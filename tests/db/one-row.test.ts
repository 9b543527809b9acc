import t from 'tap';
import { insertDeliveries, listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { DATABASES, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(
    `${database}: an approved update has one row a connection and part, and can have no second`,
    async (t) => {
      const house = await openHouse({ database, connect: [{ name: 'one' }] });
      const update = await house.say(await house.openIncident());
      const [row] = await listDeliveriesOfUpdates(house.store.read, [update.id]);
      t.ok(row);
      const again = house.store.transact((w) => insertDeliveries(w, [{ ...row!, id: house.newId() }]));
      const error = await again.then(
        () => undefined,
        (e: unknown) => e,
      );
      t.ok(house.store.isDuplicate(error), 'a second row for the same post is refused');
      t.equal((await listDeliveriesOfUpdates(house.store.read, [update.id])).length, 1);
    },
  );
