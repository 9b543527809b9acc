import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { GuardedRequest } from '../../src/channels/contract.ts';
import { listen, named, never, open, portOf, refusal } from './sockets.ts';

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
  const guard = open(t, { allow: [base], timeoutMs: 30_000 });
  /** For those who never end by themselves. */
  const hasty = open(t, { allow: [base], timeoutMs: 400 });
  const before = process.memoryUsage.rss();
  for (const peer of HOSTILE) {
    current = peer;
    const write: GuardedRequest = { method: 'POST', body: '{"text":"hi"}', signal: never };
    const patient = /a while|never/.test(peer.name) ? hasty : guard;
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
