import t from 'tap';
import { getConnection, listConnections } from '../../db/queries/connections.ts';
import { listAudit } from '../../db/queries/log.ts';
import type { Account } from '../../src/simulator/facts.ts';
import { clientOf } from '../../src/simulator/sign-in.ts';
import type { Visitor } from '../visitor.ts';
import { openHouse } from './house.ts';

const house = await openHouse({ networks: true });
t.teardown(() => house.close());
const admin = await house.enter(house.marcus);
const { app, simulator, page } = house;
const accounts = simulator?.accounts ?? [];
const accountOn = (network: string) => accounts.find((one) => one.network === network) as Account;
/** The house has connected an account on every network itself; these are the ones of this test. */
const connections = async () =>
  (await listConnections(app.store.read, page.id)).filter((one) => one.name === use.name);
const use = { name: 'Brand account', role: 'brand', language: 'en', includeLink: '1' };

/** Where the link “Go on to …” leads. */
const awayFrom = (body: string): string =>
  (/<a class="btn main-act big" href="([^"]+)"/.exec(body)?.[1] ?? '')
    .replaceAll('&amp;', '&')
    .replaceAll('&#x3D;', '=');

/** The person clicks on the network's own page, and the browser brings them back. */
async function click(url: string, how: Record<string, string>): Promise<string> {
  const at = new URL(url);
  for (const [name, value] of Object.entries(how)) at.searchParams.set(name, value);
  const answer = await fetch(at, { redirect: 'manual', headers: { 'user-agent': 'Mozilla/5.0' } });
  const to = new URL(answer.headers.get('location') ?? 'about:blank');
  return `${to.pathname}${to.search}`;
}

async function leave(visitor: Visitor, path: string, fields: Record<string, string>) {
  await visitor.get(path);
  const page = await visitor.post(`${path}/sign-in`, { ...use, ...fields });
  return { ...page, url: awayFrom(page.body) };
}
const entered = (account: Account, secret = 'clientSecret') => ({
  's.clientId': clientOf(account).id,
  [`s.${secret}`]: clientOf(account).secret,
  's.api': account.settings['api'] ?? '',
});

t.test('the page shows where to create what, and the address to paste there', async (t) => {
  const { body } = await admin.get('/desk/connections/add/x');
  t.ok(body.includes(`${house.url}/desk/connections/back`));
  t.match(body, /Sign in on X/);
  t.match(body, /paste the address shown here as the callback URI/);
  t.match(
    (await admin.get('/desk/connections/add/mastodon')).body,
    /we make the app on your server ourselves/,
  );
  t.notMatch((await admin.get('/desk/connections/add/telegram')).body, /Sign in on/);
});

t.test('Mastodon: from an address to a connected account', async (t) => {
  const account = accountOn('mastodon');
  const gone = await leave(admin, '/desk/connections/add/mastodon', {
    's.instance': account.settings['instance'] ?? '',
  });
  t.equal(gone.status, 200);
  t.equal(new URL(gone.url).origin, new URL(account.base).origin);
  const back = await admin.get(await click(gone.url, { choose: account.handle }));
  t.equal(back.to, '/desk/connections?said=connected');
  const [made] = (await connections()).filter((one) => one.channel === 'mastodon');
  t.match(made, { name: 'Brand account', role: 'brand', account: /northwindpay/ });
  t.notOk(
    JSON.stringify(made?.settings).includes(account.secrets['accessToken'] ?? ''),
    'the token is sealed',
  );
  t.notOk(made?.sealed.includes(account.secrets['accessToken'] ?? ''));

  t.test('and it can be tried out where nobody else sees it', async (t) => {
    await admin.get(`/desk/connections/${made?.id}`);
    const tried = await admin.post(`/desk/connections/${made?.id}/try`, {});
    t.match(tried.to, /said=tried/);
    const posts = (await (await fetch(`${simulator?.url}/_sim/posts?network=mastodon`)).json()) as {
      raw: { visibility: string };
      deletedAt: number | null;
    }[];
    const post = posts.findLast((one) => one.raw.visibility === 'direct');
    t.equal(post?.raw.visibility, 'direct');
    t.not(post?.deletedAt, null, 'and it is taken away again');
  });
});

t.test('one answer works once, in the session that asked, and says so', async (t) => {
  const account = accountOn('x');
  const before = (await connections()).length;
  const gone = await leave(admin, '/desk/connections/add/x', entered(account));
  const path = await click(gone.url, { choose: account.handle });
  const other = await house.enter(await house.add('Ada Byron', ['admin']));
  const stolen = await other.get(path);
  t.equal(stolen.status, 410);
  t.match(stolen.body, /Nothing was connected/);
  t.match(stolen.body, /Start again under “Networks”/);
  t.equal((await admin.get(path)).to, '/desk/connections?said=connected', 'the one who asked may');
  const replayed = await admin.get(path);
  t.equal(replayed.status, 410);
  t.match(replayed.body, /used already/);
  t.equal((await admin.get('/desk/connections/back?code=x&state=made-up')).status, 410);
  t.equal((await admin.get('/desk/connections/back')).status, 410);
  t.equal((await connections()).length, before + 1, 'one connection, whoever tried');
});

