import t from 'tap';
import { findHearing } from '../../db/queries/mentions.ts';
import type { Channel } from '../../src/channels/contract.ts';
import { openInbox } from '../../src/inbox/inbox.ts';
import { DATABASES, NETWORKS, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(`${database}: an account that cannot be opened is left alone, and keeps its place`, async (t) => {
    const house = await openHouse({
      database,
      connect: [{ can: { ...NETWORKS.findable, inbound: 'poll' } }],
    });
    t.teardown(() => house.close());
    const id = house.connections[0]!.id;
    const reports: string[] = [];
    let opened = 0;
    let broken = false;
    const inbox = openInbox({
      store: house.store,
      now: house.clock.now,
      boot: house.boot,
      newId: house.newId,
      requestMs: 1_000,
      report: (error) => reports.push(String(error)),
      channelOf() {
        opened += 1;
        if (broken) throw new Error('It was sealed with a key that is not here.\0\ud800');
        return { poll: async () => ({ items: [], cursor: 'here' }) } as unknown as Channel;
      },
    });
    t.teardown(() => inbox.close());
    await inbox.listen();
    broken = true;
    house.clock.advance(60_000);
    await inbox.listen();
    t.equal(opened, 2);
    t.match(await findHearing(house.store.read, id), {
      cursor: 'here',
      nextAt: house.clock.now() + 5 * 60_000,
      failure: /^It was sealed with a key that is not here/,
    });
    t.strictSame(reports, [], 'it is said on its screen, and not to the log at every beat');
  });
