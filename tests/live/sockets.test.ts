import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { addressKey } from '../../src/live/caps.ts';
import { wordsAt } from '../house.ts';
import { type LiveHouse, openLiveHouse, seqOf } from './live-house.ts';
import { openPage } from './open-page.ts';

/** The handshake by hand, so that what follows can be wrong. Resolves with the connection after the greeting. */
async function upgrade(house: LiveHouse, more = ''): Promise<Socket> {
  const socket = connect(Number(new URL(house.base).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  const answer = first.toString('latin1');
  if (!/^HTTP\/1.1 101 .*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/s.test(answer)) throw new Error(answer);
  return socket;
}

/** A client's frame: masked with zeros unless it should not be. */
function clientFrame(first: number, payload: Buffer, masked = true): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc((long ? 4 : 2) + (masked ? 4 : 0));
  head[0] = first;
  head[1] = (masked ? 0x80 : 0) | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** The code the server closes with; what else it says before is skipped. */
async function closeCode(socket: Socket): Promise<number> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  const tail = Buffer.concat(chunks);
  const at = tail.lastIndexOf(Buffer.from([0x88]));
  return at < 0 ? 0 : tail.readUInt16BE(at + 2);
}

const text = (length: number) => clientFrame(0x81, Buffer.alloc(length, 0x61));

t.test('what a page must not send ends its connection, and nobody else’s', async (t) => {
  const house = await openLiveHouse();
  const good = await openPage(house.base, { after: seqOf(await house.read()) });
  const cases: [string, Buffer, number][] = [
    ['an unmasked frame', clientFrame(0x81, Buffer.from('x'), false), 1002],
    ['a reserved bit', clientFrame(0xc1, Buffer.from('x')), 1002],
    ['an unknown opcode', clientFrame(0x83, Buffer.from('x')), 1002],
    ['an unknown control opcode', clientFrame(0x8b, Buffer.from('x')), 1002],
    ['a control frame in pieces', clientFrame(0x09, Buffer.from('x')), 1002],
    ['a long ping', clientFrame(0x89, Buffer.alloc(200)), 1002],
    ['a continuation of nothing', clientFrame(0x80, Buffer.from('x')), 1002],
    ['a message inside a message', Buffer.concat([clientFrame(0x01, Buffer.from('x')), text(1)]), 1002],
    ['more than 4096 bytes', text(4_097), 1009],
    ['a length of 64 bits', Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
    [
      'endless small pieces',
      Buffer.concat([
        clientFrame(0x01, Buffer.from('x')),
        ...Array.from({ length: 5_000 }, () => clientFrame(0x00, Buffer.from('x'))),
      ]),
      1009,
    ],
    ['a close of one byte', clientFrame(0x88, Buffer.from([3])), 1002],
    ['a close with a code that is no code', clientFrame(0x88, Buffer.from([0x03, 0xed])), 1002],
    ['an honest goodbye', clientFrame(0x88, Buffer.from([0x03, 0xe8])), 1000],
    [
      'a flood of pings',
      Buffer.concat(Array.from({ length: 20_000 }, () => clientFrame(0x89, Buffer.alloc(0)))),
      1008,
    ],
  ];
  for (const [name, bytes, code] of cases) {
    const socket = await upgrade(house);
    const closed = closeCode(socket);
    socket.write(bytes);
    t.equal(await closed, code, name);
  }
  let seed = 7;
  for (let i = 0; i < 300; i += 1) {
    const socket = await upgrade(house);
    const noise = Buffer.alloc(1 + (i % 200));
    for (let k = 0; k < noise.length; k += 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      noise[k] = seed >>> 16;
    }
    socket.end(noise);
    await once(socket.resume(), 'close');
  }
  const incident = await house.openIncident();
  await house.say(incident);
  await good.until('event');
  t.equal(house.live.stats().sockets, 1, 'only the good one is left');
  t.strictSame(house.reports, []);
  good.drop();
});

t.test('what a page says is not heard, in whatever pieces it comes', async (t) => {
  const house = await openLiveHouse();
  const socket = await upgrade(house);
  const bytes = Buffer.concat([
    text(4_000),
    clientFrame(0x01, Buffer.alloc(2_000)),
    clientFrame(0x80, Buffer.alloc(2_000)),
    text(0),
    clientFrame(0x89, Buffer.from('are you there')),
  ]);
  for (let at = 0; at < bytes.length; at += 7)
    await new Promise((done) => socket.write(bytes.subarray(at, at + 7), done));
  let answer = Buffer.alloc(0);
  const pong = Buffer.concat([Buffer.from([0x8a, 13]), Buffer.from('are you there')]);
  while (!answer.includes(pong))
    answer = Buffer.concat([answer, ...((await once(socket, 'data')) as [Buffer])]);
  t.equal(house.live.stats().sockets, 1, 'and it stays');
  socket.destroy();
});

t.test('a handshake that is none is refused', async (t) => {
  const house = await openLiveHouse();
  const port = Number(new URL(house.base).port);
  const ask = async (lines: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`,
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return first.toString().split('\r\n')[0];
  };
  t.equal(await ask('Sec-WebSocket-Version: 13\r\n'), 'HTTP/1.1 400 Bad Request');
  t.equal(await ask('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n'), 'HTTP/1.1 400 Bad Request');
  t.equal(
    await ask('Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'),
    'HTTP/1.1 426 Upgrade Required',
  );
  const plain = await fetch(`${house.base}/live`);
  t.equal(plain.status, 400);
  t.match(await plain.json(), { error: 'invalid', message: /WebSocket/ });
  t.equal(house.live.stats().sockets, 0);
});

t.test('anybody’s page may listen, whatever site it is on', async (t) => {
  const house = await openLiveHouse();
  for (const origin of ['null', 'https://evil.example', house.base]) {
    const socket = await upgrade(house, `Origin: ${origin}\r\n`);
    t.equal(house.live.stats().sockets, 1, origin);
    socket.destroy();
    while (house.live.stats().sockets > 0) await new Promise((done) => setImmediate(done));
  }
});

t.test('there is a place for so many, in all and from one address', async (t) => {
  const house = await openLiveHouse({ limits: { perAddress: 3, sockets: 6 } });
  const open = async (from: string) => {
    const page = await openPage(house.base, { from });
    await page.until('hello');
    return page;
  };
  const refused = async (from: string) => (await openPage(house.base, { from })).closed;
  const pages = await Promise.all([open('192.0.2.7'), open('192.0.2.7'), open('192.0.2.7')]);
  t.equal(await refused('192.0.2.7'), 1013, 'come back later');
  const stream = await fetch(`${house.base}/live/events`, { headers: { 'x-forwarded-for': '192.0.2.7' } });
  t.equal(stream.status, 503, 'server-sent events count as well');
  t.ok(stream.headers.get('retry-after'));
  t.match(house.live.stats(), { sockets: 3, refused: 2 });
  t.match(house.reports, [/192\.0\.2\.7 has 3 open pages.*TRUST_PROXY/], 'somebody is told, once');
  pages.push(await open('2001:db8::1'), await open('2001:db8::2'));
  pages[0]!.ws.close();
  await pages[0]!.closed;
  pages.push(await open('192.0.2.7'));
  t.equal(house.live.stats().sockets, 5, 'a place that is left is free');
  pages.push(await open('2001:db8::3'));
  t.equal(await refused('198.51.100.1'), 1013, 'six are all there is room for');
  for (const page of pages) page.drop();
  t.equal((await fetch(house.base)).status, 200, 'the page itself is for everybody');
});

t.test('a proxy on this machine that we were not told of is not one visitor', async (t) => {
  const house = await openLiveHouse({ limits: { perAddress: 2 } });
  const pages = await Promise.all([1, 2, 3, 4].map(() => openPage(house.base)));
  await Promise.all(pages.map((page) => page.until('hello')));
  t.equal(house.live.stats().sockets, 4);
  for (const page of pages) page.drop();
});

t.test('an address is one IPv4 address, or the /64 of an IPv6 one', async (t) => {
  t.equal(addressKey('192.0.2.7'), '192.0.2.7');
  t.equal(addressKey('::ffff:192.0.2.7'), '192.0.2.7');
  t.equal(addressKey('2001:db8:1:2::1'), addressKey('2001:0db8:0001:0002:ffff:ffff:ffff:ffff'));
  t.equal(addressKey('2001:db8::1'), addressKey('2001:db8:0:0:9::'));
  t.not(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'));
  t.equal(addressKey('fe80::1%eth0'), addressKey('fe80::2'));
  t.equal(addressKey('::1'), '0:0:0:0');
});

t.test('a reader that does not read is let go, and keeps nobody waiting', async (t) => {
  const house = await openLiveHouse({ limits: { buffered: 64 * 1024, pingMs: 600_000, pongMs: 500_000 } });
  const begin = seqOf(await house.read());
  const good = await openPage(house.base, { after: begin });
  const stalled = await upgrade(house);
  stalled.pause();
  const gone = once(stalled, 'close');
  const incident = await house.openIncident();
  const long = 'All of it is said at length, so that it fills what the kernel keeps. '.repeat(55);
  let last = 0;
  while (house.live.stats().slow === 0) {
    const update = await house.say(incident, wordsAt(house.clock.now(), long));
    last = update.publishedSeq ?? 0;
    await good.until('event', (f) => f.seq >= last);
  }
  t.equal(house.live.stats().sockets, 1);
  stalled.resume();
  await gone;
  t.ok(last > begin, 'the other heard every word');
  good.drop();
});

t.test('a reader that does not answer is let go', async (t) => {
  const house = await openLiveHouse({ limits: { tickMs: 20, pingMs: 2_000, pongMs: 1_500, beatMs: 60 } });
  const awake = await openPage(house.base);
  const asleep = await openPage(house.base, { autoPong: false });
  await asleep.until('hello');
  let pings = 0;
  awake.ws.on('ping', () => {
    pings += 1;
  });
  t.equal(await asleep.closed, 1006, 'without a word, because nobody listens');
  while (pings < 3) await once(awake.ws, 'ping');
  t.match(house.live.stats(), { sockets: 1, slow: 1 });
  const beats = awake.frames.filter((f) => f.type === 'beat');
  t.ok(beats.length > 2, 'who answers is told that the line is alive');
  t.match(beats[0], { serverTime: house.clock.now() });
  awake.drop();
});

t.test('a server that closes says so to everybody', async (t) => {
  const house = await openLiveHouse({ limits: { spreadMs: 200 } });
  const pages = await Promise.all(Array.from({ length: 150 }, () => openPage(house.base)));
  await Promise.all(pages.map((page) => page.until('hello')));
  const stream = await fetch(`${house.base}/live/events`);
  const reader = stream.body!.getReader();
  await reader.read();
  const deaf = await upgrade(house);
  deaf.pause();
  await house.closeLive();
  const codes = await Promise.all(pages.map((page) => page.closed));
  t.ok(
    codes.every((code) => code === 1012),
    'come back, it is a restart',
  );
  await t.resolves(async () => {
    while (!(await reader.read()).done);
  });
  deaf.resume();
  await once(deaf, 'close');
  t.equal(house.live.stats().sockets, 0);
});
