import { createServer, get as httpGet, type Server } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import t from 'tap';
import { isPublicAddress } from '../../src/channels/addresses.ts';
import type { ChannelError } from '../../src/channels/contract.ts';
import type { Address } from '../../src/channels/guard-rule.ts';
import { listen, never, open, openCanary, portOf, refusal } from './sockets.ts';
import { BAD_SCHEMES, INSIDE, PUBLIC, USERINFO } from './ssrf-corpus.ts';

t.test('no socket is opened to an address inside, however it is spelled', async (t) => {
  const canary = await openCanary(t);
  // An allow-listed neighbour must open no door but its own.
  const guard = open(t, { allow: ['http://127.0.0.1:4801', 'https://status.internal:8443'] });
  const put = (url: string) => url.replaceAll('PORT', String(canary.port));
  t.ok(INSIDE.length >= 150, `${INSIDE.length} addresses inside`);
  for (const url of INSIDE) {
    const error = await refusal(guard.fetch(put(url), { signal: never }));
    t.match(error, { failure: 'rejected', code: /^(private_address|bad_address)$/ }, JSON.stringify(url));
  }
  for (const url of BAD_SCHEMES) {
    const error = await refusal(guard.fetch(put(url), { signal: never }));
    t.match(
      error,
      { failure: 'rejected', code: /^(insecure|bad_address|private_address)$/ },
      JSON.stringify(url),
    );
  }
  for (const url of USERINFO) {
    const error = await refusal(guard.fetch(put(url), { signal: never }));
    t.match(error, { failure: 'rejected', code: 'credentials_in_address' }, url);
    t.notMatch(error.message, 'secret');
  }
  t.equal(canary.connections, 0, 'nobody reached a listener');
});

t.test("node's own agents hold the same rule", async (t) => {
  const canary = await openCanary(t);
  const guard = open(t);
  const ask = (get: typeof httpGet, options: object) =>
    new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      get(options, () => reject(new Error('It was answered.'))).on('error', resolve);
    });
  const hosts = [
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    'localhost',
    'metadata.google.internal',
    '0x7f.1',
    '::ffff:7f00:1',
  ];
  for (const host of hosts) {
    const secure = await ask(httpsGet, { agent: guard.secureAgent, host, port: canary.port });
    t.match(secure.code, /^(private_address|ENOTFOUND)$/, `https ${host}`);
    const plain = await ask(httpGet, { agent: guard.agent, host, port: canary.port });
    t.equal(plain.code, 'insecure', `http ${host}`);
  }
  t.equal(canary.connections, 0);
});

t.test('addresses of the public internet pass', async (t) => {
  for (const address of PUBLIC) t.ok(isPublicAddress(address), address);
});

t.test('a name that is public when it is saved and inside when it is used is refused', async (t) => {
  // The line is drawn through loopback: 127.0.0.2 plays the public internet, 127.0.0.1 the inside.
  let port = 0;
  const visits = { outside: 0, inside: 0 };
  const outsideServer = await listen(
    t,
    createTcpServer((socket) => {
      visits.outside++;
      socket.destroy();
    }),
    '127.0.0.2',
  );
  port = portOf(outsideServer);
  const countInside = (socket: Socket) => {
    visits.inside++;
    socket.destroy();
  };
  await listen(t, createTcpServer(countInside), '127.0.0.1', port);
  const outside = { address: '127.0.0.2', family: 4 };
  const inside = { address: '127.0.0.1', family: 4 };
  const again = { address: 'again', family: 0 };
  const scripts: { name: string; answers: Address[][]; outside: number }[] = [
    { name: 'turns inside after one look', answers: [[outside], [inside]], outside: 1 },
    { name: 'turns inside after two looks', answers: [[outside], [outside], [inside]], outside: 2 },
    {
      name: 'turns inside and hides it behind a good one',
      answers: [[outside], [outside, inside]],
      outside: 1,
    },
    { name: 'is inside first', answers: [[inside, outside]], outside: 0 },
    { name: 'is inside second', answers: [[outside, inside]], outside: 0 },
    { name: 'is inside by AAAA only', answers: [[outside, { address: '::1', family: 6 }]], outside: 0 },
    {
      name: 'turns into a mapped address',
      answers: [[outside], [{ address: '::ffff:127.0.0.1', family: 6 }]],
      outside: 1,
    },
    {
      name: 'turns into NAT64',
      answers: [[outside], [{ address: '64:ff9b::7f00:1', family: 6 }]],
      outside: 1,
    },
    { name: 'turns into 0.0.0.0', answers: [[outside], [{ address: '0.0.0.0', family: 4 }]], outside: 1 },
    { name: 'fails, then turns inside', answers: [[again], [inside]], outside: 0 },
  ];
  for (const script of scripts) {
    visits.outside = 0;
    let asked = 0;
    const guard = open(t, {
      isPublic: (address) => address === '127.0.0.2',
      resolve: async () => {
        const answer = script.answers[asked++]!;
        if (answer[0] === again) throw Object.assign(new Error('again'), { code: 'EAI_AGAIN' });
        return answer;
      },
    });
    const errors: ChannelError[] = [];
    for (const _ of script.answers)
      errors.push(await refusal(guard.fetch(`https://rebind.example:${port}/`, { signal: never })));
    t.match(errors.at(-1), { failure: 'rejected', code: 'private_address' }, script.name);
    t.equal(
      asked,
      script.answers.length,
      'one look-up for one connection: what was checked is what is dialled',
    );
    t.equal(visits.outside, script.outside, 'the address that was checked is the one that was dialled');
  }
  t.equal(visits.inside, 0, 'nobody came inside');
});

