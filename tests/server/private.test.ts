import t from 'tap';
import WebSocket from 'ws';
import { changePage, getPage } from '../../db/queries/pages.ts';
import { listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { changePageSettings } from '../../src/actions/page/change-page.ts';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { setPageFile } from '../../src/actions/page/page-files.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { addComponent, setUpPage } from '../../src/actions/set-up-page.ts';
import { isInvited } from '../../src/actions/visits/enter.ts';
import { isInside } from '../../src/server/gate.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { openHouse } from './house.ts';
import { OF_A_PAGE } from './rights.ts';

const routes: string[] = [];
const house = await openHouse(
  {},
  {
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) routes.push(`${one} ${url}`);
    },
  },
);
const { app } = house;
const admin = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const author = app.ctx({ kind: 'person', id: (await house.add('Arno', ['author'])).id, roles: ['author'] });
const approver = app.ctx({
  kind: 'person',
  id: (await house.add('Bea', ['approver'])).id,
  roles: ['approver'],
});
const locks = { passwords: (await import('../../src/actions/sign-in/passwords.ts')).openPasswords() };
const PASSWORD = 'four unrelated words here';

/** A page with something on it that nobody else may see. */
async function openPage(slug: string, name: string) {
  const page = await setUpPage(admin, {
    name,
    url: `https://${slug}.company.example`,
    slug,
    languages: ['en', 'fr'],
  });
  const part = await addComponent(admin, page.id, { name: `${name} vault` });
  const id = admin.newId();
  await connectAccount(admin, {
    id,
    pageId: page.id,
    channel: 'mastodon',
    name: `${name} account`,
    role: 'brand',
    settings: {},
    sealed: app.secrets.seal(`connections|${id}|sealed`, '{}'),
    template: 'post',
    verified: { account: `@${slug}`, url: null, limits: LIMITS, can: NETWORKS.findable },
  });
  const incident = await openIncident(author, { pageId: page.id, title: `${name} trouble` });
  const draft = await draftUpdate(author, incident.id, {
    blocks: { known: `${name} words that nobody else reads.` },
    components: { [part.id]: 'partial_outage' },
    nextUpdateBy: admin.now() + 20 * 60_000,
  });
  const asked = await requestApproval(author, draft.id, draft.version);
  const said = await approveUpdate(approver, asked.id, asked.hash!);
  const [rendition] = await listRenditions(app.store.read, said.id);
  await app.live.settled();
  return { page, incident, update: said, part, code: rendition!.code };
}
const SECRET = /Zebra/;
const zebra = await openPage('zebra', 'Zebra');
const brand = await openPage('okapi', 'Okapi');
await setPageFile(
  admin,
  zebra.page.id,
  'logo',
  Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>Zebra</title></svg>'),
);
await app.live.settled();
const logo = (await getPage(app.store.read, zebra.page.id)).settings.files!.logo!.hash;

const ask = (url: string, headers: Record<string, string> = {}) =>
  app.server.inject({ url, headers: { host: 'status.company.example', ...headers } });

/** Every address that the public may ask for, filled in so that it would be the private page's. */
function addresses(): string[] {
  const files: Record<string, string[]> = {
    '/badge/:file': [`${zebra.part.id}.svg`],
    '/og/:file': [`${zebra.incident.id}.png`],
    '/cap/:file': [`${zebra.update.id}.xml`],
    '/embed/incidents/:file': [zebra.incident.id],
    '/card/:file': [`${zebra.code}.png`, `${zebra.code}.jpg`],
    '/files/:file': [`${logo}.svg`],
  };
  const out: string[] = [];
  for (const route of routes) {
    const [method = '', url = ''] = route.split(' ');
    // A stream without a page is the first page's, and never ends.
    if (method !== 'GET' || url === '/live/events' || /^\/(desk|api\/(v1|docs))/.test(url)) continue;
    const own = url.replace(/^(\/:a)?(\/:b)?(?=\/|$)/, '');
    const names = files[own] ?? [''];
    for (const before of url.startsWith('/:a/:b')
      ? ['/zebra/fr', '/p/zebra']
      : url.startsWith('/:a')
        ? ['/zebra']
        : [''])
      for (const name of names) {
        const path = own
          .replace(':file', name)
          .replace(':id', zebra.incident.id)
          .replace(':code', zebra.code)
          .replace(':page', zebra.page.id)
          .replace(':token', 'x')
          .replace(':secret', 'x');
        out.push(`${before}${path}` || '/');
      }
  }
  const query = `page=${zebra.page.id}&after=0`;
  const url = encodeURIComponent(`${zebra.page.url}/zebra/incidents/${zebra.incident.id}`);
  return [
    ...out,
    `/live/poll?${query}`,
    `/live/events?${query}`,
    `/oembed?url=${url}`,
    '/zebra/history?q=words',
  ];
}

