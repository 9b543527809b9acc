import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listAudit } from '../../db/queries/log.ts';
import { getMention, listAskedReplies, listReplies } from '../../db/queries/mentions.ts';
import { changePage } from '../../db/queries/pages.ts';
import { answerMention, dismissMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { addFact } from '../../src/actions/facts/add-fact.ts';
import { answerTogether, prepareTogether, seenHash } from '../../src/actions/inbox/answer-together.ts';
import { draftAnswers } from '../../src/actions/inbox/drafts.ts';
import { judgeReply } from '../../src/actions/inbox/judge-reply.ts';
import { linkMention } from '../../src/actions/inbox/link-mention.ts';
import { remindMentions } from '../../src/actions/inbox/remind-mentions.ts';
import { incidentRecord } from '../../src/actions/incident-record.ts';
import { clearMap, saveMap } from '../../src/actions/message-maps.ts';
import { previewWords } from '../../src/actions/request-approval.ts';
import { measureAnswers } from '../../src/domain/answered.ts';
import { cluster } from '../../src/domain/cluster.ts';
import { DATABASES, type DatabaseKind, type House, MINUTE, NETWORKS } from '../house.ts';
import { type Desk, openDesk } from '../outbox/scripted.ts';
import { said } from './said.ts';

const hear = ({ store, connections, clock }: House, text: string, agoMs = 0): Promise<string> =>
  said(store, connections[0]!, text, clock.now(), clock.now() - agoMs);
const open = (t: Test, database: DatabaseKind): Promise<Desk> =>
  openDesk(t, { database, connect: [{ can: NETWORKS.findable }] });
const responder = async ({ house }: Desk) => house.ctx(await house.addPerson('Rosa', ['responder']));

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test('50 minutes: whoever is on call is told, of each person once', (t) => alerted(t, database));
    await t.test('an answer is no news', (t) => noNews(t, database));
    await t.test('what weighs like class C is read by two', (t) => second(t, database));
    await t.test('one answer for many, each on its own, never twice', (t) => together(t, database));
    await t.test('answers to start from, what a message is about, and the numbers after', (t) =>
      about(t, database),
    );
  });

async function alerted(t: Test, database: DatabaseKind) {
  const { house } = await open(t, database);
  const { store, clock, page, system } = house;
  const alerts = async () => (await listAlerts(store.read, page.id, 50)).filter((a) => a.kind === 'mention');
  await hear(house, 'Is it down?');
  const thanks = await hear(house, 'Thanks!');
  clock.advance(50 * MINUTE - 1);
  t.equal(await remindMentions(system), 0);
  await dismissMention(await responder({ house } as Desk), thanks, 'thanks');
  clock.advance(1);
  const both = await Promise.all([remindMentions(system), remindMentions(system)]);
  t.equal(both[0]! + both[1]!, 1, 'two nodes, one alert');
  t.match(await alerts(), [{ message: /@person\d+ has waited 50 minutes/, personId: null }]);
  clock.advance(MINUTE);
  for (let i = 0; i < 3; i += 1) await hear(house, 'And now?', 50 * MINUTE);
  t.equal(await remindMentions(system), 0, 'soon, and all in one');
  clock.advance(4 * MINUTE);
  t.equal(await remindMentions(system), 3);
  t.match((await alerts())[0], { message: /^3 people have waited/ });
  clock.advance(24 * 60 * MINUTE);
  t.equal(await remindMentions(system), 0, 'once');
  t.equal((await alerts()).length, 2);
}

async function noNews(t: Test, database: DatabaseKind) {
  const desk = await open(t, database);
  const { house } = desk;
  const rosa = await responder(desk);
  const calm = await hear(house, 'When do you open?');
  await answerMention(rosa, calm, 'We open at 09:30 on Monday.');
  const { incident } = await desk.say(undefined, {
    blocks: { known: 'Card payments fail for 1 in 12 customers since 14:09 UTC.' },
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
  });
  await addFact(house.ctx(house.author), incident.id, { key: 'Shops', value: '340' });
  const asked = await hear(house, 'My order 77125 failed. Is it down?');
  const refused = (words: string, match: { code: string; field?: string; message?: RegExp }) =>
    t.rejects(answerMention(rosa, asked, words), match, words);
  await refused('It hits 5,000 shops. Please wait.', { code: 'invalid', field: 'text', message: /5,000/ });
  await refused('340 shops cannot pay. Please wait.', { code: 'invalid', message: /unconfirmed/ });
  await refused('See https://evil.example/now please.', { code: 'invalid', message: /leads away/ });
  await refused('It was probably caused by a cable. Please wait.', { code: 'conflict', field: 'sure' });
  t.equal((await listReplies(house.store.read, [asked])).length, 0);
  await answerMention(rosa, asked, 'Order 77125: 1 in 12 payments fail since 14:09. Please try again.');
  await answerMention(rosa, asked, 'It is probably a cable. Please wait.', { sure: true });
  const [audit] = (await listAudit(house.store.read, 0, 1_000)).filter((a) => a.detail.includes('warnings'));
  t.match(audit, { action: 'mention.answer', actorId: rosa.actor.id, detail: /L4: probably/ });
  const policy = { ...house.page.policy, answers: { figures: 'warn', guesses: 'block' } as const };
  await house.store.transact((w) => changePage(w, house.page.id, { policy }));
  await refused('It was most likely caused by us. Please wait.', { code: 'invalid' });
  await refused('About 5,000 shops. Please wait.', { code: 'conflict', field: 'sure' });
}

