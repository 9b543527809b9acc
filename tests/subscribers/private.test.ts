import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import t from 'tap';
import { listSubscribers } from '../../db/queries/subscribers.ts';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { eraseSubscriber } from '../../src/actions/subscribers/settle.ts';
import { openHouse, pathIn } from './house.ts';

const lines: string[] = [];
const logger = pino(
  { level: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const house = await openHouse({ env: { TRUST_PROXY: 'loopback' }, parts: { logger } });
const { mail, app, page } = house;

/** Everything the service has on disk: database, write-ahead log, the rest of its folder. */
const onDisk = () => {
  const folder = dirname(house.file);
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)).toString('latin1'))
    .join('');
};

t.test('what a stranger sees is the same for an address that is known, and one that is not', async (t) => {
  await house.join('known@customer.example');
  const shape = async (address: string) => {
    const answer = await house.post('/subscribe', { by: 'email', address });
    const headers = Object.fromEntries(answer.headers);
    delete headers['date'];
    return { status: answer.status, headers, body: await answer.text() };
  };
  const unknown = await shape('unknown@customer.example');
  const known = await shape('known@customer.example');
  t.same(known, unknown);
  t.notMatch(known.body, 'known@customer.example');
});

t.test('a known one gets its private link by mail, once in ten minutes', async (t) => {
  await house.join('again@customer.example');
  await app.told();
  t.equal(mail.mails.filter((m) => m.to === 'again@customer.example').length, 1, 'only a moment ago');
  const [row] = (await listSubscribers(app.store.read, page.id, {}, 100)).filter(
    (s) => app.subscribers.shownAddress(s) === 'again@customer.example',
  );
  await app.store.transact(async (w) => {
    const { changeSubscriber } = await import('../../db/queries/subscribers.ts');
    await changeSubscriber(w, row!.id, { letterAt: Date.now() - 11 * 60_000 });
  });
  await house.post('/subscribe', { by: 'email', address: 'again@customer.example' });
  const [, letter] = await mail.waitFor('again@customer.example', 2);
  t.match(letter!.text, 'gets updates from Northwind Pay already');
  const manage = await house.get(pathIn(letter!.text));
  t.equal(manage.status, 200);
  t.match(await manage.text(), /Unsubscribe/);
});

t.test('three a minute from one place, and everybody else goes on', async (t) => {
  const from = { 'x-forwarded-for': '10.77.0.1' };
  const statuses: number[] = [];
  for (let i = 0; i < 5; i += 1)
    statuses.push(
      (await house.post('/subscribe', { by: 'email', address: `flood${i}@customer.example` }, from)).status,
    );
  t.same(statuses, [200, 200, 200, 429, 429]);
  t.equal((await house.post('/subscribe', { by: 'email', address: 'calm@customer.example' })).status, 200);
});

t.test('forged, altered and foreign links open nothing', async (t) => {
  const manage = await house.join('links@customer.example');
  const token = manage.split('/').at(-1)!;
  const id = token.slice(0, 18);
  for (const bad of [
    'x',
    `${id}${'a'.repeat(43)}`,
    `${token}a`,
    token.slice(0, -1),
    `${'0'.repeat(18)}${token.slice(18)}`,
  ]) {
    const looked = await house.get(`/subscription/${bad}`);
    t.equal(looked.status, 404, bad.slice(0, 30));
    t.equal((await house.post(`/subscription/${bad}`, { do: 'stop' })).status, 404);
  }
  t.equal((await house.get(manage)).status, 200, 'still there');
});

t.test('change what you get: parts, language, everything', async (t) => {
  const manage = await house.join('change@customer.example');
  const saved = await house.post(manage, { do: 'save', scope: 'parts', part: house.parts[1]!.id });
  t.equal(saved.status, 303);
  const shown = await (await house.get(saved.headers.get('location') ?? '')).text();
  t.match(shown, /Saved\./);
  t.match(shown, new RegExp(`value="${house.parts[1]!.id}" checked`));
  const nothing = await house.post(manage, { do: 'save', scope: 'parts' });
  t.equal(nothing.status, 400);
  t.match(await nothing.text(), /at least one part/);
  const incident = await house.openIncident('Payments only');
  await house.say(incident, { components: { [house.parts[0]!.id]: 'major_outage' } });
  await app.told();
  t.equal(
    mail.mails.filter((m) => m.to === 'change@customer.example').length,
    1,
    'it is not about their part',
  );
});

t.test('a mailbox that does not exist is left alone from the first refusal', async (t) => {
  await house.join('moved@customer.example');
  mail.unknown.add('moved@customer.example');
  const incident = await house.openIncident('Bounces');
  await house.say(incident);
  await app.told();
  const row = (await listSubscribers(app.store.read, page.id, { state: 'quarantined' }, 10))[0];
  t.match(row, { state: 'quarantined', reason: /refused for good.*550/ });
  t.notMatch(onDisk(), 'moved@customer.example', 'what the server said of the address was not kept');
  const alerts = await app.store.read.sql.select().from(app.store.read.t.alerts);
  t.notOk(
    alerts.some((a) => a.kind === 'refused' || a.kind === 'dead'),
    'nobody is woken for it',
  );
});

t.test('erased: nothing of an address is left on disk or in the log', async (t) => {
  const address = 'forget.me.whole@customer.example';
  await house.join(address);
  const incident = await house.openIncident('Last');
  await house.say(incident);
  await app.told();
  await mail.waitFor(address, 2);
  const row = (await listSubscribers(app.store.read, page.id, {}, 500)).find(
    (s) => app.subscribers.shownAddress(s) === address,
  )!;
  const { addressHash, sealed } = row;
  await eraseSubscriber(app.ctx({ kind: 'cli', id: 'test', roles: [] }), row.id);
  await app.store.backup(join(dirname(house.file), 'copy.db'));
  t.notMatch(onDisk(), address);
  t.notMatch(lines.join(''), address);
  const copy = readFileSync(join(dirname(house.file), 'copy.db')).toString('latin1');
  const { subscribers: s } = app.store.read.t;
  t.equal(
    (await app.store.read.sql.select().from(s)).filter(
      (x) => x.addressHash === addressHash || x.sealed === sealed,
    ).length,
    0,
  );
  t.notMatch(copy, address);
});

t.test(
  'a private page: the link by mail leads to the page, whatever host was asked, and opens once',
  async (t) => {
    const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
    const access = { emails: ['dana@customer.example'], networks: [] };
    await setPageAccess(cli, { passwords: openPasswords() }, page.id, access);
    await app.live.settled();
    t.equal((await house.get('/')).status, 401);
    const asked = await house.post(
      `/visit/${page.id}/link`,
      { email: 'dana@customer.example' },
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    );
    t.equal(asked.status, 200);
    const [letter] = await mail.waitFor('dana@customer.example', 1);
    const link = /https?:\/\/\S+/.exec(letter!.raw.replaceAll('=\r\n', ''))?.[0] ?? '';
    t.match(link, new RegExp(`^http://status\\.northwind\\.example/visit/${page.id}/open/`));
    const { pathname } = new URL(link);
    t.equal((await house.get(pathname)).status, 200, 'looking at it lets nobody in');
    const entered = await house.post(pathname, {});
    t.equal(entered.status, 303);
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0]!;
    t.equal((await fetch(`${house.base}/`, { headers: { cookie } })).status, 200);
    t.equal((await house.post(pathname, {})).status, 401, 'a second time it opens nothing');
  },
);
