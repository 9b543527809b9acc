import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { correct } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { brief, EDITS, LEAD, NEW_IDS, open, RIGHT, rowsOf, sayWrong, WRONG } from './amending.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test('a post that can be changed is changed in place, and read back', async (t) => {
      const desk = await open(t, database, { connect: [{ can: EDITS }] });
      const { update } = await sayWrong(desk);
      const id = desk.network().posts[0]!.id;
      const right = await correct(desk.house, update, RIGHT);
      await desk.rest();
      await desk.pass(5_000);
      t.same(await brief(desk, right), ['edit 0 edit delivered']);
      t.equal(desk.network().posts.length, 1, 'no second post');
      t.equal(desk.network().posts[0]!.id, id, 'the post that people answered');
      t.match(desk.network().posts[0]!.text, LEAD);
      t.match(desk.network().posts[0]!.text, RIGHT);
      t.notMatch(desk.network().posts[0]!.text, WRONG);
      t.same(await desk.tries((await rowsOf(desk, right))[0]!.id), ['edit accepted', 'read seen']);
      t.equal((await getUpdate(desk.house.store.read, update.id)).state, 'corrected');
    });

    t.test(
      'where nothing can be changed, the wrong post is answered; where nothing can be answered, a post is made',
      async (t) => {
        const desk = await open(t, database, {
          connect: [
            { can: NETWORKS.findable },
            { can: { ...NETWORKS.findable, replies: false }, name: 'Wall' },
          ],
        });
        const { update } = await sayWrong(desk);
        const right = await correct(desk.house, update, RIGHT);
        await desk.rest();
        await desk.pass(5_000);
        t.same((await brief(desk, right)).sort(), ['publish 0 new delivered', 'publish 0 reply delivered']);
        const [wrong, answer] = desk.network(0).posts;
        t.equal(wrong?.text.includes(WRONG), true, 'the wrong words stay where people answered them');
        t.equal(answer?.draft.inReplyTo?.id, wrong?.id);
        t.match(answer?.text, LEAD);
        t.equal(desk.network(1).posts[1]?.draft.inReplyTo, undefined);
      },
    );

    t.test('a window that closed is answered instead; so is a change that the network refuses', async (t) => {
      const desk = await open(t, database, { connect: [{ can: NEW_IDS }, { can: EDITS, name: 'Strict' }] });
      const { update } = await sayWrong(desk);
      await desk.pass(31 * MINUTE);
      desk.network(1).script.push({ failure: 'rejected' });
      const right = await correct(desk.house, update, RIGHT);
      await desk.rest();
      await desk.pass(5_000);
      t.same((await brief(desk, right)).sort(), [
        'edit 0 edit skipped',
        'publish 0 reply delivered',
        'publish 0 reply delivered',
      ]);
      for (const n of [0, 1]) {
        const posts = desk.network(n).posts;
        t.equal(posts.length, 2, 'said once');
        t.equal(posts[1]!.draft.inReplyTo?.id, posts[0]!.id);
        t.match(posts[1]!.text, LEAD);
      }
      t.same(desk.alerts, [], 'nobody is woken for what was put right another way');
    });

    t.test('an edit whose answer was lost is read before it is done again', async (t) => {
      const desk = await open(t, database, { connect: [{ can: EDITS }] });
      const { update } = await sayWrong(desk);
      desk.network().script.push({ lost: 0 });
      const right = await correct(desk.house, update, RIGHT);
      await desk.rest();
      await desk.pass(MINUTE);
      t.same(await brief(desk, right), ['edit 0 edit delivered']);
      t.same(await desk.tries((await rowsOf(desk, right))[0]!.id), ['edit unknown', 'read seen']);
      t.equal(desk.network().calls.filter((c) => c.what === 'edit').length, 1, 'edited once');

      desk.network().script.push('silence');
      const again = await correct(
        desk.house,
        right,
        'Half of the card payments fail.',
        'It is half of them.',
      );
      await desk.rest();
      for (let i = 0; i < 4; i += 1) await desk.pass(45_000);
      t.same(await brief(desk, again), ['edit 0 edit delivered']);
      t.match(desk.network().posts[0]!.text, 'Half of the card');
      t.equal(desk.network().posts.length, 1);
    });

    t.test('a correction of a correction finds the post again, whatever was done to it', async (t) => {
      const desk = await open(t, database, {
        connect: [{ can: EDITS }, { can: NETWORKS.findable, name: 'Answers' }],
      });
      const { update } = await sayWrong(desk);
      const first = await correct(desk.house, update, RIGHT);
      await desk.rest();
      await desk.pass(5_000);
      const second = await correct(desk.house, first, 'Few card payments fail.', 'It is few, not some.');
      await desk.rest();
      await desk.pass(5_000);
      t.equal(desk.network(0).posts.length, 1);
      t.match(desk.network(0).posts[0]!.text, /^Correction: It is few, not some\. Few card/);
      const [wrong, one, two] = desk.network(1).posts;
      t.equal(one!.draft.inReplyTo?.id, wrong!.id);
      t.equal(two!.draft.inReplyTo?.id, one!.id, 'the wrong correction is what is answered');
      t.same((await brief(desk, second)).sort(), ['edit 0 edit delivered', 'publish 0 reply delivered']);
    });

    t.test(
      'what follows answers the corrected post, and a newer update does not overtake a correction',
      async (t) => {
        const desk = await open(t, database, { connect: [{ can: NETWORKS.findable }] });
        const { update, incident } = await sayWrong(desk);
        desk.network().script.push({ failure: 'unsent' });
        const right = await correct(desk.house, update, RIGHT);
        await desk.rest();
        const newer = await desk.say(incident, wordsAt(desk.house.clock.now(), 'We found the cause.'));
        await desk.pass(MINUTE);
        await desk.pass(5_000);
        t.same(await brief(desk, right), ['publish 0 reply delivered']);
        t.same(await brief(desk, newer.update), ['publish 0 null delivered']);
        t.match(
          desk.network().posts.map((p) => p.text),
          [WRONG, LEAD, 'We found the cause.'],
          'in the order in which the public read them',
        );
      },
    );

    t.test(
      'networks that speak to people directly or to programs get a message that says correction',
      async (t) => {
        const desk = await open(t, database, {
          connect: [
            { can: NETWORKS.direct, name: 'Texts' },
            { can: NETWORKS.receiver, name: 'Hook', template: 'webhook' },
          ],
        });
        desk.network(0).script.push('silence');
        const { update } = await desk.say(undefined, wordsAt(desk.house.clock.now(), WRONG));
        await desk.rest();
        const right = await correct(desk.house, update, RIGHT);
        for (let i = 0; i < 3; i += 1) await desk.pass(MINUTE);
        t.equal(desk.network(0).posts.filter((p) => p.text.includes(WRONG)).length, 0, 'not sent again');
        t.match(desk.network(0).posts.at(-1)?.text, LEAD);
        const hook = desk.network(1).posts.at(-1)!;
        t.match(hook.draft.payload, { update: { id: right.id, amends: 'correction', corrects: update.id } });
        t.match(hook.text, LEAD);
      },
    );
  });
