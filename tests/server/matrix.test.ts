import t from 'tap';
import { changeConnection } from '../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { listAudit } from '../../db/queries/log.ts';
import { changePerson, getPerson, listPeople, type Person } from '../../db/queries/people.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { issueToken } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import { newSecret } from '../../src/ids.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { openHouse } from './house.ts';
import { OF_A_PAGE, RIGHTS, type Rule } from './rights.ts';

const routes: string[] = [];
const house = await openHouse(
  {},
  {
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    },
  },
);
const { app, clock } = house;
const CLI = app.ctx({ kind: 'cli', id: 'test', roles: [] });

/** The rule of a route; a page's own routes are the same at every page's address, read-only and public. */
function ruleOf(route: string): Rule | undefined {
  const [method = '', url = ''] = route.split(' ');
  const own = url.replace(/^(\/:a)?(\/:b)?(?=\/)/, '').replace(/(?<=^\/api\/v2\/.*)\.json$/, '');
  return RIGHTS[route] ?? (OF_A_PAGE.includes(own) && isOfAPage(method, own) ? 'public' : undefined);
}
/** The reads of a status page refuse other methods in words of their own, so they have routes for them. */
const isOfAPage = (method: string, own: string) => method === 'GET' || own.startsWith('/api/v2/');

interface Who {
  name: string;
  /** Headers of a request of theirs. */
  headers(unsafe: boolean): Promise<Record<string, string>>;
  /** After a route that ended it. */
  again?(): void;
  roles: readonly Role[];
  kind: 'nobody' | 'half' | 'session' | 'forged' | 'token' | 'dead token';
  scopes?: readonly Scope[];
}

async function enter(person: Person, kind: 'session' | 'half') {
  const secret = newSecret();
  const { token } = await issueToken(CLI, { kind, personId: person.id, name: 'Browser', secret });
  return { cookie: `tocsin=${secret}`, csrf: app.secrets.sign('csrf', token.id) };
}
function session(name: string, person: Person): Who {
  let held: ReturnType<typeof enter> | undefined;
  return {
    name,
    roles: person.roles,
    kind: 'session',
    again: () => {
      held = undefined;
    },
    async headers(unsafe) {
      held ??= enter(person, 'session');
      const { cookie, csrf } = await held;
      return unsafe ? { cookie, 'x-csrf': csrf } : { cookie };
    },
  };
}
async function program(person: Person, scopes: Scope[], name = `token: ${scopes.join(', ')}`): Promise<Who> {
  const secret = await house.token(person, scopes);
  return {
    name,
    roles: person.roles,
    scopes,
    kind: 'token',
    headers: async () => ({ authorization: `Bearer ${secret}` }),
  };
}

const ALL: Role[] = ['viewer', 'responder', 'author', 'approver', 'admin'];
const people = Object.fromEntries(
  await Promise.all(ALL.map(async (role) => [role, await house.add(`The ${role}`, [role])] as const)),
) as Record<Role, Person>;
const target = await house.add('Target', ['viewer']);
const off = await house.add('Off', ['admin']);
const deadToken = await program(off, ['read', 'draft', 'approve', 'admin'], 'token of one who is off');
const offCookie = (await enter(off, 'session')).cookie;
await app.store.transact((w) => changePerson(w, off.id, { disabledAt: clock.now() }));

const principals: Who[] = [
  { name: 'anonymous', roles: [], kind: 'nobody', headers: async () => ({}) },
  { name: 'switched off', roles: [], kind: 'nobody', headers: async () => ({ cookie: offCookie }) },
  {
    name: 'second factor pending',
    roles: [],
    kind: 'half',
    headers: async () => ({ cookie: (await enter(people.admin, 'half')).cookie }),
  },
  {
    name: 'a session’s cookie as a token',
    roles: [],
    kind: 'dead token',
    headers: async () => {
      const { cookie } = await enter(people.admin, 'session');
      return { authorization: `Bearer ${cookie.split('=')[1]}` };
    },
  },
  {
    name: 'a token as a cookie',
    roles: [],
    kind: 'nobody',
    headers: async () => ({ cookie: `tocsin=${await house.token(people.admin, ['read', 'admin'])}` }),
  },
  ...ALL.map((role) => session(role, people[role])),
  {
    name: 'admin without the form’s token',
    roles: ['admin'],
    kind: 'forged',
    headers: async () => ({ cookie: (await enter(people.admin, 'session')).cookie }),
  },
  await program(people.admin, ['draft']),
  await program(people.admin, ['read']),
  await program(people.admin, ['read', 'draft']),
  await program(people.admin, ['read', 'approve']),
  await program(people.admin, ['read', 'admin']),
  await program(people.viewer, ['read', 'draft', 'approve', 'admin'], 'token of a viewer, all scopes'),
  { ...deadToken, kind: 'dead token', roles: [] },
];

