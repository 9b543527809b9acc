import { once } from 'node:events';
import { createServer, get as httpGet, type Server } from 'node:http';
import { get as httpsGet } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { isPublicAddress } from '../../src/channels/addresses.ts';
import { ChannelError, type GuardedRequest } from '../../src/channels/contract.ts';
import { type GuardOptions, openGuardedFetch } from '../../src/channels/guard.ts';
import type { Address } from '../../src/channels/guard-rule.ts';
import { BAD_SCHEMES, INSIDE, NAMES, PUBLIC, USERINFO } from './ssrf-corpus.ts';

const never = new AbortController().signal;
const portOf = (server: TcpServer) => (server.address() as AddressInfo).port;

async function listen<S extends TcpServer>(t: Test, server: S, host = '127.0.0.1', port = 0): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

/** A listener on every loopback address that counts who connects. */
async function openCanary(t: Test) {
  const canary = { connections: 0, port: 0 };
  const count = (socket: Socket) => {
    canary.connections++;
    socket.destroy();
  };
  const v4 = await listen(t, createTcpServer(count), '0.0.0.0');
  canary.port = portOf(v4);
  await listen(t, createTcpServer(count), '::1', canary.port).catch(() => undefined);
  return canary;
}

const named = async (name: string): Promise<Address[]> => {
  const found = NAMES[name];
  if (found === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' });
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

function open(t: Test, options: Partial<GuardOptions> = {}) {
  const guard = openGuardedFetch({ allow: [], resolve: named, ...options });
  t.teardown(() => guard.close());
  return guard;
}

async function refusal(work: Promise<unknown>): Promise<ChannelError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ChannelError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

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

/** What a hostile peer does, and what it makes of a write. Each sees one request and answers on the bare socket. */
const HOSTILE: { name: string; answer: (socket: Socket) => void; failure: string | null; code?: RegExp }[] = [
  { name: 'closes before it answers', answer: (s) => s.end(), failure: 'unknown', code: /UND_ERR_SOCKET/ },
  {
    name: 'resets before it answers',
    answer: (s) => s.resetAndDestroy(),
    failure: 'unknown',
    code: /ECONNRESET|UND_ERR_SOCKET/,
  },
  {
    name: 'cuts the body',
    answer: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":'),
    failure: 'unknown',
  },
  {
    name: 'cuts a chunked body',
    answer: (s) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n'),
    failure: 'unknown',
  },
  {
    name: 'answers a byte a while',
    answer: (s) => {
      s.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const drip = setInterval(() => s.write('x'), 50);
      s.on('close', () => clearInterval(drip));
    },
    failure: 'unknown',
    code: /TimeoutError/,
  },
  { name: 'never answers', answer: () => {}, failure: 'unknown', code: /TimeoutError/ },
  {
    name: 'sends 100 MB',
    answer: (s) => {
      s.write(`HTTP/1.1 200 OK\r\nContent-Length: ${100 * 1024 * 1024}\r\n\r\n`);
      const block = Buffer.alloc(64 * 1024, 0x20);
      let left = 1600;
      const pour = () => {
        while (left-- > 0 && !s.destroyed) if (!s.write(block)) return void s.once('drain', pour);
      };
      pour();
    },
    failure: 'unknown',
    code: /body_too_long/,
  },
  {
    name: 'sends a gzip bomb',
    answer: (s) => {
      const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
      s.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      s.end(bomb);
    },
    failure: 'unknown',
    code: /body_too_long/,
  },
  {
    name: 'says gzip and sends none',
    answer: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\nplain'),
    failure: 'unknown',
    code: /Z_DATA_ERROR/,
  },
  {
    name: 'switches protocols',
    answer: (s) => s.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    failure: 'unknown',
  },
  {
    name: 'does not speak HTTP',
    answer: (s) => s.end('220 smtp.example ESMTP\r\n'),
    failure: 'unknown',
    code: /HTTPParserError/,
  },
  {
    name: 'sends endless headers',
    answer: (s) => s.end(`HTTP/1.1 200 OK\r\n${'x-a: bbbbbbbbbbbbbbbbbbbbbbbbb\r\n'.repeat(2000)}`),
    failure: 'unknown',
    code: /HEADERS_OVERFLOW/,
  },
  {
    name: 'sends HTML with 200',
    answer: (s) =>
      s.end('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Login</h1>'),
    failure: null,
  },
  {
    name: 'refuses and cuts the reason',
    answer: (s) => s.end('HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\n{"err'),
    failure: 'unsent',
    code: /cut_refusal/,
  },
];

t.test('hostile peers cost little and are never mistaken for an answer', async (t) => {
  let current = HOSTILE[0]!;
  const server = await listen(
    t,
    createTcpServer((socket) => socket.once('data', () => current.answer(socket))),
  );
  const base = `http://127.0.0.1:${portOf(server)}`;
  const guard = open(t, { allow: [base], timeoutMs: 400 });
  const before = process.memoryUsage.rss();
  for (const peer of HOSTILE) {
    current = peer;
    const write: GuardedRequest = { method: 'POST', body: '{"text":"hi"}', signal: never };
    // The bomb and the flood need longer than the slow ones are given.
    const patient = /MB|bomb/.test(peer.name) ? open(t, { allow: [base], timeoutMs: 20_000 }) : guard;
    if (peer.failure === null) {
      const answer = await patient.fetch(base, write);
      t.equal(answer.json, undefined, `${peer.name}: no JSON`);
      continue;
    }
    const error = await refusal(patient.fetch(base, write));
    t.equal(error.failure, peer.failure, `${peer.name}: a write (${error.code})`);
    if (peer.code) t.match(error.code, peer.code, peer.name);
    const read = await refusal(patient.fetch(base, { ...write, safe: true }));
    t.equal(read.failure, 'unsent', `${peer.name}: a read can be repeated`);
  }
  const grown = (process.memoryUsage.rss() - before) / 1024 / 1024;
  // The test's own bomb is 100 MB for a moment; ours must not be added twice over.
  t.ok(grown < 250, `memory grew by ${Math.round(grown)} MB`);
});

t.test('what did not connect was surely not sent', async (t) => {
  const closed = await listen(t, createTcpServer());
  const gone = portOf(closed);
  closed.close();
  await once(closed, 'close');
  const plain = await listen(
    t,
    createServer((_req, res) => res.end('no TLS here')),
  );
  const mute = await listen(t, createTcpServer());
  const guard = open(t, {
    allow: [
      `http://127.0.0.1:${gone}`,
      `https://127.0.0.1:${portOf(plain)}`,
      `https://127.0.0.1:${portOf(mute)}`,
    ],
    connectTimeoutMs: 300,
    resolve: async (name) => {
      if (name === 'again.example') throw Object.assign(new Error('try again'), { code: 'EAI_AGAIN' });
      if (name === 'empty.example') return [];
      return named(name);
    },
  });
  const post = (url: string) => refusal(guard.fetch(url, { method: 'POST', body: 'x', signal: never }));
  t.match(await post(`http://127.0.0.1:${gone}/`), { failure: 'unsent', code: 'ECONNREFUSED' });
  t.match(await post('https://nowhere.example/'), { failure: 'unsent', code: 'ENOTFOUND' });
  t.match(await post('https://empty.example/'), { failure: 'unsent', code: 'ENOTFOUND' });
  t.match(await post('https://again.example/'), { failure: 'unsent', code: 'EAI_AGAIN' });
  t.match(await post(`https://127.0.0.1:${portOf(plain)}/`), { failure: 'unsent', code: /SSL|EPROTO/ });
  t.match(await post(`https://127.0.0.1:${portOf(mute)}/`), {
    failure: 'unsent',
    code: 'UND_ERR_CONNECT_TIMEOUT',
  });
});

t.test('a request that waits its turn behind others was not sent either', async (t) => {
  const taken: Socket[] = [];
  let heard = 0;
  const server = await listen(
    t,
    createTcpServer((socket) => {
      taken.push(socket);
      socket.once('data', () => {
        heard++;
        if (heard === 4) server.emit('four');
      });
    }),
  );
  const base = `http://127.0.0.1:${portOf(server)}`;
  const guard = open(t, { allow: [base] });
  const stop = new AbortController();
  const post = () => refusal(guard.fetch(base, { method: 'POST', body: 'x', signal: stop.signal }));
  const four = once(server, 'four');
  const all = [post(), post(), post(), post()];
  await four;
  all.push(post());
  t.equal(taken.length, 4, 'at most four sockets to one origin');
  stop.abort();
  const failures = (await Promise.all(all)).map((error) => error.failure);
  t.same(failures, ['unknown', 'unknown', 'unknown', 'unknown', 'unsent']);
  t.equal(heard, 4, 'and the fifth was never heard');
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