async function second(t: Test, database: DatabaseKind) {
  const desk = await open(t, database);
  const { house } = desk;
  const rosa = await responder(desk);
  const asked = await hear(house, 'I want my money back');
  const words = 'It was our fault, and you get a refund today.';
  const reply = await answerMention(rosa, asked, words);
  await desk.rest();
  t.equal(desk.network().calls.length, 0, 'nothing leaves before the yes');
  t.equal((await getMention(house.store.read, asked)).state, 'assigned');
  await t.rejects(answerMention(rosa, asked, words), { code: 'conflict' }, 'asked once');
  const place = { mentionId: asked, replyId: reply.id };
  await t.rejects(judgeReply(rosa, place, 'yes', ''), { code: 'forbidden' });
  const bea = house.ctx(house.approver);
  await t.rejects(judgeReply(bea, { ...place, mentionId: 'other' }, 'yes', ''), { code: 'not_found' });
  await t.rejects(judgeReply(bea, place, 'no', ' '), { code: 'invalid', field: 'note' });
  const both = await Promise.allSettled([
    judgeReply(bea, place, 'yes', ''),
    judgeReply(house.ctx(house.second), place, 'yes', ''),
  ]);
  t.equal(both.filter((x) => x.status === 'fulfilled').length, 1, 'one yes, one answer');
  await desk.pass(MINUTE);
  t.same(
    desk.network().posts.map((post) => post.text),
    [words],
  );
  await settleAnswered(house.system);
  t.equal((await getMention(house.store.read, asked)).state, 'answered');

  const own = await answerMention(bea, await hear(house, 'Refund?'), 'We refund every double charge.');
  const mine = { mentionId: own.mentionId, replyId: own.id };
  await t.rejects(judgeReply(bea, mine, 'yes', ''), { code: 'forbidden' }, 'not one’s own');
  await judgeReply(house.ctx(house.second), mine, 'no', 'Say by when.');
  t.match(await listAskedReplies(house.store.read, [own.mentionId]), [
    { verdict: 'no', note: 'Say by when.' },
  ]);
  await desk.pass(MINUTE);
  t.equal(desk.network().posts.length, 1);

  const map = await saveMap(house.ctx(house.author), {
    pageId: house.page.id,
    incidentId: null,
    question: 'Do I get it back?',
    messages: [{ text: 'We refund every double charge.', supports: [] }],
  });
  await clearMap(bea, map.id, map.version);
  const cleared = await answerMention(rosa, await hear(house, 'Refund?'), 'We refund every double charge.');
  t.equal(cleared.askedAt, null, 'words that were cleared need no other yes');
}

async function together(t: Test, database: DatabaseKind) {
  const desk = await open(t, database);
  const { house } = desk;
  const { store, page } = house;
  const rosa = await responder(desk);
  const ids: string[] = [];
  for (let i = 0; i < 12; i += 1) ids.push(await hear(house, `Card payments fail for me (${i}), why?`));
  const text = 'We see it and work on it. Please try again later.';
  const each = await prepareTogether(store.read, page.id, ids, text);
  const press = { mentionIds: ids, text, seen: seenHash(each, text), batchId: 'batch-0001' };
  await t.rejects(answerTogether(rosa, page.id, { ...press, text: `${text} Soon.` }), {
    code: 'conflict',
    field: 'seen',
  });
  await t.rejects(answerTogether(rosa, page.id, { ...press, mentionIds: ids.slice(1) }), {
    code: 'conflict',
    field: 'seen',
  });
  await t.rejects(answerTogether(rosa, 'other-page', press), { code: 'not_found' });
  const reader = house.ctx(await house.addPerson('Vera', ['viewer']));
  await t.rejects(answerTogether(reader, page.id, press), { code: 'forbidden' });
  t.equal((await listReplies(store.read, ids)).length, 0, 'all or none');
  desk.network().script.push('accept', { failure: 'limited', retryAfterMs: 2 * MINUTE }, { lost: 0 });
  const pressed = await Promise.allSettled([
    answerTogether(rosa, page.id, press),
    answerTogether(rosa, page.id, press),
  ]);
  t.equal(pressed.filter((x) => x.status === 'fulfilled').length, 1, 'pressed twice, sent once');
  await desk.rest();
  t.ok(desk.network().posts.length < 12, 'the network asked for patience');
  for (let i = 0; i < 12; i += 1) await desk.pass(MINUTE);
  const replies = await listReplies(store.read, ids);
  t.equal(new Set(replies.map((x) => x.delivery.id)).size, 12, 'a delivery each');
  t.ok(replies.every((x) => x.delivery.state === 'delivered' && x.reply.batchId === 'batch-0001'));
  const parents = desk.network().posts.map((post) => post.draft.inReplyTo?.id);
  t.equal(parents.length, 12);
  t.equal(new Set(parents).size, 12, 'each where they asked, and nobody twice');
  t.equal(desk.network().most, 1, 'one after the other');
  await t.rejects(answerTogether(rosa, page.id, press), { code: 'conflict' }, 'nor later');
}

