import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { bearer, json, type NetworkKind, textField } from '../../src/simulator/network.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import { ask, open } from './ask.ts';

t.test('every receipt opens: permalinks, profiles, timelines', async (t) => {
  const { sim, of } = await open(t);
  const made = await ask(`${sim.url}/x/2/tweets`, {
    token: of('x').extra['bearer']!,
    body: { text: 'Looking into it: https://status.northwind.example/u/1' },
  });
  const status = await ask(`${sim.url}/mastodon/api/v1/statuses`, {
    token: of('mastodon').secrets['accessToken']!,
    body: { status: 'Looking into it' },
  });
  const bluesky = of('bluesky');
  const session = await ask(`${sim.url}/bluesky/xrpc/com.atproto.server.createSession`, {
    body: { identifier: bluesky.handle, password: bluesky.secrets['password'] },
  });
  await ask(`${sim.url}/bluesky/xrpc/com.atproto.repo.putRecord`, {
    token: session.json.accessJwt,
    body: {
      repo: bluesky.id,
      collection: 'app.bsky.feed.post',
      rkey: '3jzfcijpj2z2a',
      record: { text: 'Looking into it', createdAt: '2026-11-21T12:00:00Z' },
    },
  });
  for (const url of [
    `${sim.url}/x/northwindpay/status/${made.json.data.id}`,
    status.json.url,
    `${sim.url}/bluesky/profile/${bluesky.id}/post/3jzfcijpj2z2a`,
    `${sim.url}/bluesky/profile/${bluesky.handle}/post/3jzfcijpj2z2a`,
    `${sim.url}/bluesky/profile/${bluesky.handle}`,
    `${sim.url}/x/@northwindpay`,
    `${sim.url}/x/northwindpay`,
    `${sim.url}/mastodon/@northwindpay`,
    `${sim.url}/mastodon`,
    `${sim.url}/`,
  ]) {
    const page = await ask(url);
    t.match(page, { status: 200, text: /Looking into it/ }, url);
    t.match(page.headers.get('content-type'), /^text\/html/);
  }
  const all = await ask(sim.url);
  t.match(all.text, '<a href="https://status.northwind.example/u/1" rel="noreferrer nofollow">');
  for (const post of sim.world.posts('x')) t.equal(post.url, `${sim.url}/x/northwindpay/status/${post.id}`);
  await ask(`${sim.url}/x/2/tweets/${made.json.data.id}`, {
    method: 'DELETE',
    token: of('x').extra['bearer']!,
  });
  t.equal(
    (await ask(`${sim.url}/x/northwindpay/status/${made.json.data.id}`)).status,
    404,
    'a removed post is gone from the page',
  );
  t.equal((await ask(`${sim.url}/x/2/nothing`)).status, 404);
});

