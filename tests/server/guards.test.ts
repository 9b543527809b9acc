import t from 'tap';
import { listAudit } from '../../db/queries/log.ts';
import { getPerson, listPeople } from '../../db/queries/people.ts';
import { issueToken } from '../../src/actions/people.ts';
import { newSecret } from '../../src/ids.ts';
import { app, ask, by, CLI, enter, people, routes, target } from './matrix-people.ts';
import { ruleOf } from './matrix-rules.ts';
import { incident, pathOf, update } from './matrix-world.ts';

t.test('no spelling of a path leads around its guard', async (t) => {
  const spellings = (path: string): string[] => {
    const [, first = '', second = '', ...rest] = path.split('/');
    const tail = rest.length > 0 ? `/${rest.join('/')}` : '';
    return [
      `/${first}%2F${second}${tail}`,
      `/${first}%2f${second}${tail}`,
      `//${first}/${second}${tail}`,
      `/${first}//${second}${tail}`,
      `/./${first}/${second}${tail}`,
      `/${first}/./${second}${tail}`,
      `/x/../${first}/${second}${tail}`,
      `/livez/../${first}/${second}${tail}`,
      `/%2e/${first}/${second}${tail}`,
      `/${first};x=1/${second}${tail}`,
      `/${first}/${second}${tail};x=1`,
      `/${first}/${second};jsessionid=1${tail}`,
      `/${first.toUpperCase()}/${second}${tail}`,
      `/${first}/${second.toUpperCase()}${tail}`,
      `${path}/`,
      `${path}//`,
      `${path}/.`,
      `${path}%20`,
      `${path}%00`,
      `${path}.json`,
      `${path}?x=/livez`,
      `${path}#x`,
      `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}/${second}${tail}`,
      `http://localhost:8080${path}`,
      `/${first}\\${second}${tail}`,
    ];
  };
  const guarded = routes.filter((route) => {
    const rule = ruleOf(route);
    return typeof rule === 'object';
  });
  const wrong: string[] = [];
  for (const route of guarded) {
    const [method = '', url = ''] = route.split(' ');
    for (const path of spellings(pathOf(url))) {
      const { statusCode } = await ask(method, path, by('anonymous'));
      if (![400, 401, 403, 404, 405].includes(statusCode)) wrong.push(`${method} ${path}: ${statusCode}`);
    }
  }
  t.strictSame(wrong, []);
  const before = await getPerson(app.store.read, target.id);
  for (const path of spellings(`/desk/people/${target.id}/off`)) {
    const { statusCode } = await ask('POST', path, by('viewer'), { form: {} });
    t.ok([400, 403, 404].includes(statusCode), `${path}: ${statusCode}`);
  }
  t.equal((await getPerson(app.store.read, target.id)).disabledAt, before.disabledAt);
});

t.test('no header or field makes another method of a request', async (t) => {
  await ask('POST', `/desk/people/${target.id}/on`, by('admin'), { form: {} });
  for (const [headers, query] of [
    [{ 'x-http-method-override': 'POST' }, ''],
    [{ 'x-method-override': 'POST' }, ''],
    [{ 'x-http-method': 'POST' }, ''],
    [{}, '?_method=POST'],
  ] as const) {
    const { statusCode } = await app.server.inject({
      url: `/desk/people/${target.id}/off${query}`,
      headers: { ...(await by('admin').headers(true)), ...headers },
    });
    t.equal(statusCode, 404, JSON.stringify(headers) + query);
  }
  t.equal((await getPerson(app.store.read, target.id)).disabledAt, null);
  const posted = await ask('POST', '/desk/people', by('viewer'), { form: { _method: 'GET', name: 'x' } });
  t.equal(posted.statusCode, 403);
});

t.test('an id of something else is nothing', async (t) => {
  const { token } = await issueToken(CLI, {
    kind: 'session',
    personId: people.author.id,
    name: 'Browser',
    secret: newSecret(),
  });
  const link = await issueToken(CLI, {
    kind: 'sign_in',
    personId: people.author.id,
    name: 'Link',
    secret: newSecret(),
  });
  for (const path of [
    `/desk/tokens/${token.id}/end`,
    `/desk/tokens/${link.token.id}/end`,
    `/desk/people/${token.id}/off`,
    `/desk/people/${incident.id}/off`,
    `/desk/approvals/${incident.id}/approve`,
    `/desk/deliveries/${update.id}/resend`,
    `/desk/connections/${target.id}/off`,
  ])
    t.equal((await ask('POST', path, by('admin'), { form: { hash: '0'.repeat(64) } })).statusCode, 404, path);
  for (const path of [
    `/api/v1/updates/${incident.id}`,
    `/api/v1/incidents/${update.id}`,
    '/api/v1/incidents/__proto__',
    '/api/v1/incidents/constructor',
  ])
    t.equal((await ask('GET', path, by('admin'))).statusCode, 404, path);
});

