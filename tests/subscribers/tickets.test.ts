import t, { type Test } from 'tap';
import { listSubscribers, type Subscriber } from '../../db/queries/subscribers.ts';
import { importSubscribers } from '../../src/actions/subscribers/import.ts';
import { addressHash } from '../../src/actions/subscribers/locks.ts';
import { eraseSubscriber } from '../../src/actions/subscribers/settle.ts';
import { tidySubscribers } from '../../src/actions/subscribers/upkeep.ts';
import { evenly } from '../../src/server/even.ts';
import { DATABASES, type DatabaseKind } from '../house.ts';
import { type House, openHouse, pathIn } from './house.ts';
import { otherThan } from './locks.ts';
import { openPeer } from './peer.ts';

const DAY = 24 * 60 * 60_000;

/** A program somewhere that speaks to the public API, each from an address of its own. */
function openProgram(house: House, from: string) {
  const call = async (method: string, path: string, body?: Record<string, string>, more = {}) => {
    const answer = await fetch(`${house.base}/api/v2/${path}`, {
      method,
      ...(body ? { body: new URLSearchParams(body) } : {}),
      headers: { 'x-forwarded-for': from, ...more },
    });
    const text = await answer.text();
    const { status, headers } = answer;
    const names = [...headers.keys()].filter((name) => name !== 'date');
    return { status, names, headers, json: (text === '' ? {} : JSON.parse(text)) as Answer };
  };
  return {
    call,
    subscribe: (fields: Record<string, string>) =>
      call(
        'POST',
        'subscribers.json',
        Object.fromEntries(Object.entries(fields).map(([k, v]) => [`subscriber[${k}]`, v])),
      ),
  };
}
interface Answer {
  subscriber: Record<string, unknown> & { id: string };
  error?: unknown;
  message?: string;
}