t.test('what customers write cannot become markup', async (t) => {
  const { sim } = await open(t);
  const text =
    '<script>alert(1)</script> https://a.example/"><img src=x onerror=alert(2)> javascript:alert(3)';
  const author = { handle: '"><b>x', name: '<i>Mallory</i>' };
  for (const network of ['x', 'mastodon', 'bluesky']) {
    t.equal((await ask(`${sim.url}/_sim/mentions`, { body: { network, text, author } })).status, 201);
  }
  for (const path of ['/', '/x', '/mastodon', '/bluesky']) {
    const page = await ask(`${sim.url}${path}`);
    t.notMatch(page.text, /<script>alert|<img|<b>x|<i>Mallory|href="javascript/);
    t.match(page.headers.get('content-security-policy'), /default-src 'none'.*script-src 'nonce-/);
  }
});

t.test('the stream tells an open page of each change', async (t) => {
  const { sim, of } = await open(t);
  const leave = new AbortController();
  const res = await fetch(`${sim.url}/_sim/stream`, { signal: leave.signal });
  t.match(res.headers.get('content-type'), 'text/event-stream');
  const reader = res.body!.pipeThrough(new TextDecoderStream()).getReader();
  await ask(`${sim.url}/mastodon/api/v1/statuses`, {
    token: of('mastodon').secrets['accessToken']!,
    body: { status: 'Now' },
  });
  let seen = '';
  while (!seen.includes('event: change')) seen += (await reader.read()).value ?? '';
  t.match(seen, 'data: {"network":"mastodon"}');
  leave.abort();
});

t.test('levers: accounts, clock, reset, health', async (t) => {
  const { sim } = await open(t);
  t.match((await ask(`${sim.url}/_sim/health`)).json, { ok: true, seed: 'test' });
  const made = await ask(`${sim.url}/_sim/accounts`, {
    body: { network: 'mastodon', handle: 'second', name: 'Second' },
  });
  t.equal(made.status, 201);
  const token = made.json.secrets.accessToken;
  t.equal(
    (await ask(`${sim.url}/mastodon/api/v1/accounts/verify_credentials`, { token })).json.username,
    'second',
  );
  t.match(await ask(`${sim.url}/_sim/accounts`, { body: { network: 'icq' } }), {
    status: 422,
    json: { error: /^network: expected one of x, / },
  });
  t.match(await ask(`${sim.url}/_sim/accounts`, { body: { network: 'x', handle: '<b>' } }), {
    status: 422,
    json: { error: /^handle: / },
  });
  t.match(await ask(`${sim.url}/_sim/mentions`, { body: { network: 'webhook', text: 'x' } }), {
    status: 422,
    json: { error: /nobody can answer/ },
  });
  await ask(`${sim.url}/mastodon/api/v1/statuses`, { token, body: { status: 'x' } });
  const before = (await ask(`${sim.url}/_sim/health`)).json.now;
  t.equal((await ask(`${sim.url}/_sim/clock`, { body: { skipMs: 3_600_000 } })).json.now, before + 3_600_000);
  await ask(`${sim.url}/_sim/reset`, { method: 'POST' });
  t.same((await ask(`${sim.url}/_sim/posts`)).json, []);
  t.equal(
    (await ask(`${sim.url}/mastodon/api/v1/accounts/verify_credentials`, { token })).status,
    200,
    'accounts stay',
  );
});

t.test(
  'a network is one object: routes, credentials, and a server of its own if it is not HTTP',
  async (t) => {
    const pager: NetworkKind = {
      kind: 'pager',
      name: 'Pager',
      open: (world) => ({
        credentials: (seed, base) => ({
          settings: { api: base, port: String(world.ports.get('pager')) },
          secrets: { token: seed.word('token', 32) },
        }),
        authenticate: (call) =>
          world.accountBySecret('pager', 'token', bearer(call)) ?? json(401, { error: 'bad token' }),
        refusal: (code) => json(code, { error: `status ${code}` }),
        expired: () => json(401, { error: 'old token' }),
        routes: [
          {
            method: 'POST',
            path: '/rooms/:room/pages',
            does: ['publish'],
            run(call, account) {
              const text = textField(call.body, 'text') ?? '';
              const post = world.keep({
                network: 'pager',
                account: account.id,
                author: account,
                id: call.params['room']!,
                text,
                at: call.now,
                paths: ['/p/1'],
              });
              return json(201, { id: post.id });
            },
          },
        ],
      }),
      async listen(_world, host) {
        const server = createServer().listen(0, host);
        await once(server, 'listening');
        return { port: (server.address() as AddressInfo).port, close: async () => void server.close() };
      },
    };
    const { sim, of } = await open(t, {
      networks: [pager],
      faults: [{ network: 'pager', kind: 'error_after', times: 1 }],
    });
    const { settings, secrets } = of('pager');
    const socket = connect(Number(settings['port']), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    const post = (token: string) =>
      ask(`${settings['api']}/rooms/a%2Fb/pages`, { token, body: { text: 'Wake up' } });
    t.equal((await post(secrets['token']!)).status, 502, 'faults, journal, pages and truth come with it');
    t.match((await ask(`${sim.url}/_sim/posts`)).json, [{ network: 'pager', id: 'a/b', text: 'Wake up' }]);
    t.match((await ask(`${sim.url}/pager/p/1`)).text, 'Wake up');
    t.equal((await post('wrong')).status, 401);
  },
);

t.test('the same seed gives the same credentials', async (t) => {
  const first = await open(t, { seed: 'one' });
  const second = await open(t, { seed: 'one' });
  const other = await open(t, { seed: 'two' });
  t.same(first.of('x').secrets, second.of('x').secrets);
  t.notSame(first.of('x').secrets, other.of('x').secrets);
  t.same(Object.keys(first.of('x').secrets), [
    'consumerKey',
    'consumerSecret',
    'accessToken',
    'accessSecret',
  ]);
  t.same(Object.keys(first.of('bluesky').settings), ['service', 'identifier']);
});

t.test('as a process: ready, stopped, and gone with its parent', async (t) => {
  const started = await startSimulator({ seed: 'process', accounts: [{ network: 'x' }], rates: 'open' });
  t.same(
    started.accounts.map((one) => one.network),
    ['x'],
  );
  t.match((await ask(`${started.url}/_sim/health`)).json, { ok: true, seed: 'process' });
  await started.stop();
  await t.rejects(ask(`${started.url}/_sim/health`), 'the port is closed');
  await t.rejects(startSimulator({ accounts: [{ network: 'icq' }] }), /ended before it was ready/);

  // A parent that is killed outright: its child must notice by itself.
  const start = fileURLToPath(new URL('../../src/simulator/start.ts', import.meta.url));
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { startSimulator } from ${JSON.stringify(start)}; console.log((await startSimulator()).url)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const { port } = new URL(line.toString());
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.on('error', () => {}).resume();
  parent.kill('SIGKILL');
  await closed;
  t.pass('its connections closed');
});