t.test('fields that a form does not have change nothing', async (t) => {
  const evil = {
    id: people.admin.id,
    personId: people.admin.id,
    userId: people.admin.id,
    email: 'taken@over.example',
    role: 'admin',
    roles: 'admin',
    scopes: 'admin',
    disabledAt: '1',
    secondFactorAt: '1',
    solo: 'true',
    __proto__: 'x',
    'constructor.prototype.roles': 'admin',
  };
  const viewer = await enter(people.viewer, 'session');
  await app.server.inject({
    method: 'POST',
    url: '/desk/me/password',
    headers: {
      cookie: viewer.cookie,
      'x-csrf': viewer.csrf,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ ...evil, password: 'four unrelated words here' }).toString(),
  });
  const signIn = await app.server.inject({
    method: 'POST',
    url: '/desk/sign-in',
    remoteAddress: '192.0.2.1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      email: people.viewer.email,
      password: 'four unrelated words here',
      personId: people.admin.id,
      kind: 'session',
    }).toString(),
  });
  t.equal(signIn.statusCode, 303, 'the password is the asker’s own, whatever else the form said');
  const cookie = `tocsin=${signIn.cookies.find((c) => c.name === 'tocsin')?.value}`;
  t.match((await app.server.inject({ url: '/desk/me', headers: { cookie } })).body, people.viewer.email);
  t.strictSame((await getPerson(app.store.read, people.viewer.id)).roles, ['viewer']);
  t.equal((await getPerson(app.store.read, people.admin.id)).email, people.admin.email);

  for (const [method, path, json] of [
    ['POST', '/api/v1/people', { name: 'X', email: 'x@x.example', roles: ['viewer'], id: 'mine' }],
    ['POST', '/api/v1/people', { name: 'X', email: 'x@x.example', roles: ['viewer'], disabledAt: null }],
    ['POST', '/api/v1/tokens', { personId: target.id, name: 'x', scopes: ['read'], kind: 'session' }],
    ['POST', '/api/v1/tokens', { personId: target.id, name: 'x', scopes: ['read'], secret: 'known' }],
    ['POST', '/api/v1/incidents', { title: 'x', createdBy: target.id }],
    ['POST', '/api/v1/incidents', { title: 'x', status: 'resolved' }],
    ['POST', `/api/v1/incidents/${incident.id}/updates`, { state: 'approved' }],
    ['PATCH', `/api/v1/updates/${update.id}`, { version: 1, authors: [] }],
    ['PATCH', `/api/v1/updates/${update.id}`, { version: 1, state: 'published' }],
    ['POST', `/api/v1/updates/${update.id}/approve`, { hash: '0'.repeat(64), personId: people.approver.id }],
  ] as const) {
    const answer = await ask(method, path, by('admin'), { json });
    t.match(
      answer.json(),
      { error: 'invalid', message: /is not a field of this request/ },
      JSON.stringify(json),
    );
    t.equal(answer.statusCode, 400);
  }
  const roles = await ask('POST', `/desk/people/${target.id}/roles`, by('admin'), {
    form: { role: 'owner' },
  });
  t.equal(roles.statusCode, 400, 'a role that does not exist');
  t.strictSame((await getPerson(app.store.read, target.id)).roles, ['viewer']);
});

t.test('nothing of a person’s secrets is in any answer or in the log', async (t) => {
  const audit = JSON.stringify(await listAudit(app.store.read, 0, 10_000));
  const shown = [
    audit,
    (await ask('GET', '/api/v1/people', by('admin'))).body,
    (await ask('GET', '/api/v1/tokens', by('admin'))).body,
    (await ask('GET', '/desk/people', by('admin'))).body,
  ].join('\n');
  for (const secret of [/argon2/, /tcs_/, /four unrelated/, /"hash":"[0-9a-f]{64}"/])
    t.notMatch(shown.replace(/"(prevH|h)ash":"[0-9a-f]*"/g, ''), secret);
  t.ok((await listPeople(app.store.read)).length >= 7);
});
