import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import t from 'tap';
import { answerFor } from '../../src/server/errors.ts';
import { openHouse } from './house.ts';

const house = await openHouse();

/** What Fastify says of a value that a schema refuses, as the API answers it. */
const refused = (keyword: string, params: object, path = '/words/0') =>
  answerFor(
    Object.assign(new Error(), { validation: [{ keyword, params, instancePath: path, schemaPath: '' }] }),
  ).body;

t.test('what a schema refuses is said in words of people, with what would be right', async (t) => {
  const said: [string, object, string][] = [
    ['type', { type: 'string' }, '"words.0" must be text.'],
    ['type', { type: 'string,null' }, '"words.0" must be text or null.'],
    ['type', { type: ['integer', 'null'] }, '"words.0" must be a whole number or null.'],
    [
      'pattern',
      { pattern: '^[0-9a-f]{64}$' },
      '"words.0" is not written as it must be. Take it as it was given to you.',
    ],
    ['format', { format: 'date-time' }, '"words.0" must be written as a time like 2026-03-01T14:30:00Z.'],
    ['const', { allowedValue: 'email' }, '"words.0" must be "email".'],
    ['minItems', { limit: 1 }, '"words.0" needs at least 1 entry.'],
    ['maxItems', { limit: 4 }, '"words.0" has too many entries: at most 4.'],
    ['minLength', { limit: 1 }, '"words.0" is empty. Fill it in, or leave it out where it may be.'],
    ['minimum', { limit: 0 }, '"words.0" must be 0 or more.'],
  ];
  for (const [keyword, params, message] of said)
    t.same(refused(keyword, params), { error: 'invalid', message, field: 'words.0' });
  t.same(refused('type', { type: 'object' }, ''), {
    error: 'invalid',
    message: 'The body must be an object.',
  });
  const when = { instancePath: '/at', schemaPath: '' };
  const validation = [
    { ...when, keyword: 'type', params: { type: 'integer' } },
    { ...when, keyword: 'format', params: { format: 'date-time' } },
    { ...when, keyword: 'type', params: { type: 'null' } },
    { ...when, keyword: 'anyOf', params: {} },
  ];
  t.equal(
    answerFor(Object.assign(new Error(), { validation })).body.message,
    '"at" must be a whole number or a time like 2026-03-01T14:30:00Z or null.',
  );
  const long = refused('additionalProperties', { additionalProperty: 'x'.repeat(200_000) }, '');
  t.ok(long.message.length < 300, 'a name as long as the body is not said back');
});

t.test('what is no HTTP is answered in the form of every other error', async (t) => {
  const { port } = new URL(await house.app.server.listen({ host: '127.0.0.1', port: 0 }));
  for (const [bytes, status, words] of [
    ['this is no HTTP\r\n\r\n', 400, /not HTTP/],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431, /shorter headers/],
    [
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      /not HTTP/,
    ],
  ] as const) {
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (x) => (text += x));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    t.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
    t.match(JSON.parse(text.split('\r\n\r\n')[1] ?? ''), { error: 'invalid', message: words });
  }
});

t.test('a connection that asks for another protocol and gets a page is let go of', async (t) => {
  const at = house.app.server.addresses()[0] as AddressInfo;
  for (const head of ['GET / HTTP/1.1\r\nUpgrade: h2c', 'POST /live HTTP/1.1\r\nUpgrade: websocket']) {
    const socket = connect(at.port, '127.0.0.1');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.write(`${head}\r\nHost: x\r\nConnection: Upgrade\r\n\r\n`);
    const [first] = await once(socket, 'data');
    t.match(String(first), /^HTTP\/1\.1 (200|404) /);
    await closed;
  }
});

t.test('a second page at an address that is taken is refused, and says what to change', async (t) => {
  const admin = await house.enter(await house.add('Ada Boss', ['admin']));
  for (const slug of ['', 'desk', 'history'])
    t.match(
      await admin.post('/desk/pages', { name: 'Another', slug }),
      { status: 400, body: /already/ },
      slug,
    );
  t.equal((await admin.post('/desk/pages', { name: 'Shop', slug: 'shop' })).status, 303);
  t.match(await admin.post('/desk/pages', { name: 'Twin', slug: 'shop' }), {
    status: 400,
    body: /“Shop” is at \/shop already/,
  });
});

t.test('an id that no address can hold is carried as what it is', async (t) => {
  const author = await house.enter(await house.add('Ann Writer', ['author']));
  t.equal((await author.post('/desk/updates/%00/draft/drop', {})).status, 303);
});