t.test('an allow-listed origin is reached, its neighbours are not', async (t) => {
  let agentName: string | undefined;
  const server = await listen(
    t,
    createServer((req, res) => {
      agentName = req.headers['user-agent'];
      res.setHeader('content-type', 'application/json').end('{"hello":"there"}');
    }),
  );
  const guard = open(t, { allow: [`http://127.0.0.1:${portOf(server)}/`] });
  const answer = await guard.fetch(`http://127.0.0.1:${portOf(server)}/x`, { signal: never });
  t.match(answer, { status: 200, json: { hello: 'there' } });
  t.match(agentName, /^Tocsin/, 'it always says who it is');
  for (const url of [
    `https://127.0.0.1:${portOf(server)}/`,
    `http://127.0.0.1:${portOf(server) + 1}/`,
    `http://localhost:${portOf(server)}/`,
  ])
    t.match(await refusal(guard.fetch(url, { signal: never })), { failure: 'rejected' }, url);
  const status = await new Promise((resolve, reject) => {
    httpGet({ agent: guard.agent, host: '127.0.0.1', port: portOf(server) }, (res) => {
      res.resume();
      resolve(res.statusCode);
    }).on('error', reject);
  });
  t.equal(status, 200, 'and the agent reaches it');
});

t.test('each request has a connection of its own', async (t) => {
  // A server may close a kept-alive socket while the next post is on its way into it: that post would be in doubt.
  let connections = 0;
  const server = await listen(
    t,
    createServer((_req, res) => res.end('{}')),
  );
  server.on('connection', () => connections++);
  const base = `http://127.0.0.1:${portOf(server)}`;
  const guard = open(t, { allow: [base] });
  for (let i = 0; i < 3; i++) await guard.fetch(base, { method: 'POST', body: 'x', signal: never });
  t.equal(connections, 3);
});

t.test('redirects are shown, never followed', async (t) => {
  const canary = await openCanary(t);
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await listen(
      t,
      createServer((_req, res) => {
        res.writeHead(status, { location: `http://127.0.0.1:${canary.port}/` }).end('moved');
      }),
    );
    const guard = open(t, { allow: [`http://127.0.0.1:${portOf(server)}`] });
    const answer = await guard.fetch(`http://127.0.0.1:${portOf(server)}/`, {
      method: 'POST',
      body: 'x',
      signal: never,
    });
    t.equal(answer.status, status);
  }
  t.equal(canary.connections, 0);
});

t.test('nothing secret is in the words of an error', async (t) => {
  const server: Server = await listen(
    t,
    createServer((req) => req.socket.destroy()),
  );
  const base = `http://127.0.0.1:${portOf(server)}`;
  const guard = open(t, { allow: [base] });
  const error = await refusal(
    guard.fetch(`${base}/services/T0/B0/hook-secret?key=query-secret`, {
      method: 'POST',
      headers: { authorization: 'Bearer token-secret' },
      body: 'x',
      signal: never,
    }),
  );
  t.notMatch(`${error.message} ${JSON.stringify(error)} ${error.cause}`, /secret/);
  const bent = await refusal(
    guard.fetch(base, { headers: { 'x-test': 'a\r\nx-injected: 1' }, signal: never }),
  );
  t.match(bent, { failure: 'rejected', code: 'UND_ERR_INVALID_ARG' }, 'a line break in a header is refused');
});

t.test(
  'in an exercise only what is allowed by name is reached, and nothing else even looked up',
  async (t) => {
    const looked: string[] = [];
    const canary = await openCanary(t);
    const server = createServer((_request, reply) => reply.end('{}'));
    const port = portOf(await listen(t, server));
    const guard = open(t, {
      only: true,
      allow: [`http://127.0.0.1:${port}`],
      isPublic: () => true,
      resolve: async (name: string): Promise<Address[]> => {
        looked.push(name);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    for (const url of [
      ...PUBLIC.map((host) => `https://${host.includes(':') ? `[${host}]` : host}/`),
      'https://api.x.com/2/tweets',
      `https://127.0.0.1:${canary.port}/`,
    ]) {
      const error = await refusal(guard.fetch(url, { signal: never }));
      t.match(error, { failure: 'rejected', code: 'exercise' }, url);
    }
    await t.rejects(guard.connect({ host: 'mail.example.com', port: 25 }, never), { code: 'exercise' });
    await t.rejects(
      new Promise((_, fail) => {
        httpsGet({ agent: guard.secureAgent, host: 'api.x.com', port: 443 }).on('error', fail);
      }),
      { code: 'exercise' },
      'nor by a library of its own',
    );
    t.equal(
      (await guard.fetch(`http://127.0.0.1:${port}/`, { signal: never })).status,
      200,
      'the simulator is',
    );
    t.strictSame(looked, []);
    t.equal(canary.connections, 0);
  },
);