type Outcome = 'in' | 401 | 403 | 'not 403';

function expected(rule: Rule, who: Who, unsafe: boolean): Outcome {
  if (rule === 'public') return 'in';
  if (who.kind === 'dead token') return 401;
  if (rule === 'open') return 'not 403';
  const known = who.kind === 'session' || who.kind === 'forged' || who.kind === 'token';
  if (rule === 'door') return who.kind === 'forged' && unsafe ? 403 : 'not 403';
  if (rule === 'half') return who.kind === 'half' ? 'in' : who.kind === 'forged' && unsafe ? 403 : 401;
  if (!known) return 401;
  // From nowhere: the journey with the right Origin is in auth.test.ts.
  if (rule === 'socket') return 403;
  if (who.kind === 'forged' && unsafe) return 403;
  const has = (roles: readonly Role[]) =>
    who.roles.includes('admin') || who.roles.some((r) => roles.includes(r));
  if ('desk' in rule) return who.kind !== 'token' && has(rule.desk) ? 'in' : 403;
  if (who.kind === 'token' && !['read', rule.scope].every((s) => who.scopes?.includes(s as Scope)))
    return 403;
  return has(rule.api) ? 'in' : 403;
}

const incident = await openIncident(app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }), {
  pageId: house.page.id,
  title: 'Card payments fail',
  objective: 'Say what works.',
});
const update = await draftUpdate(
  app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }),
  incident.id,
  { blocks: { known: 'Card payments fail.' } },
);
const connection = await connectAccount(CLI, {
  id: 'plugged',
  pageId: house.page.id,
  channel: 'mastodon',
  name: 'Town Square',
  role: 'brand',
  settings: {},
  sealed: app.secrets.seal('connections|plugged|sealed', '{}'),
  template: 'post',
  verified: { account: '@company', url: null, limits: LIMITS, can: NETWORKS.findable },
});
// An account that stands still, so that its delivery waits for a person to settle it.
await app.store.transact((w) =>
  changeConnection(w, connection.id, { pausedAt: clock.now(), pausedReason: 'x' }),
);
const author = app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] });
const said = await draftUpdate(author, incident.id, {
  blocks: { known: 'Card payments fail.' },
  nextUpdateBy: clock.now() + 20 * 60_000,
});
const wanted = await requestApproval(author, said.id, said.version);
await approveUpdate(
  app.ctx({ kind: 'person', id: people.approver.id, roles: ['approver'] }),
  said.id,
  wanted.hash!,
);
const [delivery] = await listDeliveriesOfUpdates(app.store.read, [said.id]);
const template = await saveTemplate(author, house.page.id, {
  name: 'Payments',
  title: 'Card payments fail',
  status: 'investigating',
  blocks: { known: 'Card payments fail.' },
  slots: [],
});
const targetToken = (
  await issueToken(CLI, {
    kind: 'api',
    personId: target.id,
    name: 'T',
    secret: newSecret(),
    scopes: ['read'],
  })
).token;

/** A path that is there, so that it is the right that decides and not a missing thing. */
function pathOf(url: string): string {
  const id =
    url.includes('/updates/:id') || url.includes('/approvals/:id')
      ? update.id
      : url.includes('/templates/:id')
        ? template.id
        : url.includes('/incidents/:id')
          ? incident.id
          : url.includes('/deliveries/:id')
            ? delivery!.id
            : url.includes('/connections/:id')
              ? connection.id
              : url.includes('/tokens/:id')
                ? targetToken.id
                : target.id;
  return url
    .replace(':id', id)
    .replace(':kind', 'mastodon')
    .replace(':secret', 'A'.repeat(43))
    .replace('*', 'logo.svg')
    .replace(/:\w+/g, 'x');
}

