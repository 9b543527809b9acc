import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { getPerson } from '../../db/queries/people.ts';
import { setUpFirst } from '../../src/cli/first-run.ts';
import type { Visitor } from '../visitor.ts';
import { buildVisitor, ORIGIN, openHouse, PASSWORD } from './house.ts';

const MINUTE = 60_000;
const house = await openHouse();
const { app, clock } = house;
const ada = await house.addWithPassword('Ada Admin', ['admin']);

const sign = (visitor: Visitor, email: string, password = PASSWORD) =>
  visitor.post('/desk/sign-in', { email, password });
const isIn = async (visitor: Visitor) => (await visitor.get('/desk')).status === 200;

t.test('sessions', async (t) => {
  const kim = await house.addWithPassword('Kim', ['author']);
  const email = 'kim@northwind.example';

  const victim = buildVisitor(app);
  victim.cookies.set('tocsin', 'A'.repeat(43));
  await sign(victim, email);
  t.not(victim.session(), 'A'.repeat(43), 'a session brought by an attacker is not taken');
  const attacker = buildVisitor(app);
  attacker.cookies.set('tocsin', 'A'.repeat(43));
  t.notOk(await isIn(attacker));

  const old = victim.session();
  await sign(victim, email);
  const keeper = buildVisitor(app);
  keeper.cookies.set('tocsin', old);
  t.notOk(await isIn(keeper), 'signing in again ends the session before');

  clock.advance(59 * MINUTE);
  t.ok(await isIn(victim));
  clock.advance(61 * MINUTE);
  t.notOk(await isIn(victim), 'an hour without work ends it');

  await sign(victim, email);
  for (let i = 0; i < 15; i += 1) {
    clock.advance(50 * MINUTE);
    if (i < 13) t.ok(await isIn(victim), `${((i + 1) * 50) / 60} hours`);
  }
  t.notOk(await isIn(victim), 'and twelve hours do in any case');

  await sign(victim, email);
  clock.advance(20 * MINUTE);
  t.match(
    await victim.post('/desk/me/password', { current: PASSWORD, password: 'another fine long password' }),
    { status: 403 },
    'a seat left alone changes no password',
  );

  const [here, there] = [buildVisitor(app), buildVisitor(app)];
  await sign(here, email);
  await sign(there, email);
  t.match(
    await here.post('/desk/me/password', {
      current: 'wrong wrong wrong',
      password: 'another fine long password',
    }),
    { status: 400, body: /id="e-current"/ },
  );
  t.equal(
    (await here.post('/desk/me/password', { current: PASSWORD, password: 'another fine long password' }))
      .status,
    303,
  );
  t.ok(await isIn(here));
  t.notOk(await isIn(there), 'a new password ends every other session');
  t.equal((await sign(buildVisitor(app), email)).status, 401);

  const admin = await house.enter(ada);
  await sign(there, email, 'another fine long password');
  const token = await house.token(kim, ['read']);
  const asked = () =>
    app.server.inject({ url: '/api/v1/incidents', headers: { authorization: `Bearer ${token}` } });
  t.equal((await admin.post(`/desk/people/${kim.id}/roles`, { role: ['viewer'] })).status, 303);
  t.notOk((await isIn(here)) || (await isIn(there)), 'other roles end the sessions that had the old ones');
  t.strictSame((await getPerson(app.store.read, kim.id)).roles, ['viewer']);
  t.equal((await asked()).statusCode, 200);
  await sign(there, email, 'another fine long password');
  await admin.post(`/desk/people/${kim.id}/sessions`, {});
  t.notOk(await isIn(there), 'an admin signs out everywhere');
  const waiting = await house.link(kim);
  await admin.post(`/desk/people/${kim.id}/off`, {});
  t.equal((await asked()).statusCode, 401, 'switching a person off ends their API tokens');
  t.equal((await buildVisitor(app).post(waiting, {})).status, 401, 'and their links');
  t.equal((await sign(buildVisitor(app), email, 'another fine long password')).status, 401);
  await admin.post(`/desk/people/${kim.id}/on`, {});
  t.equal((await asked()).statusCode, 401, 'and nothing of it comes back');

  t.equal((await admin.post(`/desk/people/${ada.id}/off`, {})).status, 403, 'nobody switches themselves off');
  t.equal(
    (await admin.post(`/desk/people/${ada.id}/roles`, { role: ['viewer'] })).status,
    409,
    'and the last admin stays one',
  );
});

