import t from 'tap';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { getUpdate, type Update } from '../../db/queries/incidents.ts';
import { confirmDelivery, resendDelivery } from '../../src/actions/settle-delivery.ts';
import { correct, retract } from '../amend.ts';
import { DATABASES, type DatabaseKind, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { type Desk, type DeskOptions, openDesk } from './scripted.ts';

const EDITS = { ...NETWORKS.findable, edit: 'in_place' } as const;
const NEW_IDS = { ...EDITS, edit: 'new_id', editWindowMs: 30 * MINUTE } as const;
const WRONG = 'All card payments fail.';
const RIGHT = 'Some card payments fail.';
const LEAD = 'Correction: We said all cards; it is some.';

const open = (
  test: Parameters<typeof openDesk>[0],
  database: DatabaseKind,
  more: Omit<DeskOptions, 'database'>,
) => openDesk(test, { database, ...more });

const rowsOf = (desk: Desk, u: Pick<Update, 'id'>) => listDeliveriesOfUpdates(desk.house.store.read, [u.id]);
const brief = async (desk: Desk, u: Pick<Update, 'id'>) =>
  (await rowsOf(desk, u)).map((d) => `${d.op} ${d.part} ${d.way} ${d.state}`);

/** Says the wrong words and lets the network take them. */
async function sayWrong(desk: Desk, known = WRONG) {
  const { update, incident } = await desk.say(undefined, wordsAt(desk.house.clock.now(), known));
  await desk.rest();
  await desk.pass(5_000);
  return { update, incident };
}

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

    t.test('a retraction: changed or answered where it was read, and nothing where it was not', async (t) => {
      const desk = await open(t, database, {
        connect: [{ can: EDITS }, { can: NETWORKS.findable, name: 'Answers' }, { can: EDITS, name: 'Down' }],
      });
      desk.network(2).script.push({ failure: 'unsent' });
      const { update } = await sayWrong(desk);
      const back = await retract(desk.house, update);
      await desk.rest();
      await desk.pass(MINUTE);
      t.match(
        desk.network(0).posts.map((p) => p.text),
        [/^Retracted: This was a draft, sent by mistake\./],
      );
      t.notMatch(desk.network(0).posts[0]!.text, WRONG);
      t.match(
        desk.network(1).posts.map((p) => p.text),
        [WRONG, /^Retracted: This was a draft/],
      );
      const here = (await rowsOf(desk, back)).find((d) => d.connectionId === desk.house.connections[2]!.id);
      t.match(here, desk.network(2).posts.length === 0 ? { state: 'skipped' } : { state: 'delivered' });
      t.equal((await getUpdate(desk.house.store.read, update.id)).state, 'retracted');
    });

    t.test(
      'a removal says so in a post of its own and takes the wrong one off, read back as gone',
      async (t) => {
        const desk = await open(t, database, {
          page: { policy: { mayRemove: true } } as never,
          connect: [{ can: EDITS }, { can: { ...EDITS, remove: false }, name: 'Keeps' }],
        });
        const { update } = await sayWrong(desk);
        desk.network(0).script.push('accept', { lost: 0 });
        const back = await retract(desk.house, update, 'This could hurt people.', true);
        await desk.rest();
        await desk.pass(MINUTE);
        await desk.pass(MINUTE);
        t.match(
          desk.network(0).posts.map((p) => p.text),
          [/^Retracted: This could hurt people\./],
        );
        t.equal(desk.network(0).posts[0]!.draft.inReplyTo, undefined);
        t.match(
          desk.network(1).posts.map((p) => p.text),
          [/^Retracted: This could hurt people\./],
          'changed where it stays',
        );
        t.same((await brief(desk, back)).sort(), [
          'edit 0 edit delivered',
          'publish 0 new delivered',
          'remove 0 remove delivered',
        ]);
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