const TEMPLATE = { name: 'Another', title: 'T', status: 'investigating', known: 'Words.', version: '99' };
const FORM: Record<string, Record<string, string>> = {
  'POST /desk/templates': TEMPLATE,
  'POST /desk/templates/:id': TEMPLATE,
  'POST /desk/templates/:id/clear': { version: '99' },
  'POST /desk/settings/sending/off': { sure: '1', reason: 'x' },
  'POST /desk/settings/sending/on': { sure: '1' },
  'POST /desk/declare': { title: 'Anything', kind: 'incident', go: 'only' },
  'POST /desk/updates/:id': {
    version: '1',
    known: 'Words.',
    status: 'investigating',
    class: 'B',
    nextUpdateBy: '',
  },
  'POST /desk/updates/:id/withdraw': { reason: 'x' },
  'POST /desk/approvals/:id/return': { reason: 'Not yet.' },
  'POST /desk/approvals/:id/approve': { hash: '0'.repeat(64) },
  'POST /desk/deliveries/:id/confirm': { url: 'https://social.example/1' },
  'POST /desk/deliveries/:id/give-up': { reason: 'x' },
  'POST /desk/people': { name: 'X', email: 'nowhere', role: 'viewer' },
  'POST /desk/people/:id/roles': { role: 'viewer' },
  'POST /desk/people/:id/token': { name: 'x', scope: 'read' },
  'POST /desk/settings': { name: '', url: 'x', timeZone: 'UTC' },
};
const JSON_BODY: Record<string, unknown> = {
  'POST /api/v1/sending/off': { reason: 'x' },
  'POST /api/v1/incidents': { title: 'By a program' },
  'POST /api/v1/incidents/:id/updates': { blocks: { known: 'x' } },
  'PATCH /api/v1/updates/:id': { version: 999 },
  'POST /api/v1/updates/:id/request-approval': { version: 999 },
  'POST /api/v1/updates/:id/approve': { hash: '0'.repeat(64) },
  'POST /api/v1/updates/:id/return': { reason: 'x' },
  'POST /api/v1/updates/:id/withdraw': { reason: 'x' },
  'POST /api/v1/deliveries/:id/confirm': { url: 'https://social.example/1' },
  'POST /api/v1/deliveries/:id/give-up': { reason: 'x' },
  'POST /api/v1/connections': { channel: 'mastodon', values: {} },
  'POST /api/v1/people': { name: 'X', email: 'nowhere', roles: ['viewer'] },
  'POST /api/v1/tokens': { personId: 'nobody', name: 'x', scopes: ['read'] },
  'POST /api/v1/components': { name: 'Payments' },
};

let asked = 0;
async function ask(method: string, url: string, who: Who, payload?: { form?: unknown; json?: unknown }) {
  const unsafe = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  asked += 1;
  const body =
    payload?.json !== undefined
      ? { type: 'application/json', text: JSON.stringify(payload.json) }
      : payload?.form !== undefined
        ? {
            type: 'application/x-www-form-urlencoded',
            text: new URLSearchParams(payload.form as Record<string, string>).toString(),
          }
        : undefined;
  return app.server.inject({
    method: method as 'GET',
    url,
    // Nobody is held back for asking often: that is another test's.
    remoteAddress: `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`,
    headers: {
      host: 'localhost:8080',
      ...(await who.headers(unsafe)),
      ...(body ? { 'content-type': body.type } : {}),
    },
    ...(body ? { payload: body.text } : {}),
  });
}

t.test('every route has a rule, and every rule a route', async (t) => {
  t.strictSame(
    routes.filter((route) => ruleOf(route) === undefined),
    [],
    'a new route: decide who may use it, in rights.ts',
  );
  t.strictSame(
    Object.keys(RIGHTS).filter((route) => !routes.includes(route)),
    [],
    'a rule for nothing',
  );
});

t.test('the matrix: every route for everybody', async (t) => {
  const wrong: string[] = [];
  let cells = 0;
  for (const route of routes) {
    const [method = '', url = ''] = route.split(' ');
    const rule = ruleOf(route);
    // Streams do not end; who may open them is public anyway.
    if (rule === undefined || url === '/live/events' || url === '/live') continue;
    const unsafe = method !== 'GET' && method !== 'OPTIONS';
    const few = rule === 'public' ? principals.slice(0, 3) : principals;
    for (const who of few) {
      const isApi = url.startsWith('/api/');
      const payload = !unsafe ? {} : isApi ? { json: JSON_BODY[route] } : { form: FORM[route] ?? {} };
      const { statusCode: got } = await ask(method, pathOf(url), who, payload);
      const want = expected(rule, who, unsafe);
      const ok =
        want === 'in'
          ? got !== 401 && got !== 403 && got < 500
          : want === 'not 403'
            ? got !== 403 && got < 500
            : got === want;
      cells += 1;
      if (url === '/desk/sign-out') who.again?.();
      if (!ok) wrong.push(`${route} for ${who.name}: ${got} and not ${want}`);
    }
  }
  t.ok(cells > 1_000, `${cells} cells`);
  t.strictSame(wrong, []);
});

const by = (name: string): Who => principals.find((p) => p.name === name)!;

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