t.test('a no, a missing permission and a wrong secret name the fix', async (t) => {
  const account = accountOn('x');
  const before = (await connections()).length;
  const start = () => leave(admin, '/desk/connections/add/x', entered(account));
  const denied = await admin.get(await click((await start()).url, { deny: '1' }));
  t.equal(denied.status, 400);
  t.match(denied.body, /choose “Allow”/);
  t.match(denied.body, /href="\/desk\/connections\/add\/x"/);
  const less = await admin.get(
    await click((await start()).url, { choose: account.handle, without: 'tweet.write' }),
  );
  t.match(less.body, /did not give us tweet.write/);
  const mistyped = await leave(admin, '/desk/connections/add/x', {
    ...entered(account),
    's.clientSecret': 'mistyped',
  });
  const wrong = await admin.get(await click(mistyped.url, { choose: account.handle }));
  t.match(wrong.body, /ID and secret again/);
  const empty = await leave(admin, '/desk/connections/add/x', { 's.clientId': '' });
  t.equal(empty.status, 400);
  t.match(empty.body, /Client ID is missing/);
  t.equal((await connections()).length, before);
});

t.test('several channels: one is chosen, and only by who asked', async (t) => {
  const account = accountOn('slack');
  const gone = await leave(admin, '/desk/connections/add/slack', entered(account));
  const which = await admin.get(await click(gone.url, { choose: account.handle }));
  t.equal(which.status, 200);
  t.match(which.body, /#status/);
  t.match(which.body, /#general/);
  const choice = /name="choice" value="([^"]+)"/.exec(which.body)?.[1] ?? '';
  const again = await admin.post('/desk/connections/choose', { choice, account: 'C0NOWHERE' });
  t.equal(again.status, 400);
  const second = /name="choice" value="([^"]+)"/.exec(again.body)?.[1] ?? '';
  const other = await house.enter(await house.add('Eve', ['admin']));
  t.equal(
    (await other.post('/desk/connections/choose', { choice: second, account: 'C0GENERAL99' })).status,
    410,
  );
  const chosen = { choice: second, account: account.settings['channel'] ?? '' };
  t.equal((await admin.post('/desk/connections/choose', chosen)).to, '/desk/connections?said=connected');
  t.equal((await admin.post('/desk/connections/choose', chosen)).status, 410, 'once');
});

t.test('connecting anew keeps the id, what waits and what was said', async (t) => {
  const account = accountOn('x');
  const x = (await connections()).find((one) => one.channel === 'x')!;
  await app.outbox.idle();
  const reason = 'X did not renew our token.';
  await app.store.transact(async (w) => {
    const { changeConnection } = await import('../../db/queries/connections.ts');
    await changeConnection(w, x.id, { pausedAt: Date.now(), pausedReason: reason });
  });
  const shown = await admin.get(`/desk/connections/${x.id}`);
  t.match(shown.body, reason);
  t.notOk(shown.body.includes(clientOf(account).secret), 'the secret is not shown again');
  // The secret is left empty: the one we have is used.
  const gone = await leave(admin, `/desk/connections/${x.id}`, {
    's.clientId': clientOf(account).id,
    's.api': account.settings['api'] ?? '',
  });
  const back = await admin.get(await click(gone.url, { choose: account.handle }));
  t.equal(back.to, '/desk/connections?said=reconnected');
  const after = await getConnection(app.store.read, x.id);
  t.match(after, { id: x.id, pausedAt: null, pausedReason: null, name: x.name, position: x.position });
  t.not(after.sealed, x.sealed);
  t.ok((await listAudit(app.store.read, 0, 500)).some((row) => row.action === 'connection.reconnected'));

  t.test('but not as somebody else', async (t) => {
    const answer = await fetch(`${simulator?.url}/_sim/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ network: 'x', handle: 'somebody_else' }),
    });
    t.ok(answer.ok);
    const stranger = (await answer.json()) as Account;
    const away = await leave(admin, `/desk/connections/${x.id}`, entered(stranger));
    const refused = await admin.get(await click(away.url, { choose: 'somebody_else' }));
    t.equal(refused.status, 409);
    t.match(refused.body, /This is @somebody_else, and the connection is @northwindpay/);
    t.equal((await getConnection(app.store.read, x.id)).sealed, after.sealed);
  });
});

t.test('with keys that are copied: what is left empty stays', async (t) => {
  const account = accountOn('telegram');
  const made = await admin.post('/desk/connections/add/telegram', {
    ...use,
    ...Object.fromEntries(
      Object.entries({ ...account.settings, ...account.secrets }).map(([k, v]) => [`v.${k}`, v]),
    ),
  });
  t.equal(made.status, 303);
  const telegram = (await connections()).find((one) => one.channel === 'telegram')!;
  await admin.get(`/desk/connections/${telegram.id}`);
  const again = await admin.post(
    `/desk/connections/${telegram.id}`,
    Object.fromEntries(Object.entries(account.settings).map(([k, v]) => [`v.${k}`, v])),
  );
  t.equal(again.to, '/desk/connections?said=reconnected');
  const trial = await admin.post(`/desk/connections/${telegram.id}/try`, {});
  t.equal(trial.status, 409);
  t.match(trial.body, /no place that only you can see/);
});

t.test('only admins', async (t) => {
  const dana = await house.enter(house.dana);
  for (const path of ['/desk/connections/add/x', '/desk/connections/back?code=x&state=y'])
    t.equal((await dana.get(path)).status, 403);
});