/** An answer without what chance and the clock put in it. */
const shape = (
  { status, names, json }: Awaited<ReturnType<ReturnType<typeof openProgram>['call']>>,
  address: string,
) => ({
  status,
  names,
  text: JSON.stringify(json)
    .replaceAll(/"id":"[0-9a-z]{25}"/g, '"id":"…"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .replaceAll(address, 'address'),
});

for (const database of DATABASES) t.test(database, (t) => onePage(t, database));

async function onePage(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database, env: { TRUST_PROXY: 'loopback' } });
  const { app, page, mail } = house;
  const rowOf = async (address: string): Promise<Subscriber | undefined> => {
    const hash = addressHash(app.subscribers.locks, page.id, 'email', address);
    return (await listSubscribers(app.store.read, page.id, {}, 1_000)).find((s) => s.addressHash === hash);
  };
  let programs = 0;
  const program = () => {
    programs += 1;
    return openProgram(house, `10.9.0.${programs}`);
  };
  const letters = (to: string) => mail.mails.filter((m) => m.to === to).length;

  await t.test('an id of its own: what was asked is read, sent again, and taken back', async (t) => {
    const one = program();
    const address = 'new@customer.example';
    const made = await one.subscribe({ email: address });
    const { id } = made.json.subscriber;
    t.match(made, {
      status: 201,
      json: { subscriber: { id: /^[0-9a-z]{25}$/, mode: 'email', email: address } },
    });
    t.strictSame(Object.keys(made.json.subscriber), [
      'created_at',
      'skip_confirmation_notification',
      'quarantined_at',
      'id',
      'mode',
      'purge_at',
      'email',
    ]);
    await mail.waitFor(address);
    const read = await one.call('GET', `subscribers/${id}.json`);
    t.strictSame([read.status, read.json], [200, made.json], 'the same object');
    t.strictSame((await one.call('GET', `subscribers/${id}`)).json, made.json, 'with and without .json');
    t.equal(read.headers.get('access-control-allow-origin'), '*');
    t.equal(read.headers.get('cache-control'), 'no-store');
    const resent = await one.call('POST', `subscriptions/${id}/resend_confirmation`);
    t.strictSame([resent.status, resent.json], [201, made.json]);
    t.equal(letters(address), 1, 'but no letter within ten minutes of the last');

    const ended = await one.call('DELETE', `subscribers/${id}.json`, undefined, {
      'content-type': 'application/json',
    });
    t.strictSame([ended.status, ended.json], [200, made.json], 'the object, as Statuspage does');
    t.equal(await rowOf(address), undefined, 'nothing is left of it');
    const link = pathIn((await mail.waitFor(address))[0]!.text);
    t.equal((await house.post(link, { do: 'confirm' })).status, 404, 'and its letter confirms nothing');
    const gone = await one.call('GET', `subscribers/${id}.json`);
    t.strictSame([gone.status, typeof gone.json.error, gone.json.error], [404, 'string', gone.json.message]);
    t.equal((await one.call('DELETE', `subscribers/${id}.json`)).status, 404);
  });

  await t.test('nobody ends, or learns of, what somebody else has', async (t) => {
    const known = 'known@customer.example';
    await house.join(known);
    const unknown = 'unknown@customer.example';
    const [a, b] = [program(), program()];
    const [first, second] = [await a.subscribe({ email: known }), await b.subscribe({ email: unknown })];
    t.strictSame(shape(first, known), shape(second, unknown), 'the same answer');
    const ids = [first.json.subscriber.id, second.json.subscriber.id];
    for (const [method, path] of [
      ['GET', 'subscribers/ID.json'],
      ['POST', 'subscriptions/ID/resend_confirmation.json'],
      ['GET', 'subscribers/ID'],
      ['DELETE', 'subscribers/ID.json'],
      ['GET', 'subscribers/ID.json'],
    ] as const)
      t.strictSame(
        shape(await a.call(method, path.replace('ID', ids[0]!)), known),
        shape(await b.call(method, path.replace('ID', ids[1]!)), unknown),
        `${method} ${path}`,
      );
    t.match(await rowOf(known), { state: 'active' }, 'still there');
    t.equal(await rowOf(unknown), undefined, 'their own wish is gone');
  });

  await t.test('whoever asked before the owner has no say once the owner has spoken', async (t) => {
    const address = 'victim@customer.example';
    const early = program();
    const { id } = (await early.subscribe({ email: address })).json.subscriber;
    const link = pathIn((await mail.waitFor(address))[0]!.text);
    t.equal((await house.post(link, { do: 'confirm' })).status, 303);
    t.equal((await early.call('DELETE', `subscribers/${id}.json`)).status, 200);
    t.match(await rowOf(address), { state: 'active' });

    const other = 'second@customer.example';
    const before = (await early.subscribe({ email: other })).json.subscriber.id;
    await mail.waitFor(other);
    await house.post('/subscribe', { by: 'email', address: other });
    t.equal((await early.call('DELETE', `subscribers/${before}.json`)).status, 200);
    t.match(await rowOf(other), { state: 'unconfirmed' }, 'somebody else wants it as well');
    const theirs = pathIn((await mail.waitFor(other))[0]!.text);
    t.equal((await house.post(theirs, { do: 'confirm' })).status, 303, 'and can still say yes');
  });

  await t.test('somebody who left is not brought back by whoever asks and takes it back', async (t) => {
    const address = 'left@customer.example';
    const link = await house.join(address);
    await house.post(link, { do: 'stop' });
    const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
    const later = { ...cli, now: () => cli.now() + 11 * 60_000 };
    const one = program();
    const { id } = (await one.subscribe({ email: address })).json.subscriber;
    t.match(await rowOf(address), { state: 'unconfirmed' });
    t.equal((await one.call('DELETE', `subscribers/${id}.json`)).status, 200);
    t.match(await rowOf(address), { state: 'unsubscribed', sealed: '' });
    await program().subscribe({ email: address });
    await tidySubscribers({ ...later, now: () => cli.now() + 4 * DAY });
    t.match(await rowOf(address), { state: 'unsubscribed', sealed: '' }, 'nor by waiting');
    const people = [{ address }];
    const added = await importSubscribers(cli, app.subscribers.locks, {
      pageId: page.id,
      kind: 'email',
      people,
      basis: 'An old list.',
    });
    t.equal(added, 0);
  });

  await t.test(
    'an id that is none, of another page, too old, or of somebody erased is not there',
    async (t) => {
      const one = program();
      const address = 'erased@customer.example';
      const { id } = (await one.subscribe({ email: address })).json.subscriber;
      const odd = [
        'x'.repeat(25),
        id.slice(1),
        `${id}0`,
        id.toUpperCase(),
        '1',
        '%00',
        "a'--",
        `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`,
      ];
      for (const none of odd) t.equal((await one.call('GET', `subscribers/${none}`)).status, 404, none);
      const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
      await eraseSubscriber(cli, (await rowOf(address))!.id);
      t.equal((await one.call('GET', `subscribers/${id}.json`)).status, 404, 'erased');
      const old = (await one.subscribe({ email: 'old@customer.example' })).json.subscriber.id;
      await tidySubscribers({ ...cli, now: () => Date.now() + 29 * DAY });
      t.equal(
        (await one.call('GET', `subscribers/${old}.json`)).status,
        200,
        'though its address is forgotten',
      );
      await tidySubscribers({ ...cli, now: () => Date.now() + 31 * DAY });
      t.equal((await one.call('GET', `subscribers/${old}.json`)).status, 404);
    },
  );

  await t.test('nobody walks ids', async (t) => {
    const walker = program();
    const answers: number[] = [];
    for (let i = 0; i < 25; i += 1)
      answers.push((await walker.call('GET', `subscribers/${String(i).padStart(25, '0')}.json`)).status);
    t.strictSame(answers.slice(0, 20), Array(20).fill(404));
    t.strictSame(answers.slice(20), Array(5).fill(429));
    const limited = await walker.call('DELETE', 'subscribers/0000000000000000000000000.json');
    t.ok(Number(limited.headers.get('retry-after')) > 0);
  });

  await t.test('a browser of another site may use them', async (t) => {
    for (const [path, methods] of [
      ['subscribers.json', 'POST'],
      ['subscribers/x.json', 'GET, DELETE'],
      ['subscriptions/x/resend_confirmation', 'POST'],
    ]) {
      const asked = await program().call('OPTIONS', path!);
      t.equal(asked.status, 204);
      t.equal(asked.headers.get('access-control-allow-methods'), methods);
    }
  });
}

