import t from 'tap';
import {
  changeMention,
  countOpenSince,
  listOpenMentions,
  listSettledSince,
} from '../../db/queries/mentions.ts';
import { measureAnswers } from '../../src/domain/answered.ts';
import { keep } from '../../src/inbox/keep.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(`${database}: a crowd that waits is counted, and figures are what they were`, async (t) => {
    const house = await openHouse({ database });
    t.teardown(() => house.close());
    const { store, clock, page, connections } = house;
    const now = clock.now();
    const said = (id: string, minutesAgo: number) => ({
      id,
      url: null,
      at: now - minutesAgo * MINUTE,
      author: { id, handle: `@${id}` },
      text: 'Is it down?',
      post: { id, url: null },
    });
    const ages = { old: 60 * 25, late: 90, due: 60, soon: 50, fresh: 1, quick: 40, slow: 200, thanks: 5 };
    await store.transact((w) =>
      keep(
        w,
        connections[0]!,
        Object.entries(ages).map(([id, ago]) => said(id, ago)),
        { now, newId: house.newId },
      ),
    );
    const settle = async (remoteId: string, state: 'answered' | 'no_reply_needed', settledAt: number) => {
      const one = (await listOpenMentions(store.read, 100)).find((m) => m.remoteId === remoteId)!;
      await store.transact((w) => changeMention(w, one.id, { state, settledAt }));
    };
    await settle('quick', 'answered', now - 30 * MINUTE);
    await settle('slow', 'answered', now - 80 * MINUTE);
    await settle('thanks', 'no_reply_needed', now);
    const since = now - 24 * 60 * MINUTE;
    const open = await countOpenSince(store.read, [page.id], since, now);
    t.same(open, { waiting: 4, overdue: 2 }, 'what was said before that day is not among them');
    const settled = await listSettledSince(store.read, [page.id], since);
    t.equal(settled.length, 3, 'nobody who waits is read');
    t.same(measureAnswers(settled, now, open), {
      n: 4,
      withinHour: 1,
      percent: 25,
      medianMs: 10 * MINUTE,
      waiting: 4,
    });
    t.same(await countOpenSince(store.read, [page.id], now, now), { waiting: 0, overdue: 0 });
  });
