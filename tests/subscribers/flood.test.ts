import t from 'tap';
import { insertNewSubscribers } from '../../db/queries/subscribers.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { subscribe } from '../../src/actions/subscribers/subscribe.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';
import { locksOf } from './locks.ts';

for (const database of DATABASES)
  t.test(
    `${database}: a flood of requests at one page closes no other’s form, up to a limit for all`,
    async (t) => {
      const house = await openHouse({ database });
      const locks = locksOf(house);
      const eu = await setUpPage(house.system, { name: 'Europe', slug: 'eu', url: 'https://eu.example' });
      let n = 0;
      const join = (pageId: string) => {
        n += 1;
        return subscribe(house.system, locks, {
          pageId,
          kind: 'webhook',
          address: `https://host${n}.example/`,
          source: 'page',
          everything: true,
        });
      };
      const first = await join(house.page.id);
      /** Brings the number of those who were written to on the first page up to this. */
      const flood = async (from: number, to: number) => {
        for (let at = from; at < to; at += 500)
          await house.store.transact((w) =>
            insertNewSubscribers(
              w,
              Array.from({ length: Math.min(500, to - at) }, (_, i) => ({
                ...first,
                letterAt: house.clock.now(),
                id: house.newId(),
                addressHash: `hash ${at + i}`,
              })),
            ),
          );
      };
      await flood(1, 999);
      await join(house.page.id);
      await t.rejects(join(house.page.id), { code: 'limited', message: /Try again in an hour/ });
      t.ok(await join(eu.id), 'the other page goes on');
      await flood(1_000, 4_999);
      await t.rejects(join(eu.id), { code: 'limited' }, 'until there are very many in all');
      house.clock.advance(61 * MINUTE);
      t.ok(await join(house.page.id), 'an hour later both are open again');
      t.ok(await join(eu.id));
    },
  );
