import t from 'tap';
import { confirmDelivery, resendDelivery } from '../../src/actions/settle-delivery.ts';
import { correct } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { brief, EDITS, open, RIGHT, rowsOf, WRONG } from './amending.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test(
      'words that never left do not leave any more: the right ones go instead, as if nothing had been',
      async (t) => {
        const desk = await open(t, database, { connect: [{ can: EDITS }] });
        desk.network().script.push({ failure: 'unsent' });
        const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
        await desk.rest();
        const right = await correct(desk.house, update, RIGHT);
        await desk.pass(MINUTE);
        await desk.pass(5_000);
        t.same(await brief(desk, update), ['publish 0 null superseded']);
        t.same(await brief(desk, right), ['publish 0 instead delivered']);
        t.equal(desk.network().posts.length, 1);
        t.match(desk.network().posts[0]!.text, new RegExp(`^${RIGHT}`), 'no correction of what nobody read');
      },
    );

    t.test(
      'what is being sent while it is corrected: it does not arrive, and is not sent again',
      async (t) => {
        const desk = await open(t, database, { connect: [{ can: EDITS }] });
        const pause = desk.network().pause();
        const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
        await pause.arrived;
        const right = await correct(desk.house, update, RIGHT);
        pause.release({ failure: 'unsent' });
        await desk.rest();
        await desk.pass(MINUTE);
        await desk.pass(5_000);
        t.same(await brief(desk, update), ['publish 0 null superseded']);
        t.same(await brief(desk, right), ['publish 0 instead delivered']);
        t.equal(desk.network().posts.filter((p) => p.text.includes(WRONG)).length, 0);
      },
    );

    for (const arrived of [true, false])
      t.test(
        `nobody knows whether the wrong post is there: looked up first (${arrived ? 'it is' : 'it is not'})`,
        async (t) => {
          const desk = await open(t, database, { connect: [{ can: EDITS }] });
          desk.network().script.push(arrived ? { lost: 0 } : 'silence');
          const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
          await desk.rest();
          const right = await correct(desk.house, update, RIGHT);
          await desk.rest();
          t.same(await brief(desk, right), ['publish 0 wait pending'], 'it waits');
          for (let i = 0; i < 4; i += 1) await desk.pass(45_000);
          t.same(await brief(desk, update), [`publish 0 null ${arrived ? 'delivered' : 'superseded'}`]);
          t.same(await brief(desk, right), [
            arrived ? 'edit 0 edit delivered' : 'publish 0 instead delivered',
          ]);
          t.equal(desk.network().posts.length, 1);
          t.notMatch(desk.network().posts[0]!.text, WRONG);
        },
      );

    t.test('held for a person: the correction waits for the answer, however long', async (t) => {
      const desk = await open(t, database, { connect: [{ can: { ...NETWORKS.blind, edit: 'in_place' } }] });
      desk.network().script.push({ lost: 0 });
      const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
      await desk.rest();
      const right = await correct(desk.house, update, RIGHT);
      await desk.pass(20 * MINUTE);
      t.same(await brief(desk, right), ['publish 0 wait pending']);
      const [row] = await rowsOf(desk, update);
      await confirmDelivery(desk.house.ctx(desk.house.approver), row!.id, 'https://network.example/post-1');
      await desk.pass(10_000);
      t.same(await brief(desk, right), ['publish 0 new delivered'], 'of its post we have only the address');
      t.equal(desk.network().posts.length, 2);
    });

    for (const there of [true, false])
      t.test(
        `newer words wait five minutes behind a correction that waits for a person (${there ? 'it is there' : 'it is not'})`,
        async (t) => {
          const desk = await open(t, database, { connect: [{ can: NETWORKS.blind }] });
          const { house } = desk;
          desk.network().script.push(there ? { lost: 0 } : 'silence');
          const { update, incident } = await desk.say(undefined, wordsAt(house.clock.now(), WRONG));
          await desk.rest();
          const right = await correct(house, update, RIGHT);
          const newer = await house.say(incident, wordsAt(house.clock.now(), 'Half of all cards work.'));
          await desk.pass(4 * MINUTE);
          t.same(await brief(desk, newer), ['publish 0 null pending'], 'in the order things were said');
          for (let i = 0; i < 3; i += 1) await desk.pass(MINUTE);
          t.same(await brief(desk, newer), ['publish 0 null delivered'], 'the public reads the newest words');
          t.same(await brief(desk, right), ['publish 0 wait pending']);
          const [row] = await rowsOf(desk, update);
          const person = house.ctx(house.approver);
          if (there) await confirmDelivery(person, row!.id, 'https://network.example/post-1');
          else await resendDelivery(person, row!.id);
          await desk.pass(10_000);
          t.same(
            await brief(desk, right),
            [there ? 'publish 0 new delivered' : 'publish 0 nothing skipped'],
            'older words never stand above newer ones where nobody read the wrong ones',
          );
        },
      );

    t.test('held, and a person says it is not there: the right words go instead', async (t) => {
      const desk = await open(t, database, { connect: [{ can: { ...NETWORKS.blind, edit: 'in_place' } }] });
      desk.network().script.push('silence');
      const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
      await desk.rest();
      const right = await correct(desk.house, update, RIGHT);
      await desk.rest();
      const [row] = await rowsOf(desk, update);
      await resendDelivery(desk.house.ctx(desk.house.approver), row!.id);
      await desk.pass(10_000);
      t.same(await brief(desk, update), ['publish 0 null superseded']);
      t.equal(
        desk.network().posts.filter((p) => p.text.includes(WRONG)).length,
        0,
        'wrong words never leave',
      );
      t.match(await brief(desk, right), [/^publish 0 instead /]);
    });
  });
