import t from 'tap';
import { listDeliveriesInState } from '../../db/queries/deliveries.ts';
import { listEventsAfter } from '../../db/queries/log.ts';
import {
  findHearing,
  getMention,
  listDueHearings,
  listOpenMentions,
  listReplies,
  recordHearing,
} from '../../db/queries/mentions.ts';
import { answerMention, dismissMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import type { Inbound } from '../../src/domain/channel.ts';
import { dueAt, waiting } from '../../src/domain/mention.ts';
import { keep } from '../../src/inbox/keep.ts';
import { replyOf } from '../../src/outbox/reply.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database });
    const { store, clock } = house;
    const [connection] = house.connections;
    const rosa = await house.addPerson('Rosa', ['responder']);
    const said = (id: string, more: Partial<Inbound> = {}): Inbound => ({
      id,
      url: `https://social.example/${id}`,
      at: clock.now() - 10 * MINUTE,
      author: { id: '7', handle: '@mira', name: 'Mira' },
      text: 'Is it down?',
      post: { id, url: null, raw: { cid: 'bafy' } },
      ...more,
    });
    const take = (items: Inbound[]) =>
      store.transact((w) => keep(w, connection!, items, { now: clock.now(), newId: house.newId }));
    const open = () => listOpenMentions(store.read, 100);

    t.equal(await take([said('a'), said('b'), said('a')]), 2, 'each once, in one call');
    const both = await Promise.all([take([said('b'), said('c')]), take([said('c')])]);
    t.equal(both[0]! + both[1]!, 1, 'and in calls that come together');
    t.same((await open()).map((m) => m.remoteId).toSorted(), ['a', 'b', 'c']);
    const kinds = (await listEventsAfter(store.read, 0, 100)).filter((e) => e.kind === 'mention.received');
    t.equal(kinds.length, 3);
    t.notOk(
      kinds.some((e) => e.public),
      'the public hears nothing of it',
    );

    const [mention] = await open();
    t.equal(mention?.dueAt, (mention?.saidAt ?? 0) + 60 * MINUTE);
    await take([said('ahead', { at: clock.now() + 5 * 60 * MINUTE }), said('undated', { at: 0 })]);
    for (const m of (await open()).filter((m) => ['ahead', 'undated'].includes(m.remoteId)))
      t.equal(m.dueAt, clock.now() + 60 * MINUTE, 'no clock of others gives more time');

    // PostgreSQL keeps no NUL, and one message must not keep out all that were said with it.
    const odd = { text: 'a\0b \ud800', author: { id: '9', handle: '@\0', name: 'N\0' } };
    const bad = said('odd', { ...odd, post: { id: 'odd', url: null, raw: { note: ['\0'] } } });
    t.equal(
      await take([bad, said('even')]),
      2,
      'what cannot be kept as it is, is kept without what cannot be',
    );
    t.match(
      (await open()).find((m) => m.remoteId === 'odd'),
      {
        text: 'a\ufffdb \ufffd',
        authorHandle: '@\ufffd',
        authorName: 'N\ufffd',
        post: { raw: { note: ['\ufffd'] } },
      },
    );

    const reply = await answerMention(house.ctx(rosa), mention!.id, ' We see it. ');
    const [{ delivery } = { delivery: undefined }] = await listReplies(store.read, [mention!.id]);
    t.match(delivery, { state: 'pending', connectionId: connection!.id, recipient: '7', part: 0 });
    t.match(await replyOf(store.read, delivery!), {
      draft: { text: 'We see it.', inReplyTo: { id: mention!.remoteId, raw: { cid: 'bafy' } } },
      key: { id: delivery!.id, at: reply.createdAt },
    });
    t.match(await getMention(store.read, mention!.id), { state: 'assigned', assignedTo: rosa.id });
    t.same(await listDeliveriesInState(store.read, ['pending']), [], 'it is no post of the page');
    await settleAnswered(house.system);
    t.equal((await getMention(store.read, mention!.id)).state, 'assigned', 'not before it is there');
    await store.transact(async (w) => {
      await w.sql.update(w.t.deliveries).set({ state: 'delivered', doneAt: clock.now() });
    });
    await settleAnswered(house.system);
    t.match(await getMention(store.read, mention!.id), { state: 'answered', settledBy: rosa.id });

    const next = (await open())[0]!;
    const twice = await Promise.allSettled([
      answerMention(house.ctx(rosa), next.id, 'Same words'),
      answerMention(house.ctx(house.author), next.id, 'Same words'),
    ]);
    t.equal(twice.filter((one) => one.status === 'fulfilled').length, 1, 'two people, one answer');
    await t.rejects(dismissMention(house.ctx(rosa), next.id, ''), { code: 'invalid', field: 'reason' });
    const viewer = await house.addPerson('Vera', ['viewer']);
    await t.rejects(answerMention(house.ctx(viewer), next.id, 'Hi'), { code: 'forbidden' });

    const due = () => listDueHearings(store.read, clock.now(), 60 * MINUTE);
    t.equal((await due()).length, 1, 'never listened to');
    const row = { connectionId: connection!.id, cursor: 'x', heardAt: clock.now(), failure: null };
    const record = (nextAt: number) => store.transact((w) => recordHearing(w, { ...row, nextAt }));
    await record(clock.now() + MINUTE);
    t.equal((await due()).length, 0);
    await record(clock.now() + 600 * MINUTE);
    t.equal((await due()).length, 1, 'a clock that jumped back makes nobody deaf');
    t.equal((await findHearing(store.read, connection!.id))?.cursor, 'x');
  });

t.test('an hour is an hour', async (t) => {
  t.equal(dueAt(1_000, 5_000), 1_000 + 60 * MINUTE);
  const due = 60 * MINUTE;
  t.equal(waiting(due, 44 * MINUTE + 59_000), 'fresh');
  t.equal(waiting(due, 45 * MINUTE), 'soon');
  t.equal(waiting(due, 60 * MINUTE - 1), 'soon');
  t.equal(waiting(due, 60 * MINUTE), 'overdue');
});