t.test('before it is private, those addresses are the page’s own', async (t) => {
  const found = [];
  for (const address of addresses()) {
    if (address.startsWith('/live/events')) continue;
    const answer = await ask(address);
    if (answer.statusCode === 200 && SECRET.test(answer.body)) found.push(address);
  }
  for (const own of [
    '/zebra',
    '/p/zebra',
    '/zebra/fr',
    '/zebra/history',
    `/zebra/incidents/${zebra.incident.id}`,
  ])
    t.ok(found.includes(own), own);
  t.ok(found.length > 40, `${found.length} addresses show what is on it`);
  t.equal((await ask(`/u/${zebra.code}`)).statusCode, 302);
  t.equal(
    (await ask(`/files/${logo}.svg`)).headers['content-security-policy'],
    "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'",
  );
});

const lock = (more: { password?: string; emails?: string[]; networks?: string[] } = {}) =>
  setPageAccess(admin, locks, zebra.page.id, { emails: [], networks: [], password: PASSWORD, ...more });

t.test('private: a stranger gets nothing, whatever they ask for', async (t) => {
  const base = await app.listen();
  const open = () => new WebSocket(`${base.replace('http', 'ws')}/live?page=${zebra.page.id}&after=0`);
  const before = open();
  const greeting = await new Promise<string>((done) => before.once('message', (m) => done(String(m))));
  t.match(greeting, '"hello"', 'while it is open, its pages are live');
  const gone = new Promise<number>((done) => before.once('close', done));
  await lock();
  await app.live.settled();
  t.equal(await gone, 1001, 'whoever had it open is let go at once');
  const refused = await new Promise<string>((done) => open().once('error', (e) => done(e.message)));
  t.match(refused, '401', 'and cannot come back');
  const wrong: string[] = [];
  let closed = 0;
  for (const accept of ['text/html', '*/*'])
    for (const address of addresses()) {
      const answer = await ask(address, { accept });
      const text = `${JSON.stringify(answer.headers)} ${answer.body}`;
      if (SECRET.test(text.replaceAll(address, ''))) wrong.push(`${address}: says ${SECRET.exec(text)?.[0]}`);
      const own = address.replace(/^\/(zebra\/fr|p\/zebra|zebra)/, '');
      if (address !== own && OF_A_PAGE.includes(own.split('?')[0] ?? '') && !/\.js$/.test(own)) {
        closed += 1;
        if (answer.statusCode !== 401 && answer.statusCode !== 405 && answer.statusCode !== 404)
          wrong.push(`${address}: ${answer.statusCode}`);
        if (answer.headers['access-control-allow-origin'] !== undefined && answer.statusCode === 401)
          wrong.push(`${address}: for every site`);
      }
    }
  t.strictSame(wrong, []);
  t.ok(closed > 60, `${closed} of the page’s own addresses were asked for`);
  const door = await ask('/zebra', { accept: 'text/html', 'accept-language': 'fr-CH, en;q=0.5' });
  t.equal(door.statusCode, 401);
  t.match(door.body, 'Cette page est privée.', 'the door speaks the reader’s language');
  t.match(door.headers, { 'cache-control': 'private, no-store', 'x-robots-tag': 'noindex, nofollow' });
  t.notMatch((await ask('/')).body, SECRET, 'the first page says nothing of it');
});

t.test('let in by the password, for that page and that version of the door only', async (t) => {
  const post = (password: string, headers: Record<string, string> = {}) =>
    app.server.inject({
      method: 'POST',
      url: `/visit/${zebra.page.id}/password`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        host: 'status.company.example',
        ...headers,
      },
      payload: new URLSearchParams({ password, next: '/zebra/history' }).toString(),
      remoteAddress: '203.0.113.9',
    });
  const no = await post('something else entirely');
  t.equal(no.statusCode, 401);
  t.match(no.body, 'This password is not right.');
  t.equal((await post(PASSWORD, { 'sec-fetch-site': 'cross-site' })).statusCode, 403);
  const yes = await post(PASSWORD);
  t.equal(yes.statusCode, 303);
  t.equal(yes.headers.location, '/zebra/history');
  const cookie = String(yes.headers['set-cookie']).split(';')[0]!;
  t.match(String(yes.headers['set-cookie']), /HttpOnly; SameSite=Lax/);
  const seen = await ask('/zebra', { cookie });
  t.equal(seen.statusCode, 200);
  t.match(seen.body, 'Zebra words that nobody else reads.');
  t.match(seen.headers, { 'cache-control': 'private, no-store', 'x-robots-tag': 'noindex, nofollow' });
  t.match(seen.body, '<meta name="robots" content="noindex,nofollow">');
  const summary = await ask('/zebra/api/v2/summary.json', { cookie });
  t.equal(summary.statusCode, 200);
  t.equal(summary.headers['access-control-allow-origin'], undefined);
  t.equal((await ask(`/live/poll?page=${zebra.page.id}`, { cookie })).statusCode, 200);
  t.equal(
    (await ask(`/live/poll?page=${zebra.page.id}`, { cookie, origin: 'https://other.example' })).statusCode,
    404,
  );
  const [name, value = ''] = cookie.split('=');
  for (const forged of [
    `${name}=${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`,
    `${name}=${Number(value.split('.')[0]) + 1}.${value.split('.')[1]}`,
    `${name}=`,
    `tocsin-visit-${brand.page.id}=${value}`,
  ])
    t.equal((await ask('/zebra', { cookie: forged })).statusCode, 401, forged.slice(0, 60));
  await lock({ password: 'another four words now' });
  await app.live.settled();
  t.equal((await ask('/zebra', { cookie })).statusCode, 401, 'a new password lets everybody out');
  await lock();
  await app.live.settled();
  t.equal((await ask('/zebra', { cookie })).statusCode, 401, 'and the old pass does not come back with it');
  for (let i = 0; i < 7; i += 1)
    t.equal((await post(PASSWORD)).statusCode, 303, 'an office that reads from one address keeps coming in');
  for (let i = 0; i < 8; i += 1) await post('guess number one two three');
  const many = await post(PASSWORD);
  t.equal(many.statusCode, 429);
  t.ok(Number(many.headers['retry-after']) > 0);
});

