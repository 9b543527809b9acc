import t from 'tap';
import { resendDelivery } from '../../src/actions/settle-delivery.ts';
import { correct } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { brief, EDITS, open, RIGHT, rowsOf, sayWrong } from './amending.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test('a thread is changed part by part when it keeps its length, and answered when not', async (t) => {
      const desk = await open(t, database, {
        connect: [{ can: EDITS, limits: { unit: 'graphemes', max: 190 }, thread: true, includeLink: false }],
      });
      const long = (n: number) =>
        Array.from({ length: n }, (_, i) => `Sentence ${i} of many that say what we know of it by now.`).join(
          ' ',
        );
      const { update } = await sayWrong(desk, long(5));
      const before = desk.network().posts.length;
      t.ok(before > 1, 'a thread');
      const right = await correct(
        desk.house,
        update,
        `${long(4)} And this one is right now.`,
        'One was wrong.',
        {},
      );
      await desk.rest();
      await desk.pass(5_000);
      const ways = (await rowsOf(desk, right)).map((d) => `${d.op} ${d.state}`);
      if (ways.length === before && ways.every((x) => x === 'edit delivered'))
        t.equal(desk.network().posts.length, before, 'every post has its successor');
      else
        t.ok(
          ways.every((x) => x === 'publish delivered'),
          'answered whole',
        );
      const short = await correct(desk.house, right, 'Nothing of it is known.', 'None of it was so.');
      await desk.rest();
      await desk.pass(5_000);
      t.match((await brief(desk, short))[0], /^publish 0 reply delivered/);
      t.match(desk.network().posts.at(-1)!.text, /^Correction: None of it was so\./);
    });

    t.test('half a thread has left: the rest does not, and what is there is answered', async (t) => {
      const desk = await open(t, database, {
        connect: [
          {
            can: NETWORKS.findable,
            limits: { unit: 'graphemes', max: 120 },
            thread: true,
            includeLink: false,
          },
        ],
      });
      desk.network().script.push('accept', { failure: 'unsent' });
      const words = wordsAt(
        desk.house.clock.now(),
        'Every card payment in every country fails since noon today. Nobody can pay with a card at all, anywhere, by any means.',
      );
      const { update } = await desk.say(undefined, words);
      await desk.rest();
      const right = await correct(desk.house, update, RIGHT);
      await desk.pass(MINUTE);
      await desk.pass(5_000);
      t.same(
        new Set((await brief(desk, update)).slice(1).map((x) => x.split(' ').at(-1))),
        new Set(['superseded']),
      );
      t.match((await brief(desk, right))[0], /^publish 0 reply delivered/);
      t.equal(desk.network().posts.filter((p) => p.text.includes('Nobody can pay')).length, 0);
    });

    t.test(
      'a part that was cancelled with its thread can be sent once the part before it is there',
      async (t) => {
        const desk = await open(t, database, {
          connect: [
            {
              can: NETWORKS.findable,
              limits: { unit: 'graphemes', max: 120 },
              thread: true,
              includeLink: false,
            },
          ],
        });
        desk.network().script.push({ failure: 'rejected' });
        const { update } = await desk.say(
          undefined,
          wordsAt(
            desk.house.clock.now(),
            'Some card payments in some countries fail since noon today. Nobody knows yet why they fail or when they stop failing.',
          ),
        );
        await desk.rest();
        const [first, second] = await rowsOf(desk, update);
        t.equal(second!.state, 'cancelled');
        const ctx = desk.house.ctx(desk.house.approver);
        await t.rejects(resendDelivery(ctx, second!.id), { code: 'conflict', message: /part .* before/i });
        await resendDelivery(ctx, first!.id);
        await desk.rest();
        await resendDelivery(ctx, second!.id);
        await desk.rest();
        await desk.pass(5_000);
        t.same(
          (await rowsOf(desk, update)).slice(0, 2).map((d) => d.state),
          ['delivered', 'delivered'],
        );
        t.equal(desk.network().posts[1]!.draft.inReplyTo?.id, desk.network().posts[0]!.id);
      },
    );
  });