t.test('programs: an own wish ends at once, another’s does not; a contact says yes first', async (t) => {
  const peer = await openPeer(() => ({ status: 200 }));
  const house = await openHouse({ env: { TRUST_PROXY: 'loopback' }, origins: [peer.base] });
  const rows = () => listSubscribers(house.app.store.read, house.page.id, { kind: 'webhook' }, 10);
  const endpoint = `${peer.base}/in?secret=abc`;
  const [one, two] = [openProgram(house, '10.9.1.1'), openProgram(house, '10.9.1.2')];
  const made = await one.subscribe({ endpoint, email: 'ops@receiver.example' });
  t.match(made.json.subscriber, { mode: 'webhook', endpoint, email: 'ops@receiver.example' });
  const [letter] = await house.mail.waitFor('ops@receiver.example');
  t.match(letter!.text, new URL(peer.base).host);
  t.notMatch(letter!.text, 'secret=abc', 'a stranger learns nothing of it');
  t.equal((await rows())[0]!.contactAt, null);
  const link = pathIn(letter!.text);
  t.match(await (await house.get(link)).text(), 'Is this your address?');
  t.equal((await rows())[0]!.contactAt, null, 'opening a link changes nothing');
  t.match(await (await house.post(link, { do: 'confirm' })).text(), 'Saved.');
  t.type((await rows())[0]!.contactAt, 'number');
  t.equal((await house.post(otherThan(link), { do: 'confirm' })).status, 404);

  const theirs = await two.subscribe({ endpoint });
  await two.call('DELETE', `subscribers/${theirs.json.subscriber.id}.json`);
  t.match((await rows())[0], { state: 'active' }, 'another who knows the address cannot end it');
  const own = await one.subscribe({ endpoint: `${peer.base}/mine`, email: 'ops@receiver.example' });
  await one.call('DELETE', `subscribers/${own.json.subscriber.id}.json`);
  t.strictSame(
    (await rows()).map((s) => s.state),
    ['active', 'unsubscribed'],
  );
  t.equal(
    house.mail.mails.filter((m) => m.to === 'ops@receiver.example').length,
    1,
    'a contact is asked once a day, however many programs name it',
  );

  await one.subscribe({ endpoint: `${peer.base}/third`, email: 'never@receiver.example' });
  await house.mail.waitFor('never@receiver.example');
  const cli = house.app.ctx({ kind: 'cli', id: 'test', roles: [] });
  await tidySubscribers({ ...cli, now: () => Date.now() + 4 * DAY });
  const kept = (await rows()).map((s) => s.contact !== null);
  t.strictSame(kept, [true, false, false], 'who never said yes is forgotten');
});

t.test('answers come at whole steps of time, whatever the work took and whatever came of it', async (t) => {
  for (const [took, waits] of [
    [0, 100],
    [3, 97],
    [99, 1],
    [130, 70],
  ] as const) {
    let now = 5_000;
    const waited: number[] = [];
    const work = async () => {
      now += took;
      return 'done';
    };
    const sleep = async (ms: number) => waited.push(ms);
    t.equal(await evenly(work, () => now, sleep), 'done');
    await t.rejects(
      evenly(
        async () => work().then(() => Promise.reject(new Error('no'))),
        () => now,
        sleep,
      ),
    );
    t.strictSame(waited, [waits, waits]);
  }
});