t.test('by network, and by invitation', async (t) => {
  await lock({ networks: ['203.0.113.0/24', '2001:db8::/32'] });
  await app.live.settled();
  const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
    app.server.inject({
      url: '/zebra',
      headers: { host: 'status.company.example', ...headers },
      remoteAddress,
    });
  t.equal((await from('203.0.113.7')).statusCode, 200);
  t.equal((await from('198.51.100.7')).statusCode, 401);
  t.equal(
    (await from('198.51.100.7', { 'x-forwarded-for': '203.0.113.7' })).statusCode,
    401,
    'only proxies we trust are believed',
  );
  t.ok(isInside('::ffff:203.0.113.9', ['203.0.113.0/24']));
  t.notOk(isInside('2001:db9::1', ['2001:db8::/32']));
  t.notOk(isInside('nonsense', ['0.0.0.0/1']));
  for (const [email, yes] of [
    ['dana@company.example', true],
    ['DANA@Company.example', true],
    ['eve@sub.company.example', false],
    ['eve@company.example.evil.example', false],
    ['eve@evil.example, dana@company.example', false],
    ['ops@partner.example', true],
    ['other@partner.example', false],
    ['@company.example', false],
  ] as const)
    t.equal(isInvited(email, ['@company.example', 'ops@partner.example']), yes, email);
  const link = await app.server.inject({
    method: 'POST',
    url: `/visit/${zebra.page.id}/link`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'status.company.example' },
    payload: 'email=nobody%40elsewhere.example',
    remoteAddress: '192.0.2.8',
  });
  t.equal(link.statusCode, 200);
  t.match(link.body, 'If this address may read the page', 'the same words for everybody');
  for (const bad of [['10.0.0.0/33'], ['0.0.0.0/0'], ['nowhere'], ['10.0.0.0/8/8']])
    await t.rejects(lock({ networks: bad }), { code: 'invalid', field: 'networks' });
  await t.rejects(lock({ password: '' }), { code: 'invalid', field: 'password' }, 'a page nobody could read');
});

t.test('several pages by host name, each its own', async (t) => {
  await setPageAccess(admin, locks, zebra.page.id, null);
  await changePageSettings(admin, brand.page.id, { domain: 'status.okapi.example' });
  await app.live.settled();
  const at = (url: string, host: string) => app.server.inject({ url, headers: { host } });
  const own = await at('/', 'status.okapi.example:8443');
  t.equal(own.statusCode, 200);
  t.match(own.body, 'Okapi words');
  t.match(own.body, 'href="/history"', 'its links stand at its own root');
  t.match((await at('/fr', 'status.okapi.example')).body, 'lang="fr"');
  t.match(JSON.parse((await at('/api/v2/summary.json', 'STATUS.okapi.example')).body).page, {
    name: 'Okapi',
  });
  for (const path of [
    '/zebra',
    `/incidents/${zebra.incident.id}`,
    '/zebra/history.atom',
    `/u/${zebra.code}`,
    `/card/${zebra.code}.png`,
    `/files/${logo}.svg`,
  ]) {
    const answer = await at(path, 'status.okapi.example');
    t.equal(answer.statusCode, 404, `${path} is not there`);
    t.notMatch(answer.body, SECRET);
  }
  t.equal((await at(`/live/poll?page=${zebra.page.id}`, 'status.okapi.example')).statusCode, 404);
  t.equal((await at(`/live/poll?page=${brand.page.id}`, 'status.company.example')).statusCode, 404);
  const elsewhere = await at('/okapi', 'status.company.example');
  t.equal(elsewhere.statusCode, 302);
  t.equal(elsewhere.headers.location, (await getPage(app.store.read, brand.page.id)).url);
  t.notMatch((await at('/', 'anything.example')).body, /Okapi|Zebra/, 'any other name is the first page');
  await t.rejects(changePageSettings(admin, zebra.page.id, { domain: 'status.okapi.example' }), {
    code: 'conflict',
  });
  await t.rejects(changePageSettings(admin, zebra.page.id, { domain: 'http://x' }), {
    code: 'invalid',
    field: 'domain',
  });
  await app.store.transact((w) => changePage(w, brand.page.id, { updatedAt: admin.now() }));
});
