import t, { type Test } from 'tap';
import { ask, buildVisitor, fieldOf, idIn, openHouse, sayYes, words } from '../desk/house.ts';

const house = await openHouse();
await house.plug('Mastodon');
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);
const visitor = buildVisitor(house.app);
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
