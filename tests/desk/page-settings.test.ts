import { gzipSync } from 'node:zlib';
import t from 'tap';
import { listAudit } from '../../db/queries/log.ts';
import { ask, openHouse, sayYes } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());
const { app, page } = house;
const marcus = await house.enter(house.marcus);
const dana = await house.enter(house.dana);
const base = `/desk/pages/${page.id}`;
const see = async (path = '/') => {
  await app.live.settled();
  return app.server.inject({ url: path });
};
const identity = (more: Record<string, string> = {}) => ({
  name: 'Northwind Pay',
  description: 'Payments for shops in the north.',
  domain: '',
  timeZone: 'Europe/Berlin',
  languages: 'en, de ,ar',
  homepage: 'https://www.northwind.example/',
  supportUrl: 'mailto:help@northwind.example',
  contactUrl: 'https://northwind.example/contact',
  press: 'Priya Nair, +44 20 7946 0000, https://northwind.example/press',
  'family.label': 'For families and friends',
  'family.phone': '+44 20 7946 0001',
  'family.note': 'Day and night',
  ...more,
});

t.test('name, languages, ways to the company: on the page at once, and on the record', async (t) => {
  t.equal((await dana.get(base)).status, 403, 'an admin does this');
  const saved = await marcus.post(base, identity());
  t.equal(saved.status, 303, saved.body);
  const { body } = await see();
  t.match(body, 'data-zone="Europe/Berlin"');
  t.match(body, 'href="/de"');
  t.match(body, 'Payments for shops in the north.');
  t.match(body, '<a href="mailto:help@northwind.example">Support</a>');
  t.match(body, '>northwind.example</a>');
  t.match(body, 'href="https://northwind.example/press"');
  t.match((await see('/ar')).body, 'dir="rtl"');
  const audit = await listAudit(app.store.read, 0, 1_000);
  t.ok(audit.some((row) => row.action === 'page.change' && row.actorId === house.marcus.id));
  for (const [field, value] of [
    ['name', ''],
    ['timeZone', 'Mars/Olympus'],
    ['languages', 'xx'],
    ['supportUrl', 'javascript:alert(1)'],
    ['domain', 'not a host'],
    ['family.phone', 'call me'],
  ] as const) {
    const wrong = await marcus.post(base, identity({ [field]: value, description: 'Changed.' }));
    t.equal(wrong.status, 400, field);
    t.match(wrong.body, `id="e-${field}"`, `${field} says what is wrong with it`);
  }
  t.notMatch((await see()).body, 'Changed.', 'nothing of a refused form is kept');
});

t.test('colours that can be read, a style that stays in its place, inside the budget', async (t) => {
  const look = (more: Record<string, string> = {}) =>
    marcus.post(`${base}/look`, {
      'accent.light': '#8f1d14',
      'accent.dark': '#ffb4a8',
      customCss: '',
      ...more,
    });
  const pale = await look({ 'accent.light': '#ffcc00' });
  t.equal(pale.status, 400);
  t.match(pale.body, 'words need 4.5. Take a darker one.');
  const thief = await look({ customCss: '@import "https://evil.example"' });
  t.match(thief.body, 'Only @media and @supports can be used');
  t.equal((await look({ customCss: '.mast { letter-spacing: .01em }' })).status, 303);
  const { body, headers } = await see();
  t.match(body, ':root{--link:#8f1d14}');
  t.match(body, 'body .mast{letter-spacing: .01em}');
  const policy = String(headers['content-security-policy']);
  t.notMatch(policy, 'unsafe-inline');
  t.equal(policy.match(/sha256-/g)?.length, 2, 'exactly its own two styles may stand inline');
  t.ok(gzipSync(body).length < 14_000, `${gzipSync(body).length} bytes to the first paint`);
  t.match(String((await see('/history')).headers['content-security-policy']), policy, 'on every page of it');
});

t.test('a logo and an icon of its own, from here and nowhere else', async (t) => {
  const upload = (kind: string, name: string, bytes: string, csrf = marcus.csrf) =>
    app.server.inject({
      method: 'POST',
      url: `${base}/files/${kind}`,
      headers: {
        cookie: marcus.cookie,
        accept: 'text/html',
        'content-type': 'multipart/form-data; boundary=XX',
      },
      payload: `--XX\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n--XX\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${bytes}\r\n--XX--\r\n`,
    });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>';
  t.equal((await upload('logo', 'logo.svg', svg, 'forged')).statusCode, 403);
  t.equal((await upload('nonsense', 'logo.svg', svg)).statusCode, 404);
  const bad = await upload('logo', 'logo.png', svg.replace('<path', '<script>alert(1)</script><path'));
  t.equal(bad.statusCode, 400);
  t.match(bad.body, 'has &lt;script&gt; in it');
  t.equal((await upload('logo', '../../logo.png', svg)).statusCode, 303, 'what it is called does not matter');
  t.equal((await upload('favicon', 'icon.svg', svg)).statusCode, 303);
  const { body } = await see();
  const [, src = ''] = /<img src="(\/files\/[0-9a-f]{24}\.svg)" alt=""/.exec(body) ?? [];
  t.match(body, `<link rel="icon" href="${src}">`);
  const file = await see(src);
  t.equal(file.statusCode, 200);
  t.equal(file.body, svg);
  t.match(file.headers, {
    'content-type': 'image/svg+xml',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  t.match(String(file.headers['content-security-policy']), 'sandbox');
  t.equal((await marcus.post(`${base}/files/logo/off`, {})).status, 303);
  t.notMatch((await see()).body, '<img src="/files/');
});

t.test('checked, grave with a number to call, and private', async (t) => {
  t.equal((await dana.post(`${base}/checked`, {})).status, 303);
  t.match((await see()).body, 'Checked <span data-ago');
  const id = await ask(dana, { known: 'A fire broke out in our office.', grave: '1' }, 'Fire');
  await sayYes(marcus, id);
  await app.live.settled();
  const locked = await marcus.post(`${base}/access`, {
    do: 'lock',
    password: 'four unrelated words here',
    emails: '',
    networks: '',
  });
  t.equal(locked.status, 303, locked.body);
  t.equal((await see()).statusCode, 401);
  t.match((await marcus.get(base)).body, 'This page is private.');
  t.notMatch((await marcus.get(base)).body, 'argon2', 'the password is shown to nobody');
  t.equal(
    (await marcus.post(`${base}/access`, { do: 'lock', noPassword: '1', emails: '', networks: '' })).status,
    400,
  );
  t.equal((await marcus.post(`${base}/access`, { do: 'open' })).status, 303);
  t.equal((await see()).statusCode, 200);
});

t.test('whoever locks a page by network is told when a proxy hides where visitors come from', async (t) => {
  t.notMatch((await marcus.get(base)).body, 'We cannot tell your visitors apart');
  const behind = await marcus.get(base, { 'x-forwarded-for': '203.0.113.7' });
  t.match(behind.body, 'We cannot tell your visitors apart.');
  t.match(behind.body, 'a proxy at 127.0.0.1 that is not in <code>TRUST_PROXY</code>');
});

t.test('another page, at a path of its own', async (t) => {
  const made = await marcus.post('/desk/pages', { name: 'Northwind EU', slug: 'eu' });
  t.equal(made.status, 303);
  t.match((await see('/eu')).body, 'Northwind EU');
  t.match((await see('/p/eu')).body, 'Northwind EU');
  t.notMatch((await see('/eu')).body, 'Card payments', 'with parts of its own');
});
