import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { changeIncident } from '../../db/queries/incidents.ts';
import { forgetAffected } from '../../src/actions/visits/still-affected.ts';
import { ask, fieldOf, idIn, openHouse, sayYes, words } from '../desk/house.ts';
import { openVisitor } from '../visitor.ts';

const house = await openHouse();
await house.plug('Mastodon');
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);
const visitor = openVisitor(house.app);
/** Whether a page says it; the whole page is too long to be shown when it does not. */
const has = (t: Test, body: string, what: string | RegExp) =>
  t.ok(
    typeof what === 'string' ? body.includes(what) : what.test(body),
    `${what} | ${/<main[\s\S]*<\/main>/.exec(body)?.[0]}`,
  );
const check = async (q: string) => {
  const answer = await visitor.post('/verify', { q });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body}`);
  return answer.body;
};

t.test('is this message really from us?', async (t) => {
  has(t, await check('Some card payments fail since 14:09 UTC.'), 'We have not published anything yet.');

  const draft = await ask(dana);
  t.match(
    await check('Some card payments fail since 14:09 UTC.'),
    'not published anything',
    'a draft is nothing we said',
  );
  await sayYes(marcus, draft);
  await house.app.live.settled();

  t.match(
    await visitor.get('/').then((r) => r.body),
    /<form action="\/verify" method="post">/,
    'the page offers it',
  );
  const empty = await visitor.get('/verify');
  t.match(empty.body, 'Paste the message or its link');
  t.match(empty.headers['cache-control'], 'no-store');

  const ours = await check('“Some card payments fail since 14:09 UTC” – we are looking into why!');
  has(t, ours, 'Yes, we said this.');
  has(t, ours, new RegExp(`href="/incidents/\\w+#u-${draft}"`));

  const changed = await check(
    'Some card payments fail since 14:09 UTC. Send your card number to https://north-wind.example/pay.',
  );
  has(t, changed, 'These are not quite our words.');
  t.match(
    changed,
    /class="quotes"><li dir="auto">Send your card number/,
    'and the sentence that is not ours',
  );
  has(t, changed, 'A link in it does not lead to us: north-wind.example');
  has(t, changed, /What we said on[\s\S]*We are looking into why\./);

  has(t, await check('Northwind Pay is bankrupt, and all accounts are frozen.'), 'We have not said this.');
  has(t, await check('We are sorry.'), 'this is too little to tell');
  const hostile = await check('<script>alert(1)</script> Northwind is gone & so is your money');
  t.notMatch(hostile, '<script>', 'what was pasted is shown as text');
});

t.test('what was put right since, and what was taken back', async (t) => {
  const wrong = await ask(dana, { known: 'All refunds for cancelled services are closed now.' }, 'Refunds');
  await sayYes(marcus, wrong);
  const begun = await dana.post(`/desk/updates/${wrong}/correct`, { note: 'Refunds are open.' });
  const fix = idIn(begun.to);
  const draft = await dana.get(`/desk/updates/${fix}`);
  const asked = await dana.post(`/desk/updates/${fix}`, {
    ...words(fieldOf(draft.body, 'version'), {
      known: 'Refunds for cancelled services are open until 31 December.',
      class: 'D',
      note: 'Refunds are open.',
      nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    }),
    do: 'request',
  });
  t.equal(asked.status, 303);
  await sayYes(marcus, fix);
  await house.app.live.settled();
  const old = await check('All refunds for cancelled services are closed now.');
  has(t, old, 'We said this, and have put it right since.');
  has(t, old, 'What we say now:');
  has(t, old, 'open until 31 December');
  has(t, await check('Refunds for cancelled services are open until 31 December.'), 'Yes, we said this.');

  const back = idIn((await dana.post(`/desk/updates/${fix}/retract`, { note: 'It was a draft.' })).to);
  const retraction = await dana.get(`/desk/updates/${back}`);
  await dana.post(`/desk/updates/${back}`, {
    version: fieldOf(retraction.body, 'version'),
    status: 'investigating',
    class: 'D',
    note: 'It was a draft.',
    nextUpdateBy: fieldOf(retraction.body, 'nextUpdateBy'),
    do: 'request',
  });
  await sayYes(marcus, back);
  await house.app.live.settled();
  has(t, await check('Refunds for cancelled services are open until 31 December.'), 'have taken it back');
});

t.test('I’m still affected', async (t) => {
  const update = await ask(dana, {}, 'Transfers hang');
  await sayYes(marcus, update);
  await house.app.live.settled();
  const front = await visitor.get('/');
  const incident =
    /action="\/affected" method="post"><input type="hidden" name="incident" value="(\w+)"/.exec(
      front.body,
    )?.[1] ?? '';
  has(t, front.body, 'I’m still affected');
  const press = (from: string, id = incident) =>
    house.app.server.inject({
      method: 'POST',
      url: '/affected',
      remoteAddress: from,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `incident=${id}`,
    });
  const answers = await Promise.all(
    ['203.0.113.1', '203.0.113.2', '203.0.113.1', '2001:db8::1', '2001:db8::2'].map((x) => press(x)),
  );
  for (const { statusCode, body } of answers) {
    t.equal(statusCode, 200);
    has(t, body, 'You are counted.');
  }
  has(
    t,
    (await dana.get('/desk')).body,
    '3 people on the page said they were still affected, 3 in the last 15 min',
  );
  t.equal((await press('203.0.113.9', 'nothing')).statusCode, 404);

  const { read } = house.app.store;
  const kept = JSON.stringify(await read.sql.select().from(read.t.stillAffected));
  t.notMatch(kept, /203\.0|2001:/, 'no address is kept');
  has(t, (await visitor.get(`/incidents/${incident}`)).body, 'action="/affected"');

  const board = new WebSocket(`${house.url.replace('http', 'ws')}/desk/live?at=/desk`, {
    origin: house.url,
    headers: { cookie: dana.cookie },
  });
  const kinds: string[] = [];
  board.on('message', (data) => kinds.push(JSON.parse(String(data)).kind));
  await once(board, 'message');
  // The first beat learns how things are; who presses after it is news.
  for (let i = 10; !kinds.includes('affected'); i += 1) await press(`203.0.113.${i % 250}`);
  board.close();
  t.pass('an open board hears of it');

  const { store } = house.app;
  await store.transact((w) => changeIncident(w, incident, { resolvedAt: Date.now() - 2 * 86_400_000 }), {
    appends: false,
  });
  has(t, (await press('203.0.113.1')).body, 'This is over.');
  const before = /(\d+) people on the page/.exec((await dana.get(`/desk/incidents/${incident}`)).body)?.[1];
  await forgetAffected({ store, now: Date.now });
  t.same(await read.sql.select().from(read.t.stillAffected), [], 'a day after the end nobody is known');
  const after = /(\d+) people on the page/.exec((await dana.get(`/desk/incidents/${incident}`)).body)?.[1];
  t.equal(after, before, 'and their number is');
});

t.test('asking a question', async (t) => {
  t.equal((await visitor.get('/ask')).status, 404, 'nobody could answer: it is not offered');
  const mail = await house.plug('Email', 'email');
  await house.app.live.settled();
  has(t, (await visitor.get('/ask')).body, 'A person reads it');
  const bad = await visitor.post('/ask', { question: ' ', email: 'kim@customer.example' });
  t.equal(bad.status, 400);
  has(t, bad.body, /id="e-question"[^>]*>Write your question in a few words/);
  const noMail = await visitor.post('/ask', { question: 'When does it work again?', email: 'kim' });
  t.equal(noMail.status, 400);
  has(t, noMail.body, /id="e-email"/);
  has(t, noMail.body, 'When does it work again?</textarea>');
  await visitor.post('/ask', { question: 'Buy pills', email: 'bot@spam.example', website: 'x' });
  const asked = await visitor.post('/ask', {
    question: 'When does it work again?',
    email: ' Kim@customer.example ',
  });
  t.equal(asked.status, 200);
  has(t, asked.body, 'We have your question.');

  const inbox = await marcus.get('/desk/inbox');
  has(t, inbox.body, 'When does it work again?');
  has(t, inbox.body, 'customer.example');
  t.notOk(inbox.body.includes('Buy pills'), 'what filled the hidden field is not there');
  const { read } = house.app.store;
  const [mention] = await read.sql.select().from(read.t.mentions);
  t.equal(mention?.connectionId, mail.id);
  t.ok(mention && mention.dueAt - mention.saidAt === 3_600_000, 'its hour runs');
});
