import { createHash } from 'node:crypto';
import t from 'tap';
import { changePageSettings } from '../../src/actions/page/change-page.ts';
import { setPageFile } from '../../src/actions/page/page-files.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { renderError, wear } from '../../src/templates/plain.ts';
import { openHouse } from './house.ts';

const house = await openHouse();
const { app, page } = house;
const admin = app.ctx({ kind: 'cli', id: 'test', roles: [] });

t.test('forms, answers and errors wear what their page wears', async (t) => {
  await changePageSettings(admin, page.id, {
    accent: { light: '#1c4aa0', dark: '#9fc2ff' },
    supportUrl: 'https://northwind.example/help',
  });
  await setPageFile(
    admin,
    page.id,
    'logo',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'),
  );
  await app.live.settled();
  for (const url of ['/subscribe', '/verify', '/nothing', '/subscription/nothing']) {
    const answer = await app.server.inject({ url, headers: { host: 'localhost:8080', accept: 'text/html' } });
    t.match(answer.body, /<img src="\/files\/[0-9a-f]+\.svg" alt="" height="28">/, `${url}: the logo`);
    const own = /<style>(:root\{--link:#1c4aa0[^<]*)<\/style>/.exec(answer.body)?.[1] ?? '';
    const hash = createHash('sha256').update(own).digest('base64');
    t.ok(own !== '', `${url}: the accents`);
    t.ok(String(answer.headers['content-security-policy']).includes(hash), `${url}: and they are let in`);
    t.match(answer.body, 'Northwind Pay <span>status</span>', url);
  }
});

t.test('a page whose path begins like the desk’s is a page all the same', async (t) => {
  await setUpPage(admin, { name: 'Desktops', url: 'http://localhost:8080/desktops', slug: 'desktops' });
  await app.live.settled();
  const ask = (url: string) =>
    app.server.inject({ url, headers: { host: 'localhost:8080', accept: 'text/html' } });
  const missing = await ask('/desktops/incidents/none');
  t.equal(missing.statusCode, 404);
  t.match(missing.body, 'Desktops <span>status</span>', 'what is missing there is told as on the page');
  t.notMatch(missing.body, 'Tocsin desk');
  for (const url of ['/desk/nowhere', '/desk?x=1', '/desk'])
    t.match((await ask(url)).body, 'Tocsin desk', url);
});

t.test('who cannot be shown a page is led to help, also where that is a mail address', async (t) => {
  const { url } = page;
  const place = app.live.findPlace([], new URL(url).hostname);
  const worn = wear(app.live.head(place!)!, '', true);
  const help = (at: string) =>
    renderError({ page: worn, status: 503, id: null, history: null, help: at }).match(
      /<a href="([^"]*)">Support/,
    )?.[1];
  t.equal(help('https://northwind.example/help'), 'https://northwind.example/help');
  t.equal(help('mailto:help@northwind.example'), 'mailto:help@northwind.example');
  t.equal(help('javascript:alert(1)'), '#');
});