async function about(t: Test, database: DatabaseKind) {
  const desk = await open(t, database);
  const { house } = desk;
  const { store, clock } = house;
  const rosa = await responder(desk);
  const { incident } = await desk.say(undefined, {
    blocks: { known: 'Card payments fail.', action: 'Pay by bank transfer.' },
    nextUpdateBy: clock.now() + 20 * MINUTE,
  });
  const other = await house.openIncident('Search is slow');
  const id = await hear(house, 'Is it down?', 5 * MINUTE);
  await linkMention(rosa, id, incident.id);
  await t.rejects(linkMention(rosa, id, 'nothing'), { code: 'not_found' });
  const mention = await getMention(store.read, id);
  t.equal(mention.incidentId, incident.id);
  const [draft] = await draftAnswers(store.read, mention, clock.now());
  t.match(draft?.text, /^Card payments fail\. Pay by bank transfer\. Next update by \d\d:\d\d UTC\./);
  t.match(draft?.text, `https://status.company.example/incidents/${incident.id}`);
  await desk.say(incident, {
    blocks: { known: 'Card payments work for most of you again.' },
    nextUpdateBy: clock.now() + 20 * MINUTE,
  });
  const [newer] = await draftAnswers(store.read, mention, clock.now());
  t.match(newer?.text, /^Card payments work for most/, 'the newest words, whenever it is asked for');

  const end = await draftUpdate(house.ctx(house.author), incident.id, {
    status: 'resolved',
    blocks: { known: 'It works.' },
  });
  const warned = async () =>
    (await previewWords(store.read, end, clock.now())).findings.find((f) => f.id === 'L25')?.message;
  t.match(await warned(), /^One person still waits/);
  await hear(house, 'And me?');
  t.match(await warned(), /^2 people still wait/);
  await linkMention(rosa, await hear(house, 'Search?'), other.id);
  t.match(await warned(), /^2 people/, 'not who asks about something else');

  const [last] = await draftAnswers(store.read, mention, clock.now());
  await answerMention(rosa, id, last?.text ?? '');
  await desk.pass(MINUTE);
  await settleAnswered(house.system);
  const { answers } = await incidentRecord(store.read, incident.id, clock.now());
  t.match(answers, { n: 1, withinHour: 1, percent: 100, waiting: 0 });
  const { saidAt, settledAt } = await getMention(store.read, id);
  t.equal(answers.medianMs, (settledAt ?? 0) - saidAt);
}

t.test('who asks alike', async (t) => {
  const texts = [
    '@northwind are card payments down?',
    'card payments not working for me!!',
    'Why do my card payments fail? https://x.example/1',
    'Card payment declined, is it down',
    'Where is my parcel',
    'thanks',
    'Love the new colours of the app',
  ];
  const found = cluster(texts.map((text, i) => ({ id: `m${i}`, authorId: `a${i}`, text })));
  t.match(found, [{ ids: ['m0', 'm1', 'm2', 'm3'] }]);
  t.equal(found[0]?.about, 'card payments');
  t.same(
    cluster(texts.slice(0, 4).map((text, i) => ({ id: `m${i}`, authorId: 'one', text }))),
    [],
    'one person who asks four times is no crowd',
  );
  t.same(cluster([]), []);
});

t.test('answered within the hour', async (t) => {
  const one = (state: 'new' | 'answered' | 'no_reply_needed', settledMin: number | null) => ({
    state,
    saidAt: 0,
    dueAt: 60 * MINUTE,
    settledAt: settledMin === null ? null : settledMin * MINUTE,
  });
  const list = [
    one('answered', 10),
    one('answered', 30),
    one('answered', 61),
    one('no_reply_needed', 2),
    one('new', null),
  ];
  t.match(measureAnswers(list, 59 * MINUTE), {
    n: 3,
    withinHour: 2,
    percent: 67,
    medianMs: 30 * MINUTE,
    waiting: 1,
  });
  t.match(
    measureAnswers(list, 60 * MINUTE),
    { n: 4, withinHour: 2, percent: 50 },
    'who is due and waits counts',
  );
  t.match(measureAnswers([], 0), { n: 0, percent: null, medianMs: null });
});