t.test('an open desk loses its socket when its session ends', async (t) => {
  const url = await app.listen();
  const { host } = new URL(url);
  const mia = await house.add('Mia', ['author']);
  const admin = await house.enter(ada);
  for (const [what, end] of Object.entries({
    'signed out by an admin': () => admin.post(`/desk/people/${mia.id}/sessions`, {}),
    'other roles': () => admin.post(`/desk/people/${mia.id}/roles`, { role: ['viewer'] }),
    'switched off': () => admin.post(`/desk/people/${mia.id}/off`, {}),
  })) {
    const visitor = await house.enter(mia);
    const socket = new WebSocket(`ws://${host}/desk/live`, {
      headers: { cookie: `tocsin=${visitor.session()}`, origin: `http://${host}` },
    });
    await once(socket, 'message');
    await end();
    const [closed] = await once(socket, 'close');
    t.equal(closed, 4401, what);
  }
});

t.test('what another site can make a browser do', async (t) => {
  const visitor = await house.enter(ada);
  await visitor.get('/desk/help');
  const { csrf } = visitor;
  const foreign = await house.enter(ada);
  await foreign.get('/desk/help');
  const unsafe = ['/desk/me/sessions', `/desk/people/${ada.id}/sessions`, '/desk/sign-out', '/desk/declare'];
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const path of unsafe) {
    for (const [what, fields, headers] of [
      ['no token', { csrf: '' }, {}],
      ['a token of another session', { csrf: foreign.csrf }, {}],
      ['half a token', { csrf: csrf.slice(0, 20) }, {}],
      ['from another site', { csrf }, { 'sec-fetch-site': 'cross-site' }],
      ['from a sister site', { csrf }, { 'sec-fetch-site': 'same-site' }],
      ['from another origin', { csrf }, { origin: 'https://evil.example' }],
      ['from a broken origin', { csrf }, { origin: 'not an origin' }],
    ] as const)
      t.equal((await visitor.post(path, fields, { ...form, ...headers })).status, 403, `${path}: ${what}`);
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/json;',
      'application/json\tx',
      ' ',
    ]) {
      const { status } = await visitor.post(path, { csrf }, { 'content-type': type });
      t.ok([400, 403, 415].includes(status), `${path} as ${type}: ${status}`);
    }
    const bare = await app.server.inject({
      method: 'POST',
      url: path,
      headers: { cookie: `tocsin=${visitor.session()}`, 'x-http-method-override': 'GET' },
    });
    t.equal(bare.statusCode, 403, `${path}: as a GET by override`);
    if (path !== '/desk/declare')
      t.ok(
        [404, 405].includes((await visitor.get(`${path}?csrf=${csrf}`)).status),
        `${path}: by a plain link`,
      );
  }
  t.ok(await isIn(visitor));
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
    for (const path of [
      '/desk/sign-in',
      '/desk/sign-in/second',
      '/desk/sign-in/passkey',
      await house.link(ada),
    ])
      t.equal(
        (await buildVisitor(app).post(path, { email: 'a@b.example', password: PASSWORD }, headers)).status,
        403,
        `nobody is signed in from elsewhere: ${path}`,
      );
});

t.test('the first run', async (t) => {
  const empty = await openHouse();
  // As `tocsin serve` does on an empty database; the house has a page already.
  const link = (await setUpFirst(empty.app, ORIGIN))!;
  const visitor = buildVisitor(empty.app);
  await visitor.post(new URL(link).pathname, {});
  t.equal((await visitor.get('/desk')).to, '/desk/set-up', 'every screen leads to the set-up');
  t.equal((await visitor.get('/desk/people')).to, '/desk/set-up');
  const form = await visitor.get('/desk/set-up');
  t.notMatch(form.body, 'checked', 'who approves has no default');
  const filled = {
    name: 'Grace',
    email: 'grace@northwind.example',
    pageName: 'Northwind',
    timeZone: 'Europe/Berlin',
    approvals: 'two',
    password: PASSWORD,
  };
  for (const [field, value] of Object.entries({
    name: '',
    email: 'x',
    pageName: '',
    timeZone: 'Nowhere',
    approvals: '',
    password: '',
  }))
    t.equal((await visitor.post('/desk/set-up', { ...filled, [field]: value })).status, 400, field);
  const blank = (await visitor.post('/desk/set-up', { timeZone: 'Nowhere', password: 'short' })).body;
  for (const said of [
    'Give your name',
    'This is not an email address',
    'Give the service’s name',
    'Use a zone name',
    'Choose who approves',
    'Use at least 12 characters',
  ])
    t.match(blank, said, 'everything that is wrong is said at once');
  t.match(await visitor.post('/desk/set-up', { ...filled, approvals: 'solo' }), {
    status: 303,
    to: '/desk?said=desk-ready',
  });
  t.match((await visitor.get('/desk')).body, 'SOLO', 'solo is said on every screen');
  t.equal((await visitor.post('/desk/set-up', filled)).status, 409, 'and it is done once');
  t.match(await sign(buildVisitor(empty.app), 'grace@northwind.example'), { to: '/desk?said=in' });
});
