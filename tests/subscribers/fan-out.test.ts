import t from 'tap';
import { countOfUpdate, findFanout } from '../../db/queries/fan-out.ts';
import { countSubscribers, findSubscriber, listSubscribers } from '../../db/queries/subscribers.ts';
import { enterQuarantine } from '../../src/actions/quarantine.ts';
import { expandNext } from '../../src/actions/subscribers/fan-out.ts';
import { importSubscribers } from '../../src/actions/subscribers/import.ts';
import { addressHash, linkToken, readToken } from '../../src/actions/subscribers/locks.ts';
import {
  confirmSubscription,
  eraseSubscriber,
  stopSubscription,
} from '../../src/actions/subscribers/settle.ts';
import { subscribe } from '../../src/actions/subscribers/subscribe.ts';
import { tidySubscribers } from '../../src/actions/subscribers/upkeep.ts';
import { LETTER_EVERY_MS } from '../../src/domain/subscriber.ts';
import { correct } from '../amend.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';
import { locksOf } from './locks.ts';

const mail = { channel: 'email', role: 'status', settings: {} } as const;

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database, connect: [mail], page: { languages: ['en', 'de'] } });
    const { store, clock, page, components } = house;
    const locks = locksOf(house);
    const [payments, search] = components as [(typeof components)[number], (typeof components)[number]];
    const admin = house.ctx(house.admin);
    const bring = (names: string[], language = 'en') =>
      importSubscribers(admin, locks, {
        pageId: page.id,
        kind: 'email',
        people: names.map((name) => ({ address: `${name}@customer.example`, language })),
        basis: 'They agreed when they opened their account.',
      });
    const join = async (name: string, wish: { componentIds?: string[]; incidentId?: string }) => {
      const row = await subscribe(house.system, locks, {
        pageId: page.id,
        kind: 'email',
        address: `${name}@customer.example`,
        source: 'page',
        everything: false,
        ...wish,
      });
      return confirmSubscription(house.system, row.id);
    };
    const expandAll = async (batch: number) => {
      let steps = 0;
      while (await expandNext(house.system, batch)) steps += 1;
      return steps;
    };
    const toldOf = async (updateId: string) => {
      const { deliveries: d } = store.read.t;
      const rows = await store.read.sql.select().from(d);
      return rows.filter((x) => x.updateId === updateId && x.recipient !== '');
    };

    await t.test('an approval writes one row, batches make the rest, each person once', async (t) => {
      t.equal(await bring(['a', 'b', 'c', 'd', 'e']), 5);
      t.equal(await bring(['f', 'g'], 'de'), 2);
      t.equal(await bring(['a', 'f']), 0, 'who is known stays as they are');
      const onlySearch = await join('searcher', { componentIds: [search.id] });
      const incident = await house.openIncident();
      const update = await house.say(incident, {
        ...wordsAt(clock.now()),
        components: { [payments.id]: 'major_outage' },
      });
      t.same(await toldOf(update.id), [], 'nothing is expanded with the approval');
      t.ok(await findFanout(store.read, update.id));
      await expandAll(3);
      const rows = await toldOf(update.id);
      t.equal(rows.length, 7);
      t.equal(new Set(rows.map((x) => x.recipient)).size, 7);
      t.notOk(
        rows.some((x) => x.recipient === onlySearch.id),
        'only those it concerns',
      );
      t.ok(
        rows.every((x) => x.priority > 0),
        'after everything that speaks to the public',
      );
      t.equal(new Set(rows.map((x) => x.renditionId)).size, 2, 'in their language');
      t.match(await findFanout(store.read, update.id), { queued: 7, doneAt: Number });

      const next = await house.say(incident, {
        ...wordsAt(clock.now(), 'Search is slow, too.'),
        components: { [search.id]: 'degraded_performance' },
      });
      await expandAll(2);
      t.equal((await toldOf(next.id)).length, 8, 'whoever heard of its beginning, and who it concerns now');
      t.ok(
        (await toldOf(update.id)).every((x) => x.state === 'superseded'),
        'the newest words suffice',
      );
    });

    await t.test('put right before everybody had them, wrong words go to nobody else', async (t) => {
      const incident = await house.openIncident('Wrong');
      const wrong = await house.say(incident, wordsAt(clock.now()));
      await expandNext(house.system, 2);
      const had = await toldOf(wrong.id);
      t.equal(had.length, 2);
      const right = await correct(house, wrong, 'Some card payments fail.');
      await expandAll(2);
      const all = await toldOf(wrong.id);
      t.equal(all.length, had.length);
      t.ok(all.every((x) => x.state === 'superseded'));
      t.equal((await toldOf(right.id)).length, 7, 'and everybody gets the right ones');
    });

    await t.test(
      'stopped between any two batches, and done again: nobody twice, nobody left out',
      async (t) => {
        const incident = await house.openIncident('Again');
        const update = await house.say(incident, wordsAt(clock.now()));
        for (let i = 0; i < 3; i += 1) await expandNext(house.system, 2);
        const before = (await toldOf(update.id)).length;
        // As if a crash had lost what the position says, but not the rows: the worst that can be.
        await store.transact(async (w) => {
          const { fanouts: f } = w.t;
          const { eq } = await import('drizzle-orm');
          await w.sql.update(f).set({ cursor: '', step: 0 }).where(eq(f.updateId, update.id));
        });
        await expandAll(2);
        const rows = await toldOf(update.id);
        t.ok(before > 0 && before < 7);
        t.equal(rows.length, 7);
        t.equal(new Set(rows.map((x) => x.recipient)).size, 7);
      },
    );

    await t.test(
      'who follows one incident hears of it until it is over, and is forgotten then',
      async (t) => {
        const incident = await house.openIncident('Third');
        await house.say(incident, wordsAt(clock.now()));
        const follower = await join('follower', { incidentId: incident.id });
        const other = await house.openIncident('Fourth');
        const elsewhere = await house.say(other, wordsAt(clock.now()));
        const last = await house.say(incident, {
          blocks: { known: 'It works again.' },
          status: 'resolved',
          nextUpdateBy: null,
        });
        await expandAll(100);
        t.notOk((await toldOf(elsewhere.id)).some((x) => x.recipient === follower.id));
        t.ok((await toldOf(last.id)).some((x) => x.recipient === follower.id));
        await tidySubscribers(house.system);
        t.equal(
          (await findSubscriber(store.read, follower.id))?.state,
          'active',
          'its last mail has time to arrive',
        );
        clock.advance(25 * 60 * MINUTE);
        await tidySubscribers(house.system);
        t.match(await findSubscriber(store.read, follower.id), { state: 'unsubscribed', sealed: '' });
      },
    );

    await t.test(
      'letters: one in ten minutes, the same for everybody, and none confirms by itself',
      async (t) => {
        const ask = (address: string) =>
          subscribe(house.system, locks, {
            pageId: page.id,
            kind: 'email',
            address,
            source: 'page',
            everything: true,
          });
        const letters = async () => store.read.sql.select().from(store.read.t.letters);
        const fresh = await ask('new@customer.example');
        t.same(
          (await letters()).map((l) => l.kind),
          ['confirm'],
        );
        await ask('new@customer.example');
        t.equal((await letters()).length, 1);
        await ask('a@customer.example');
        t.same(
          (await letters()).map((l) => l.kind).sort(),
          ['confirm', 'manage'],
          'a known one gets its private link',
        );
        t.equal((await findSubscriber(store.read, fresh.id))?.state, 'unconfirmed');
        clock.advance(LETTER_EVERY_MS);
        await ask('new@customer.example');
        t.equal((await letters()).length, 2, 'a newer letter stands for the older one');
        clock.advance(4 * 24 * 60 * MINUTE);
        await t.rejects(confirmSubscription(house.system, fresh.id), { code: 'gone' });
        await tidySubscribers(house.system);
        t.equal(await findSubscriber(store.read, fresh.id), undefined, 'and is forgotten');
      },
    );

    await t.test('links: each for its own purpose, and none can be made', async (t) => {
      const [one, two] = await listSubscribers(store.read, page.id, {}, 2);
      const token = linkToken(locks, 'manage', one!.id);
      t.same(readToken(locks, token), { id: one!.id, purpose: 'manage' });
      t.equal(readToken(locks, `${two!.id}${token.slice(18)}`), undefined, 'not for somebody else');
      t.equal(
        readToken(locksOf(await openHouse({ database, connect: [] })), token),
        undefined,
        'not with another key',
      );
      let taken = 0;
      for (let i = 0; i < token.length; i += 1)
        for (const char of 'a0_-') {
          const forged = `${token.slice(0, i)}${char}${token.slice(i + 1)}`;
          if (forged !== token && readToken(locks, forged)) taken += 1;
        }
      t.equal(taken, 0);
    });

    await t.test('whoever left stays left; an erased one is as if they had never come', async (t) => {
      const [row] = await listSubscribers(store.read, page.id, { kind: 'email', state: 'active' }, 1);
      await stopSubscription(house.system, row!.id);
      t.match(await findSubscriber(store.read, row!.id), {
        state: 'unsubscribed',
        sealed: '',
        endedAt: Number,
      });
      t.equal(await bring(['a']), 0, 'no list brings them back');
      await eraseSubscriber(admin, row!.id);
      t.equal(await findSubscriber(store.read, row!.id), undefined);
      await t.rejects(eraseSubscriber(house.ctx(house.approver), row!.id), { code: 'forbidden' });
      t.equal(await bring(['a']), 1);
      t.ok((await countSubscribers(store.read, page.id)).length > 0);
      t.not(
        addressHash(locks, page.id, 'email', 'a@customer.example'),
        addressHash(locks, page.id, 'sms', 'a@customer.example'),
      );
    });

    await t.test('a restored database sends nothing of it again', async (t) => {
      const incident = await house.openIncident('Fifth');
      const update = await house.say(incident, wordsAt(clock.now()));
      await expandNext(house.system, 3);
      await enterQuarantine(house.system, 'It was restored.');
      t.same([...new Set((await countOfUpdate(store.read, update.id)).map((x) => x.state))], ['cancelled']);
      t.equal(await expandNext(house.system, 3), false);
    });
  });
