import t from 'tap';
import { changePageSettings } from '../../src/actions/page/change-page.ts';
import { ORIGIN, openHouse } from './house.ts';

const house = await openHouse();
const { app } = house;
const admin = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const ask = (url: string) => app.server.inject({ url, headers: { host: 'localhost:8080' } });

await app.live.settled();

interface Link {
  href: string;
  type?: string;
}

t.test('a program finds everything that can be read here, and all of it is there', async (t) => {
  const answer = await ask('/.well-known/api-catalog');
  t.match(answer.headers['content-type'], /^application\/linkset\+json/);
  t.equal(answer.headers['access-control-allow-origin'], '*');
  const { linkset } = answer.json<{ linkset: Record<string, Link[] | string>[] }>();
  t.equal(linkset[0]?.['anchor'], `${ORIGIN}/.well-known/api-catalog`);
  const links = linkset.flatMap((of) => Object.values(of).filter(Array.isArray).flat()) as Link[];
  t.ok(links.length > 15);
  for (const { href, type } of links) {
    // What needs a token is described by another link.
    if (href === `${ORIGIN}/api/v1`) continue;
    const found = await ask(new URL(href).pathname);
    t.ok(found.statusCode < 400 || href.endsWith('/readyz'), `${href}: ${found.statusCode}`);
    if (type && found.statusCode === 200) t.match(found.headers['content-type'], type, href);
  }
});

t.test('where to report a hole, once the page names somebody', async (t) => {
  t.equal((await ask('/.well-known/security.txt')).statusCode, 404);
  await changePageSettings(admin, house.page.id, { contactUrl: 'mailto:security@northwind.example' });
  await app.live.settled();
  const { body, headers } = await ask('/.well-known/security.txt');
  t.equal(headers['content-type'], 'text/plain; charset=utf-8');
  t.match(body, 'Contact: mailto:security@northwind.example\n');
  t.match(body, `Canonical: ${ORIGIN}/.well-known/security.txt\n`);
  const until = Date.parse(/^Expires: (.+)$/m.exec(body)?.[1] ?? '') - house.clock.now();
  t.ok(until > 28 * 86_400_000 && until < 365 * 86_400_000, 'good for a while, and less than a year');
});

t.test('a password keeper is sent to the form', async (t) => {
  const { statusCode, headers } = await ask('/.well-known/change-password');
  t.equal(statusCode, 302);
  t.equal(headers.location, '/desk/me');
});
