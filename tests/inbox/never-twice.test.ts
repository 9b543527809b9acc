import t, { type Test } from 'tap';
import { getMention, listOpenMentions, listReplies } from '../../db/queries/mentions.ts';
import { answerMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import { confirmReply, giveUpReply, resendReply } from '../../src/actions/inbox/settle-reply.ts';
import type { Abilities } from '../../src/domain/channel.ts';
import { keep } from '../../src/inbox/keep.ts';
import { DATABASES, type DatabaseKind, MINUTE, NETWORKS, openHouse } from '../house.ts';
import { type Desk, openDesk, openOutboxOn, REQUEST_MS, type Step } from '../outbox/scripted.ts';

/** An answer follows the rules of a post: once it may have left, it is never sent again unseen. */
const WORDS = 'We see it. Your money is safe.';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test('a lost answer is looked up, and not sent twice', (t) => lost(t, database));
    await t.test('one that never arrived goes out after two looks', (t) => absent(t, database));
    await t.test('a network that cannot be read: held, for a person', (t) => blind(t, database));
    await t.test('a process that dies while sending', (t) => crash(t, database));
    await t.test('a network that asks for patience gets it', (t) => limited(t, database));
  });

interface Script {
  script?: Step[];
  failpoint?(name: string): void;
}
async function open(t: Test, database: DatabaseKind, can: Abilities, more: Script = {}) {
  const { script = [], ...options } = more;
  const desk = await openDesk(t, { database, connect: [{ can }], ...options });
  desk.network().script.push(...script);
  const { store, clock, newId, connections } = desk.house;
  await store.transact((w) =>
    keep(
      w,
      connections[0]!,
      [
        {
          id: 'said-1',
          url: null,
          at: clock.now(),
          author: { id: '7', handle: '@mira' },
          text: 'Was I charged twice?',
          post: { id: 'said-1', url: null, raw: {} },
        },
      ],
      { now: clock.now(), newId },
    ),
  );
  const [mention] = await listOpenMentions(store.read, 1);
  const rosa = await desk.house.addPerson('Rosa', ['responder']);
  const ctx = desk.house.ctx(rosa);
  const reply = await answerMention(ctx, mention!.id, WORDS);
  const [row] = await listReplies(store.read, [mention!.id]);
  const place = { mentionId: mention!.id, replyId: reply.id };
  return { desk, ctx, id: row!.delivery.id, place };
}
const sent = (desk: Desk) => desk.network().calls.filter((call) => call.what === 'publish').length;
const stateOf = async (desk: Desk, mentionId: string) => {
  await settleAnswered(desk.house.system);
  return (await getMention(desk.house.store.read, mentionId)).state;
};

async function lost(t: Test, database: DatabaseKind) {
  const { desk, id, place } = await open(t, database, NETWORKS.findable, { script: [{ lost: 0 }] });
  await desk.rest();
  t.equal((await desk.delivery(id)).state, 'unknown');
  t.equal(await stateOf(desk, place.mentionId), 'assigned', 'nobody is told that they were answered');
  await desk.pass(MINUTE);
  t.equal((await desk.delivery(id)).state, 'delivered');
  t.equal(await stateOf(desk, place.mentionId), 'answered');
  await desk.pass(24 * 60 * MINUTE);
  t.equal(sent(desk), 1);
  t.match(desk.network().posts, [{ text: WORDS, draft: { inReplyTo: { id: 'said-1' } } }]);
  t.equal(desk.network().posts.length, 1);
}

async function absent(t: Test, database: DatabaseKind) {
  const { desk, id } = await open(t, database, NETWORKS.findable, { script: ['silence'] });
  await desk.rest();
  await desk.pass(5_000);
  t.equal(sent(desk), 1, 'one look is too early to believe');
  for (let i = 0; i < 10; i += 1) await desk.pass(REQUEST_MS);
  t.equal((await desk.delivery(id)).state, 'delivered');
  t.equal(sent(desk), 2);
  t.ok(desk.network().calls.filter((call) => call.what === 'find').length >= 2);
  t.equal(desk.network().posts.length, 1);
}

async function blind(t: Test, database: DatabaseKind) {
  const { desk, ctx, id, place } = await open(t, database, NETWORKS.blind, { script: [{ lost: 0 }] });
  await desk.rest();
  t.match(await desk.delivery(id), { state: 'held', reason: /a person must look/ });
  t.ok(
    desk.alerts.some((alert) => alert.kind === 'held'),
    'whoever is on call hears of it',
  );
  await desk.pass(24 * 60 * MINUTE);
  t.equal(sent(desk), 1, 'nothing is done without a person');
  await t.rejects(answerMention(ctx, place.mentionId, WORDS), { code: 'conflict' }, 'nor typed once more');
  const elsewhere = { ...place, mentionId: 'another' };
  await t.rejects(resendReply(ctx, elsewhere), { code: 'not_found' });
  const reader = desk.house.ctx(await desk.house.addPerson('Vera', ['viewer']));
  await t.rejects(confirmReply(reader, place, 'https://network.example/post-1'), { code: 'forbidden' });
  await confirmReply(ctx, place, 'https://network.example/post-1');
  t.equal(await stateOf(desk, place.mentionId), 'answered');
  await t.rejects(resendReply(ctx, place), { code: 'conflict' }, 'what is there is not sent again');
  await t.rejects(giveUpReply(ctx, place, 'x'), { code: 'conflict' });
  await desk.pass(MINUTE);
  t.equal(sent(desk), 1);
}

async function crash(t: Test, database: DatabaseKind) {
  // The network has it, and whoever sent it is gone before that is written down.
  const { desk, id, place } = await open(t, database, NETWORKS.findable, {
    failpoint(name) {
      if (name === 'after_accepted') throw new Error('died');
    },
  });
  const { house } = desk;
  await desk.rest();
  await desk.outbox.close();
  t.equal((await desk.delivery(id)).state, 'sending', 'on disk since before a byte left');
  t.equal(desk.network().posts.length, 1);
  const next = await openHouse({ database, at: house.place, clock: house.clock });
  const outbox = openOutboxOn(next, next.store, next.boot, desk.networks, { alerts: [], reports: [] });
  house.clock.advance(10 * MINUTE);
  await outbox.idle();
  house.clock.advance(10 * MINUTE);
  await outbox.idle();
  await outbox.close();
  await next.close();
  t.equal((await desk.delivery(id)).state, 'delivered');
  t.equal(await stateOf(desk, place.mentionId), 'answered');
  t.equal(sent(desk), 1);
  t.equal(desk.network().posts.length, 1);
}

async function limited(t: Test, database: DatabaseKind) {
  const wait = { failure: 'limited', retryAfterMs: 4 * MINUTE } as const;
  const { desk, id } = await open(t, database, NETWORKS.findable, { script: [wait] });
  await desk.rest();
  await desk.pass(3 * MINUTE);
  t.equal(sent(desk), 1, 'not before it may');
  await desk.pass(2 * MINUTE);
  t.equal((await desk.delivery(id)).state, 'delivered');
  t.equal(desk.network().posts.length, 1);
}
