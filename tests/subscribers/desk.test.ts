import t from 'tap';
import { listAudit } from '../../db/queries/log.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { openHouse } from '../server/house.ts';
import { openMailbox } from './mail.ts';

const mail = await openMailbox();
const house = await openHouse({ ALLOW_ORIGINS: mail.address });
const { app, page } = house;
const admin = await house.enter(await house.add('Ada', ['admin']));
const viewer = await house.enter(await house.add('Vera', ['viewer']));
const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const id = cli.newId();
const made = await app.channels.prepare('email', id, {
  server: mail.address,
  from: 'status@northwind.example',
});
await connectAccount(cli, {
  id,
  pageId: page.id,
  channel: 'email',
  name: 'Mail',
  role: 'status',
  settings: made.settings,
  sealed: made.sealed,
  template: made.kind.template,
  verified: made.verified,
});

t.test('a list comes in with its ground, one is found and forgotten, a list goes out', async (t) => {
  t.match((await admin.get('/desk/subscribers')).body, 'Nobody yet.');
  const list = 'address\nmara@customer.example\n=cmd@customer.example,en\n';
  const unsure = await admin.post('/desk/subscribers/import', {
    page: page.id,
    kind: 'email',
    list,
    basis: 'They agreed in the shop.',
  });
  t.equal(unsure.status, 400);
  t.match(unsure.body, 'without a lawful ground');
  t.match(unsure.body, 'mara@customer.example', 'what was typed is kept');
  const wrong = await admin.post('/desk/subscribers/import', {
    page: page.id,
    kind: 'email',
    list: 'no address',
    basis: 'They agreed.',
    agree: '1',
  });
  t.match(wrong.body, 'Line 1 is not an address.');
  const done = await admin.post('/desk/subscribers/import', {
    page: page.id,
    kind: 'email',
    list,
    basis: 'They agreed in the shop.',
    agree: '1',
  });
  t.equal(done.to, '/desk/subscribers?said=brought-in');
  const seen = await viewer.get('/desk/subscribers');
  t.match(seen.body, /<td data-l="Active">2<\/td>/);
  t.notMatch(seen.body, 'customer.example', 'numbers for everybody, addresses for admins');

  const found = await admin.post('/desk/subscribers/find', {
    page: page.id,
    kind: 'email',
    address: 'Mara@customer.example',
  });
  t.match(found.body, 'They agreed in the shop.');
  const erase = /action="(\/desk\/subscribers\/\w+\/erase)"/.exec(found.body)?.[1] ?? '';
  t.match((await admin.post(erase, {})).body, 'it cannot be taken back');
  t.equal((await viewer.post(erase, { sure: '1' })).status, 403);
  t.equal((await admin.post(erase, { sure: '1' })).to, '/desk/subscribers?said=erased');
  t.match(
    (
      await admin.post('/desk/subscribers/find', {
        page: page.id,
        kind: 'email',
        address: 'mara@customer.example',
      })
    ).body,
    'Nobody with this address',
  );

  const out = await admin.post('/desk/subscribers/export', { page: page.id, kind: 'email' });
  t.match(out.headers['content-type'], /^text\/csv/);
  t.match(out.body, `"'=cmd@customer.example","active","en"`);
  const audit = await listAudit(app.store.read, 0, 1_000);
  for (const action of ['subscribers.import', 'subscriber.erase', 'subscribers.export'])
    t.ok(
      audit.some((row) => row.action === action),
      action,
    );
  t.notMatch(JSON.stringify(audit), 'mara@customer.example');
});

t.test('what a provider says afterwards', async (t) => {
  const token = await house.token(await house.add('Program', ['admin']), ['read', 'admin']);
  const call = (url: string, payload: object) =>
    app.server.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${token}` } });
  const brought = await call('/api/v1/subscribers/import', {
    kind: 'email',
    basis: 'They agreed in the shop.',
    people: [{ address: 'bounce@customer.example' }, { address: 'nonsense' }],
  });
  t.same(brought.json(), { given: 2, added: 1, notAddresses: [1] });
  for (const address of ['bounce@customer.example', 'stranger@customer.example'])
    t.equal(
      (await call('/api/v1/subscribers/bounces', { kind: 'email', address, reason: 'bounced' })).statusCode,
      204,
    );
  const cross = { kind: 'email', address: 'cross@customer.example' };
  const again = { kind: 'email', basis: 'The same list.', people: [{ address: cross.address }] };
  t.match((await call('/api/v1/subscribers/import', again)).json(), { added: 1 });
  await call('/api/v1/subscribers/bounces', { ...cross, reason: 'complained' });
  t.match(
    (await call('/api/v1/subscribers/import', again)).json(),
    { added: 0 },
    'whoever complained is unsubscribed, and no list brings them back',
  );
  const shown = await admin.get('/desk/subscribers');
  t.notMatch(shown.body, cross.address);
  t.match(shown.body, /bounce@customer\.example[\s\S]*could not be delivered/);
  t.equal(
    (await call('/api/v1/subscribers/erase', { kind: 'email', address: 'bounce@customer.example' }))
      .statusCode,
    204,
  );
  t.equal(
    (await call('/api/v1/subscribers/erase', { kind: 'email', address: 'bounce@customer.example' }))
      .statusCode,
    404,
  );
});
