import t from 'tap';
import { changeConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery } from '../../db/queries/deliveries.ts';
import { listAudit } from '../../db/queries/log.ts';
import { getMention, listReplies } from '../../db/queries/mentions.ts';
import { getPage } from '../../db/queries/pages.ts';
import { changePerson, type Person } from '../../db/queries/people.ts';
import { answerMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { issueToken } from '../../src/actions/people.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import type { Role } from '../../src/domain/words.ts';
import { newSecret } from '../../src/ids.ts';
import { deliveryState } from '../../src/server/desk/words.ts';
import { openHouse } from '../desk/house.ts';
import { said } from './said.ts';

/** Accounts stand still in here, so that the test decides what became of an answer. */
const house = await openHouse();
t.teardown(() => house.close());
const { app, page } = house;
const system = app.ctx({ kind: 'system', id: 'test', roles: [] });
const shop = await setUpPage(system, { name: 'Northwind Shop', url: house.url, slug: 'shop' });
const here = await house.plug('Town Square');
const there = await house.plug('Market Square');
const rosa = await house.add('Rosa Diaz', ['responder']);
const desk = await house.enter(rosa);

const hear = (text: string, on: Parameters<typeof said>[1] = here) =>
  said(app.store, on, text, Date.now(), Date.now() - 60_000);
async function answerOf(mentionId: string) {
  const [one] = await listReplies(app.store.read, [mentionId]);
  return one!;
}
/** As the outbox leaves it. */
async function becomes(delivery: Delivery, state: 'held' | 'refused' | 'dead', reason: string) {
  await app.store.transact((w) =>
    changeDelivery(w, delivery, { state, reason, heldAt: state === 'held' ? Date.now() : null }),
  );
}
async function roleOn(person: Person, pageRoles: Record<string, Role[]>) {
  await app.store.transact((w) => changePerson(w, person.id, { pageRoles }));
}

for (const state of ['held', 'refused', 'dead'] as const)
  t.test(`an answer that is ${state} has the three honest ways out, each on record`, async (t) => {
    const ask = async (text: string) => {
      const mentionId = await hear(text);
      await desk.post(`/desk/inbox/${mentionId}/answer`, { text: 'We look into it.' });
      const { reply, delivery } = await answerOf(mentionId);
      await becomes(delivery, state, 'The network was silent.');
      return { mentionId, delivery, at: `/desk/inbox/${mentionId}/replies/${reply.id}` };
    };
    const found = await ask(`${state} and there`);
    const { body } = await desk.get('/desk/inbox');
    t.match(body, `${found.at}/confirm`);
    t.match(body, `${found.at}/resend`);
    t.match(body, `${found.at}/give-up`);
    t.match(body, 'The network was silent.');
    t.match(body, deliveryState({ state, attempts: 1 }).word, 'in the words of the deliveries screen');

    const bad = await desk.post(`${found.at}/confirm`, { url: 'not an address' });
    t.equal(bad.status, 400);
    t.match(bad.body, 'Paste the full address');
    t.match(bad.body, 'value="not an address"', 'what was typed is still there');
    const there = 'https://social.example/@northwind/99';
    t.equal((await desk.post(`${found.at}/confirm`, { url: there })).status, 303);
    await settleAnswered(system);
    t.match(await getMention(app.store.read, found.mentionId), { state: 'answered', settledBy: rosa.id });
    t.match((await desk.get('/desk/inbox')).body, `href="${there}"`);

    const lost = await ask(`${state} and not there`);
    t.equal((await desk.post(`${lost.at}/resend`, {})).status, 303);
    t.match((await answerOf(lost.mentionId)).delivery, { state: 'pending', attempts: 0 });
    t.equal((await desk.post(`${lost.at}/resend`, {})).status, 409, 'once');

    const vain = await ask(`${state} and pointless`);
    t.equal((await desk.post(`${vain.at}/give-up`, { reason: ' ' })).status, 400);
    t.equal((await desk.post(`${vain.at}/give-up`, { reason: 'They found it' })).status, 303);
    t.match((await answerOf(vain.mentionId)).delivery, { state: 'cancelled', reason: 'They found it' });
    t.equal((await getMention(app.store.read, vain.mentionId)).state, 'assigned', 'they still wait');

    const acts = (await listAudit(app.store.read, 0, 1_000)).filter((a) => a.actorId === rosa.id);
    for (const [action, { delivery }] of [
      ['delivery.confirmed', found],
      ['delivery.resend', lost],
      ['delivery.given_up', vain],
    ] as const)
      t.ok(
        acts.some((a) => a.action === action && a.subjectId === delivery.id),
        `${action} is on record`,
      );
  });

t.test('roles of single pages: what was said elsewhere is not there', async (t) => {
  const mine = await hear('Is the app down?');
  await app.store.transact((w) => changeConnection(w, there.id, { pageId: shop.id }));
  const theirs = await hear('Where is my parcel?', { id: there.id, pageId: shop.id });
  const kim = await house.add('Kim Oduya', ['responder']);
  await answerMention(system, theirs, 'It is on its way.');
  const { reply } = await answerOf(theirs);
  const secret = newSecret();
  await issueToken(system, {
    kind: 'api',
    personId: kim.id,
    name: 'P',
    secret,
    scopes: ['read', 'draft'],
  });
  const program = (method: 'GET' | 'POST', path: string, payload?: object) =>
    app.server.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${secret}` },
      ...(payload ? { payload } : {}),
    });

  await roleOn(kim, { [shop.id]: [] });
  const visitor = await house.enter(kim);
  const { body } = await visitor.get('/desk/inbox');
  t.match(body, 'Is the app down?');
  t.notMatch(body, 'parcel');
  const own = (await program('GET', '/mentions')).json() as { id: string }[];
  t.ok(own.some((m) => m.id === mine));
  t.notOk(own.some((m) => m.id === theirs));
  t.equal((await program('GET', `/mentions?pageId=${shop.id}`)).statusCode, 404);
  const nowhere = (await program('GET', '/mentions/nothing')).body;
  for (const [method, path, payload] of [
    ['GET', `/mentions/${theirs}`],
    ['POST', `/mentions/${theirs}/answer`, { text: 'Hi' }],
    ['POST', `/mentions/${theirs}/dismiss`, { reason: 'x' }],
    ['POST', `/mentions/${theirs}/replies/${reply.id}/confirm`, { url: 'https://x.example/1' }],
    ['POST', `/mentions/${theirs}/replies/${reply.id}/resend`],
    ['POST', `/mentions/${theirs}/replies/${reply.id}/give-up`, { reason: 'x' }],
    // An answer of another page under a message of one's own.
    ['POST', `/mentions/${mine}/replies/${reply.id}/give-up`, { reason: 'x' }],
  ] as const) {
    const got = await program(method, path, payload);
    t.equal(got.statusCode, 404, `${method} ${path}`);
    if (!path.includes(mine)) t.equal(got.body, nowhere, 'as if it had never been');
  }
  for (const [path, form] of [
    [`${theirs}/answer`, { text: 'Hi' }],
    [`${theirs}/dismiss`, { reason: 'x' }],
    [`${theirs}/replies/${reply.id}/resend`, {}],
    [`${mine}/replies/${reply.id}/resend`, {}],
  ] as const)
    t.equal((await visitor.post(`/desk/inbox/${path}`, form)).status, 404, path);
  t.equal((await answerOf(theirs)).delivery.state, 'pending');

  await roleOn(kim, { [shop.id]: ['viewer'] });
  const reader = await house.enter(kim);
  const seen = (await reader.get('/desk/inbox')).body;
  t.match(seen, 'Where is my parcel?');
  t.match(seen, `/desk/inbox/${mine}/answer`);
  t.notMatch(seen, `/desk/inbox/${theirs}/answer`, 'to be read, and no more');
  t.equal((await program('GET', `/mentions/${theirs}`)).statusCode, 200);
  t.equal((await program('POST', `/mentions/${theirs}/answer`, { text: 'Hi' })).statusCode, 403);
  t.equal((await reader.post(`/desk/inbox/${theirs}/answer`, { text: 'Hi' })).status, 403);
  t.equal((await reader.post(`/desk/inbox/${mine}/answer`, { text: 'Try again now.' })).status, 303);

  await roleOn(kim, { [shop.id]: ['responder'], [page.id]: ['viewer'] });
  const done = await program('POST', `/mentions/${theirs}/answer`, { text: 'It comes today.' });
  t.equal(done.statusCode, 201);
  const answered = done.json() as { post?: unknown; replies: { text: string; state: string }[] };
  t.match(answered.replies.at(-1), { text: 'It comes today.', state: 'pending' });
  t.equal(answered.post, undefined, 'what only the outbox needs stays inside');
  t.equal((await program('POST', `/mentions/${mine}/answer`, { text: 'Hi' })).statusCode, 403);
  const api = (await program('GET', '/openapi.json')).json() as { paths: Record<string, unknown> };
  t.ok(Object.keys(api.paths).includes('/api/v1/mentions/{id}/answer'), 'it is in the document');
});

t.test(
  'from the inbox: many answered together, a second person, what it is about, and who waits too long',
  async (t) => {
    await app.store.transact((w) => changeConnection(w, there.id, { pageId: page.id }));
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push(await hear(`The transfer to my bank is stuck, number ${i}`));
    const { body } = await desk.get('/desk/inbox');
    t.match(body, /<b>5 people ask about [^<]*(bank|stuck|transfer)/);
    const at = /\/desk\/inbox\/\w+\/together/.exec(body)?.[0] ?? '';
    const first = await desk.get(at);
    t.equal(first.status, 200);
    for (const id of ids) t.match(first.body, `value="${id}" checked`);
    t.notMatch(first.body, 'value="send"', 'nothing is sent unseen');
    const words = 'We see it and work on it. Please wait, no money is lost.';
    const four = ids.slice(0, 4);
    const review = await desk.post(at, { step: 'review', text: words, mention: four });
    t.match(review.body, 'Send it to 4 people');
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(review.body)?.[1] ?? '';
    const press = { step: 'send', text: words, mention: four, seen: field('seen'), batch: field('batch') };
    const changed = await desk.post(at, { ...press, text: `${words} Really.` });
    t.equal(changed.status, 409);
    t.match(changed.body, 'changed since you looked');
    t.equal((await desk.post(at, press)).status, 303);
    t.equal((await desk.post(at, press)).status, 409, 'pressed twice');
    const sent = await listReplies(app.store.read, ids);
    t.equal(sent.length, 4);
    t.equal(new Set(sent.map((x) => x.delivery.recipient)).size, 4, 'to each their own');
    t.notOk(sent.some((x) => x.reply.mentionId === ids[4]));

    const elsewhere = await hear('Elsewhere', { id: there.id, pageId: shop.id });
    const sly = await desk.post(at, { ...press, step: 'review', mention: [...four, elsewhere] });
    t.equal(sly.status, 404, 'nobody of another page in the same breath');

    const grave = ids[4]!;
    t.equal(
      (await desk.post(`/desk/inbox/${grave}/answer`, { text: 'You get a refund today.' })).status,
      303,
    );
    const mine = (await desk.get('/desk/inbox')).body;
    t.match(mine, 'Waits for a second person');
    t.notMatch(mine, 'Yes, send it', 'not by who wrote it');
    const marcus = await house.enter(house.marcus);
    const judge =
      /\/desk\/inbox\/\w+\/replies\/\w+\/judge/.exec((await marcus.get('/desk/inbox')).body)?.[0] ?? '';
    t.equal((await desk.post(judge, { verdict: 'yes', note: '' })).status, 403);
    t.equal((await marcus.post(judge, { verdict: 'no', note: '' })).status, 400);
    t.equal((await marcus.post(judge, { verdict: 'yes', note: '' })).status, 303);
    t.equal((await answerOf(grave)).delivery.state, 'pending');

    const guess = await desk.post(`/desk/inbox/${grave}/answer`, {
      text: 'It was probably caused by rain. Please wait.',
    });
    t.equal(guess.status, 409);
    t.match(guess.body, 'Send it all the same');
    t.match(guess.body, 'probably caused by rain');
    const sure = { text: 'It was probably caused by rain. Please wait.', sure: 'yes' };
    t.equal((await desk.post(`/desk/inbox/${grave}/answer`, sure)).status, 303);

    // An admin lets nobody guess, and new figures pass after a warning.
    const policy = { proof: 'C', alone: 'A', noGuesses: 'yes', mayNews: 'yes' };
    t.equal((await desk.post(`/desk/pages/${page.id}/policy`, policy)).status, 403);
    t.equal((await marcus.post(`/desk/pages/${page.id}/policy`, policy)).status, 303);
    t.same((await getPage(app.store.read, page.id)).policy.answers, {
      figures: 'warn',
      guesses: 'block',
      firstFive: false,
      second: false,
    });
    const again = { text: 'It was probably caused by snow. Please wait.', sure: 'yes' };
    t.equal((await desk.post(`/desk/inbox/${grave}/answer`, again)).status, 400);

    const dana = app.ctx({ kind: 'person', id: house.dana.id, roles: ['author'] });
    const incident = await openIncident(dana, {
      pageId: page.id,
      title: 'Transfers are stuck',
      objective: 'x',
    });
    t.equal((await desk.post(`/desk/inbox/${grave}/link`, { incident: incident.id })).status, 303);
    t.match((await desk.get('/desk/inbox')).body, `about <a href="/desk/incidents/${incident.id}">`);

    t.notMatch((await desk.get('/desk')).body, 'for more than an hour');
    await app.store.transact(async (w) => {
      await w.sql.update(w.t.mentions).set({ dueAt: Date.now() - 1_000 });
    });
    t.match((await desk.get('/desk')).body, /people wait for an answer for more than an hour/);
    t.match((await desk.get('/desk/inbox')).body, /\d+ % answered within the hour/);
    t.match((await desk.get(`/desk/incidents/${incident.id}/report`)).body, 'Answered within the hour');
  },
);
