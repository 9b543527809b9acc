import t from 'tap';
import { openVisitor } from '../visitor.ts';
import { openHouse } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());

t.test('a sign-in link', async (t) => {
  const path = await house.link(house.dana);
  const visitor = openVisitor(house.app);

  const looked = await visitor.get(path);
  t.equal(looked.status, 200, 'can be looked at, as mail scanners do');
  t.match(looked.body, /<button[^>]*>Sign in here<\/button>/);
  t.equal((await visitor.get('/desk')).status, 401, 'without letting anybody in');

  const entered = await visitor.post(path, {});
  t.match(entered, { status: 303, to: '/desk?said=in' }, 'lets in whoever presses its button');
  t.match(String(entered.headers['set-cookie']), /HttpOnly/);
  t.match(String(entered.headers['set-cookie']), /SameSite=Lax/);
  const board = await visitor.get('/desk');
  t.equal(board.status, 200);
  t.match(board.body, 'Dana Cole');

  const second = await openVisitor(house.app).post(path, {});
  t.equal(second.status, 401, 'and works once');
  t.match(second.body, 'has been used or has run out');
  t.match(second.body, 'Ask an admin', 'and says how to get another');
});

t.test('whoever is not signed in is told how to be', async (t) => {
  const stranger = openVisitor(house.app);
  for (const path of ['/desk', '/desk/people', '/desk/updates/x']) {
    const answer = await stranger.get(path);
    t.equal(answer.status, 401, path);
    t.match(answer.body, 'npx tocsin sign-in');
    t.equal(answer.headers['cache-control'], 'no-store');
  }
  const door = await stranger.get('/desk/sign-in');
  t.equal(door.status, 200, 'the door itself is open to see');
  t.match(door.body, 'npx tocsin sign-in');
  const wrote = await stranger.post('/desk/declare', { title: 'Card payments failing', kind: 'incident' });
  t.equal(wrote.status, 401);
  t.match(wrote.body, 'Card payments failing', 'and keeps what they had written');
});

t.test('signing out ends the session itself', async (t) => {
  const visitor = await house.enter(house.dana);
  const stolen = visitor.session();
  const out = await visitor.post('/desk/sign-out', {});
  t.match(out, { status: 303, to: '/desk/sign-in' });
  visitor.cookies.set('tocsin', stolen);
  t.equal((await visitor.get('/desk')).status, 401);
});

t.test('a form that our page did not make changes nothing', async (t) => {
  const visitor = await house.enter(house.dana);
  const form = { title: 'From elsewhere', kind: 'incident', go: 'only' };
  const without = await visitor.post('/desk/declare', { ...form, csrf: '' });
  t.equal(without.status, 403);
  t.match(without.body, 'too old');
  t.match(without.body, 'From elsewhere', 'what was written is on the page, to be copied');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
    t.equal((await visitor.post('/desk/declare', form, headers)).status, 403, JSON.stringify(headers));
  t.notMatch((await visitor.get('/desk')).body, 'From elsewhere');
  t.equal(
    (
      await visitor.post('/desk/declare', form, {
        host: new URL(house.url).host,
        origin: house.url,
        'sec-fetch-site': 'same-origin',
      })
    ).status,
    303,
  );
});

t.test('an address says nothing that we did not write', async (t) => {
  const visitor = await house.enter(house.dana);
  for (const said of ['constructor', '__proto__', '<b>x</b>', 'You have won'])
    t.notMatch((await visitor.get(`/desk?said=${encodeURIComponent(said)}`)).body, 'class="told good"', said);
  t.match((await visitor.get('/desk?said=saved')).body, /class="told good"[\s\S]*Saved\./);
});

t.test('roles', async (t) => {
  const viewer = await house.enter(await house.add('Vera Voss', ['viewer']));
  t.equal((await viewer.get('/desk')).status, 200, 'a viewer sees the board');
  const declared = await viewer.post('/desk/declare', { title: 'Anything', kind: 'incident', go: 'only' });
  t.equal(declared.status, 403);
  t.match(declared.body, 'author', 'and is told which role is missing');

  const author = await house.enter(house.dana);
  t.equal(
    (await author.post('/desk/people', { name: 'X', email: 'x@x.example', role: 'admin' })).status,
    403,
  );
  t.equal((await author.get('/desk/connections/add/mastodon')).status, 403);
  t.equal((await author.post(`/desk/people/${house.marcus.id}/link`, {})).status, 403);
  t.notMatch((await author.get('/desk/people')).body, 'Add a person', 'nor is it offered');
  const connection = await house.plug('Mastodon');
  t.equal(
    (await author.post(`/desk/connections/${connection.id}/off`, {})).status,
    403,
    'the kill switch is not an author’s',
  );
  const marcus = await house.enter(house.marcus);
  t.match(await marcus.post(`/desk/connections/${connection.id}/off`, {}), { status: 303 });
  t.match((await marcus.get('/desk/connections')).body, 'switched off by a person');
});

