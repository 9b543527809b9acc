import t from 'tap';
import { listConnections, takeLane } from '../../db/queries/connections.ts';
import { findSubscriber } from '../../db/queries/subscribers.ts';
import { expandNext } from '../../src/actions/subscribers/fan-out.ts';
import { subscribe } from '../../src/actions/subscribers/subscribe.ts';
import { ChannelError } from '../../src/channels/contract.ts';
import type { LineParts, Outgoing } from '../../src/outbox/subscribers/parts.ts';
import { openShelf } from '../../src/outbox/subscribers/shelf.ts';
import { takeTurn } from '../../src/outbox/subscribers/turn.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';
import { locksOf } from './locks.ts';

for (const database of DATABASES)
  t.test(`${database}: to one subscriber, what was said first goes first`, async (t) => {
    const house = await openHouse({ database });
    const { store, clock, page, components } = house;
    const locks = locksOf(house);
    const join = (name: string) =>
      subscribe(house.system, locks, {
        pageId: page.id,
        kind: 'webhook',
        address: `https://${name}.example/`,
        source: 'page',
        everything: true,
      });
    await join('quick');
    const slow = await join('slow');
    const never = () => {
      throw new Error('nothing is sent here');
    };
    const parts: LineParts = {
      store,
      tick: () => ({ now: clock.now(), mono: clock.now(), boot: 'me' }),
      newId: house.system.newId,
      requestMs: 1_000,
      report: never,
      failpoint: () => undefined,
      channelOf: never,
      alert: never,
      recipients: { address: never, addressLetter: never },
    };
    const incident = await house.openIncident();
    const say = async (words = wordsAt(clock.now())) => {
      const update = await house.say(incident, words);
      while (await expandNext(house.system, 100));
      return update;
    };
    const first = await say({ ...wordsAt(clock.now()), components: { [components[0]!.id]: 'major_outage' } });
    const line = (await listConnections(store.read, page.id)).find((c) => c.role === 'subscribers')!;
    await store.transact((w) => takeLane(w, line.id, 'me', clock.now(), 60 * MINUTE));
    const turn = (ended: Parameters<typeof takeTurn>[3] = [], places = 3) =>
      takeTurn(parts, line.id, openShelf(), ended, { all: 10, slow: places });
    const shown = (taken: readonly Outgoing[]) =>
      taken
        .map(({ subscriber, delivery: d }) =>
          [
            subscriber.id === slow.id ? 'slow' : 'quick',
            d.updateId === first.id ? 'first' : 'second',
            d.part,
          ].join(' '),
        )
        .sort();

    const begun = await turn();
    t.strictSame(shown(begun), ['quick first 0', 'slow first 0']);
    t.strictSame(shown(await turn()), [], 'no part before the one before it has arrived');
    // Both must be tried again; one of them asks for five minutes.
    await turn(
      begun.map((out) => ({
        out,
        startedAt: clock.now(),
        failure: new ChannelError(
          'unsent',
          'busy',
          out.subscriber.id === slow.id ? { retryAfterMs: 5 * MINUTE } : {},
        ),
        late: false,
      })),
    );
    await say(wordsAt(clock.now(), 'Refunds fail, too.'));
    clock.advance(5_000);
    let taken = await turn();
    t.strictSame(shown(taken), ['quick first 0'], 'who waits for the first does not get the second');
    const got: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      got.push(...shown(taken));
      clock.advance(MINUTE);
      taken = await turn(
        taken.map((out) => ({ out, startedAt: clock.now(), failure: undefined, late: false })),
      );
    }
    const to = (who: string) => got.filter((x) => x.startsWith(who));
    for (const who of ['quick', 'slow'])
      t.strictSame(to(who), [`${who} first 0`, `${who} first 1`, `${who} second 0`]);

    t.comment('one of them does not answer in time, twice');
    const timeouts = async () => (await findSubscriber(store.read, slow.id))?.timeouts;
    const late = (out: Outgoing) => out.subscriber.id === slow.id;
    const end = (all: readonly Outgoing[], failed = late) =>
      all.map((out) => ({
        out,
        startedAt: clock.now(),
        failure: failed(out) ? new ChannelError('unknown', 'nothing was heard') : undefined,
        late: failed(out),
      }));
    await say(wordsAt(clock.now(), 'Half of all cards fail.'));
    taken = await turn();
    t.equal(taken.length, 2, 'nobody is doubted yet');
    await turn(end(taken));
    t.equal(await timeouts(), 1);
    clock.advance(MINUTE);
    await turn(end(await turn()));
    t.equal(await timeouts(), 2);
    clock.advance(10 * MINUTE);
    await say(wordsAt(clock.now(), 'All cards fail.'));
    taken = await turn([], 0);
    t.ok(
      taken.length > 0 && !taken.some(late),
      'without a place among its like it waits, and nobody else does',
    );
    await turn(end(taken), 0);
    taken = await turn([], 1);
    t.strictSame(taken.map(late), [true]);
    await turn(end(taken, () => false));
    t.equal(await timeouts(), 0, 'an answer makes it one of the others again');
  });
