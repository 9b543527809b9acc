import { Webhook } from 'standardwebhooks';
import t from 'tap';
import type { Account } from '../../src/simulator/facts.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import { ask, type Loose, open } from './ask.ts';

async function mastodon(t: Parameters<typeof open>[0], faults: Fault[] = []) {
  const opened = await open(t, { faults });
  const account = opened.of('mastodon');
  const base = account.settings['instance']!;
  const token = account.secrets['accessToken']!;
  const post = (status: string) => ask(`${base}/api/v1/statuses`, { token, body: { status } });
  const stored = () => opened.sim.world.posts('mastodon').map((one) => one.text);
  const set = (list: unknown) => ask(`${opened.sim.url}/_sim/faults`, { body: list });
  return { ...opened, account, base, token, post, stored, set };
}

t.test('each fault does what its name says, and the journal tells', async (t) => {
  const { post, stored, set, sim, base } = await mastodon(t);
  const one = (fault: Omit<Fault, 'network'>) =>
    set([{ network: 'mastodon', operation: 'publish', times: 1, ...fault }]);

  await one({ kind: 'drop_before' });
  await t.rejects(post('a'), 'the connection is cut');
  t.same(stored(), [], 'nothing stored');

  await one({ kind: 'drop_after' });
  await t.rejects(post('b'));
  t.same(stored(), ['b'], 'stored, then cut');

  await one({ kind: 'error_after', code: 504 });
  t.equal((await post('c')).status, 504);
  t.same(stored(), ['b', 'c']);

  await one({ kind: 'status', code: 503, retryAfter: 7 });
  const busy = await post('d');
  t.match({ status: busy.status, wait: busy.headers.get('retry-after') }, { status: 503, wait: '7' });
  await one({ kind: 'status', code: 422, body: { error: 'No' } });
  t.match(await post('d'), { status: 422, json: { error: 'No' } });
  await one({ kind: 'expired_token' });
  t.equal((await post('d')).status, 401);
  await one({ kind: 'html_200' });
  t.match(await post('d'), { status: 200, text: /^<!doctype html>/, json: undefined });
  await one({ kind: 'redirect' });
  t.match((await post('d')).headers.get('location'), `${base}/elsewhere`);
  t.same(stored(), ['b', 'c'], 'none of these store');

  await one({ kind: 'slow_body', ms: 5 });
  t.equal((await post('e')).json.content, '<p>e</p>', 'a slow body comes whole in the end');
  t.equal((await post('f')).status, 200, '`times` are used up');
  t.same(
    sim.world.journal().map((line) => [line.status, ...line.faults]),
    [
      [0, 'drop_before'],
      [0, 'drop_after'],
      [504, 'error_after'],
      [503, 'status'],
      [422, 'status'],
      [401, 'expired_token'],
      [200, 'html_200'],
      [302, 'redirect'],
      [200, 'slow_body'],
      [200],
    ],
  );
  const since = (await ask(`${sim.url}/_sim/journal?since=9`)).json as Loose[];
  t.match(since, [
    {
      seq: 10,
      network: 'mastodon',
      account: 'northwindpay',
      method: 'POST',
      path: '/api/v1/statuses',
      status: 200,
    },
  ]);
});

t.test('a late answer: stored at once, told after the client has gone', async (t) => {
  const { base, token, stored, set, sim } = await mastodon(t);
  await set([{ network: 'mastodon', kind: 'delay', ms: 3_600_000, after: true }]);
  const leave = new AbortController();
  const changed = new Promise((resolve) => sim.world.changes.once('change', resolve));
  const asked = fetch(`${base}/api/v1/statuses`, {
    method: 'POST',
    signal: leave.signal,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"status":"late"}',
  });
  await changed;
  leave.abort();
  await t.rejects(asked);
  t.same(stored(), ['late']);
});

t.test('a fault strikes only the network, account and operation it names', async (t) => {
  const { sim } = await open(t, {
    accounts: [
      { network: 'mastodon', handle: 'one' },
      { network: 'mastodon', handle: 'two' },
      { network: 'x' },
    ],
  });
  const [one, two] = sim.accounts as [Account, Account];
  await ask(`${sim.url}/_sim/faults`, {
    body: [{ network: 'mastodon', account: 'two', operation: 'publish', kind: 'status', code: 500 }],
  });
  const post = (account: Account) =>
    ask(`${account.settings['instance']}/api/v1/statuses`, {
      token: account.secrets['accessToken']!,
      body: { status: 'x' },
    });
  t.equal((await post(one)).status, 200);
  t.equal((await post(two)).status, 500);
  t.equal(
    (
      await ask(`${sim.url}/mastodon/api/v1/accounts/verify_credentials`, {
        token: two.secrets['accessToken']!,
      })
    ).status,
    200,
  );
  t.match((await ask(`${sim.url}/_sim/faults`)).json, [{ kind: 'status', hits: 1 }]);
});