t.test('people', async (t) => {
  const admin = await house.enter(house.marcus);
  const wrong = await admin.post('/desk/people', {
    name: 'Ruth Bell',
    email: 'nowhere',
    role: ['author', 'approver'],
  });
  t.equal(wrong.status, 400);
  t.match(wrong.body, /id="e-email"[\s\S]*not an email address/, 'what is wrong stands beside its field');
  t.match(wrong.body, 'value="Ruth Bell"', 'and what was typed is kept');
  t.match(wrong.body, /value="author" checked/);
  const invited = await admin.post('/desk/people', {
    name: 'Ruth Bell',
    email: 'ruth@northwind.example',
    role: ['author'],
  });
  t.equal(invited.status, 200);
  t.match(invited.body, /\/desk\/invitation\/[\w-]{43}/, 'adding somebody gives the link that invites them');

  const link = await admin.post(`/desk/people/${house.dana.id}/link`, {});
  const path = /http:\/\/[^<"]+(\/desk\/sign-in\/[\w-]+)/.exec(link.body)?.[1] ?? '';
  t.not(path, '', 'a link is shown');
  t.equal(link.headers['cache-control'], 'no-store');
  t.match(await openVisitor(house.app).post(path, {}), { status: 303 }, 'and lets her in');

  const made = await admin.post(`/desk/people/${house.dana.id}/token`, { name: 'Monitor', scope: ['read'] });
  const token = /tcs_\w+/.exec(made.body)?.[0] ?? '';
  const asked = await house.app.server.inject({
    url: '/api/v1/incidents',
    headers: { authorization: `Bearer ${token}` },
  });
  t.equal(asked.statusCode, 200, 'a token works');
  t.notMatch((await admin.get('/desk/people')).body, token, 'and is never shown again');
});

t.test('connecting an account', async (t) => {
  const admin = await house.enter(house.marcus);
  const form = await admin.get('/desk/connections/add/mastodon');
  t.match(form.body, 'type="password"', 'secrets are hidden while they are typed');
  const refused = await admin.post('/desk/connections/add/mastodon', {
    'v.server': 'http://127.0.0.1:9',
    'v.token': 'very-secret',
    name: 'Our Mastodon',
    role: 'brand',
    language: 'en',
  });
  t.equal(refused.status, 400);
  t.match(refused.body, 'value="Our Mastodon"');
  t.notMatch(refused.body, 'very-secret', 'and never come back');
  t.notMatch((await admin.get('/desk/connections')).body, 'Our Mastodon');
  t.equal(
    (await admin.post('/desk/connections/add/googleplus', { name: 'G', role: 'brand', language: 'en' }))
      .status,
    410,
  );
  t.equal((await admin.get('/desk/connections/add/nothing')).status, 404);
});

t.test('hostile words stay words', async (t) => {
  const evil = `<img src=x onerror=alert(1)>"'&<script>alert(1)</script>`;
  const dana = await house.enter(await house.add(`Eve ${evil}`.slice(0, 90), ['author', 'admin']));
  const declared = await dana.post('/desk/declare', {
    title: evil,
    objective: evil,
    kind: 'incident',
    go: 'write',
  });
  const id = /updates\/(\w+)/.exec(declared.to)?.[1] ?? '';
  const incident = /incidents\/(\w+)/.exec((await dana.get(`/desk/updates/${id}`)).body)?.[1] ?? '';
  await dana.post(`/desk/updates/${id}`, {
    version: '1',
    care: evil,
    known: evil,
    body: evil,
    nextUpdateBy: evil,
    status: 'investigating',
    class: 'B',
    do: 'save',
  });
  const screens = [
    '/desk',
    `/desk/updates/${id}`,
    `/desk/incidents/${incident}`,
    '/desk/incidents',
    '/desk/people',
    '/desk/approvals',
  ];
  for (const path of screens) {
    const { body, headers } = await dana.get(path);
    t.notMatch(body, '<img src=x', path);
    t.notMatch(body, '<script>', path);
    t.match(String(headers['content-security-policy']), "script-src 'self'");
    t.notMatch(String(headers['content-security-policy']), 'unsafe-inline');
  }
  const conflict = await dana.post(`/desk/updates/${id}`, {
    version: '99',
    known: evil,
    status: 'investigating',
    class: 'B',
    nextUpdateBy: '',
  });
  t.equal(conflict.status, 409);
  t.notMatch(conflict.body, '<img src=x');
});