t.test('chance is the same for the same seed, whatever else goes on', async (t) => {
  const run = async (seed: string, noise: boolean) => {
    const { sim, of } = await open(t, {
      seed,
      rates: 'open',
      faults: [{ operation: 'publish', kind: 'status', code: 500, probability: 0.4 }],
    });
    const statuses: number[] = [];
    for (let n = 0; n < 30; n++) {
      if (noise)
        await ask(`${sim.url}/x/2/tweets`, { token: of('x').extra['bearer']!, body: { text: `Noise ${n}` } });
      const { status } = await ask(`${sim.url}/mastodon/api/v1/statuses`, {
        token: of('mastodon').secrets['accessToken']!,
        body: { status: `Line ${n}` },
      });
      statuses.push(status);
    }
    return statuses;
  };
  const first = await run('a', false);
  t.same(await run('a', true), first);
  t.notSame(await run('b', false), first);
  const failed = first.filter((status) => status === 500).length;
  t.ok(failed > 3 && failed < 27, `${failed} of 30 failed`);
});

t.test('a lag hides what is stored from reads and finds, not from the truth', async (t) => {
  const { post, base, account, clock, sim, set } = await mastodon(t, [
    { network: 'mastodon', kind: 'lag', ms: 5000 },
  ]);
  const { id } = (await post('Hidden at first')).json;
  const found = async () =>
    ((await ask(`${base}/api/v1/accounts/${account.id}/statuses`)).json as Loose[]).length;
  t.equal((await ask(`${base}/api/v1/statuses/${id}`)).status, 404);
  t.equal(await found(), 0);
  t.match((await ask(`${sim.url}/_sim/posts?network=mastodon`)).json, [
    { id, text: 'Hidden at first', shown: false },
  ]);
  clock.now += 5000;
  t.equal((await ask(`${base}/api/v1/statuses/${id}`)).status, 200);
  t.equal(await found(), 1);
  await post('Hidden again');
  await set([]);
  t.equal(await found(), 2, 'a lag that is over hides nothing');
});

t.test('a wrong fault list is refused with the field, and changes nothing', async (t) => {
  const { sim, set } = await mastodon(t, [{ network: 'mastodon', kind: 'delay', ms: 1 }]);
  const said = async (list: unknown) => {
    const { status, json } = await set(list);
    return `${status} ${json.error}`;
  };
  t.match(await said([{ kind: 'explode' }]), /^422 faults\[0\]\.kind: expected one of delay, /);
  t.match(await said([{ kind: 'status' }]), /faults\[0\]\.code: missing/);
  t.match(
    await said([{ kind: 'drop_after' }, { kind: 'delay', ms: '5' }]),
    /faults\[1\]\.ms: expected a number/,
  );
  t.match(
    await said([{ kind: 'lag', ms: 5, network: 'myspace' }]),
    /faults\[0\]\.network: expected one of x, mastodon/,
  );
  t.match(await said({}), /faults: expected a list/);
  t.match((await ask(`${sim.url}/_sim/faults`, { body: '{' })).json, { error: 'body: not JSON' });
  t.equal(sim.world.faults.list().length, 1);
  await ask(`${sim.url}/_sim/faults?add=1`, { body: [{ kind: 'drop_after', network: 'x' }] });
  t.equal(sim.world.faults.list().length, 2);
});

t.test('webhooks: signatures are checked, ids kept once, receipts counted, 410 on order', async (t) => {
  const { sim, of, clock } = await open(t);
  const { settings, secrets } = of('webhook');
  const signer = new Webhook(secrets['secret']!);
  const body = '{"type":"incident.updated","text":"Cards work again"}';
  const send = (id: string, at = clock.now, sign = signer.sign(id, new Date(at), body), sent = body) =>
    ask(settings['url']!, {
      body: sent,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': sign,
      },
    });
  t.equal((await send('msg_1')).status, 200);
  t.match((await send('msg_1')).json, { duplicate: true });
  t.equal(
    (await send('msg_2', clock.now, `v1,AAAA ${signer.sign('msg_2', new Date(clock.now), body)}`)).status,
    200,
    'one good signature of several',
  );
  t.match(await send('msg_3', clock.now, 'v1,AAAA'), {
    status: 401,
    json: { error: 'No matching signature found' },
  });
  t.equal(
    (await send('msg_3', clock.now, undefined, body.replace('again', 'never'))).status,
    401,
    'other bytes than signed',
  );
  t.match(await send('msg_3', clock.now - 301_000), {
    status: 401,
    json: { error: 'Message timestamp too old' },
  });
  t.equal((await ask(settings['url']!, { body })).status, 401);
  t.equal((await ask(`${sim.url}/webhook/hook/nobody`, { body })).status, 404);
  t.match((await ask(`${sim.url}/_sim/posts?network=webhook`)).json, [
    { key: 'msg_1', receipts: 2, text: body },
    { key: 'msg_2', receipts: 1 },
  ]);
  await ask(`${sim.url}/_sim/faults`, { body: [{ network: 'webhook', kind: 'status', code: 410 }] });
  t.equal((await send('msg_4')).status, 410);
});
