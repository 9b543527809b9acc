import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import t from 'tap';
import { listOpenMentions } from '../../db/queries/mentions.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { openTurnstile, takeOne } from '../../src/domain/pace.ts';
import { openHouse } from '../desk/house.ts';
import { openClock } from '../house.ts';

const clock = openClock(Date.now());
const house = await openHouse({ parts: { clock } });
t.teardown(() => house.close());
const { app, page } = house;
const kind = app.channels.kind('facebook');
for (const id of ['first', 'second'])
  await connectAccount(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
    id,
    pageId: page.id,
    channel: 'facebook',
    name: id,
    role: 'brand',
    settings: { pageId: '1010' },
    sealed: app.secrets.seal(
      `connections|${id}|sealed`,
      JSON.stringify({ accessToken: 'x', appSecret: 'shared' }),
    ),
    template: kind.template,
    verified: { account: '@northwind', url: null, limits: kind.limits, can: kind.can },
  });

/** A comment on one of our posts as Meta brings it. */
const comment = (n: number) =>
  JSON.stringify({
    object: 'page',
    entry: [
      {
        id: '1010',
        time: 1,
        changes: [
          {
            field: 'feed',
            value: {
              item: 'comment',
              verb: 'add',
              comment_id: `9_${n}`,
              post_id: '1010_9',
              message: `Hello ${n}`,
              from: { id: '5', name: 'Eve' },
            },
          },
        ],
      },
    ],
  });
let callers = 0;
async function call(id: string, body: string, more: { secret?: string; from?: string } = {}) {
  callers += 1;
  const signature = createHmac('sha256', more.secret ?? 'shared')
    .update(body)
    .digest('hex');
  return app.server.inject({
    method: 'POST',
    url: `/hooks/${id}`,
    // A network calls from many machines.
    remoteAddress: more.from ?? `10.${(callers >> 16) & 255}.${(callers >> 8) & 255}.${callers & 255}`,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    payload: body,
  });
}
const kept = async () =>
  new Set(
    (await listOpenMentions(app.store.read, 5_000))
      .filter((m) => m.connectionId === 'first')
      .map((m) => m.remoteId),
  );

t.test('an account brings no more than we can keep, and what is refused comes again', async (t) => {
  let n = 0;
  let last = await call('first', comment(n));
  while (last.statusCode === 200 && n < 5_000) {
    n += 1;
    last = await call('first', comment(n));
  }
  t.equal(last.statusCode, 429);
  t.equal(n, 600, 'a burst is taken whole');
  const wait = Number(last.headers['retry-after']);
  t.ok(wait >= 1 && wait <= 60, `come again in ${wait} s`);
  t.equal((await kept()).size, n, 'what was answered with a yes is there');
  t.notOk((await kept()).has(`9_${n}`), 'what was not is not');
  t.equal((await call('second', comment(n))).statusCode, 200, 'another account is not held back');
  clock.advance(wait * 1_000);
  t.equal((await call('first', comment(n))).statusCode, 200);
  t.ok((await kept()).has(`9_${n}`), 'nothing is lost that is sent again');
  t.equal((await call('first', comment(0))).statusCode, 200);
  t.equal((await kept()).size, n + 1, 'nor kept twice');
});

t.test('strangers cannot use up what an account may bring', async (t) => {
  clock.advance(60 * 60_000);
  for (let i = 0; i < 1_000; i += 1)
    if ((await call('first', comment(0), { secret: 'guessed' })).statusCode !== 403) t.fail('not refused');
  t.equal((await call('first', comment(7_000))).statusCode, 200);
});

t.test('one address calls only so often, whatever it brings', async (t) => {
  const from = '2001:db8:1:2::7';
  let n = 0;
  let last = await call('nobody', '{}', { from });
  while (last.statusCode === 404 && n < 5_000) {
    n += 1;
    last = await call('nobody', '{}', { from });
  }
  t.equal(last.statusCode, 429);
  t.match(last.headers['retry-after'], /^\d+$/);
  t.equal(
    (await call('first', comment(8_000), { from: '2001:db8:1:2::8' })).statusCode,
    429,
    'nor its neighbour',
  );
  t.equal((await call('first', comment(8_000), { from: '2001:db8:1:3::7' })).statusCode, 200, 'others may');
  clock.advance(Number(last.headers['retry-after']) * 1_000);
  t.equal((await call('first', comment(8_001), { from })).statusCode, 200);
  t.ok((await kept()).has('9_8001'));
});

t.test('half a megabyte is read, a byte more is not, and nothing is read for ever', async (t) => {
  const cap = 512 * 1024;
  t.equal((await call('first', comment(9_000).padEnd(cap, ' '))).statusCode, 200);
  t.equal((await call('first', comment(9_001).padEnd(cap + 1, ' '))).statusCode, 413);
  t.notOk((await kept()).has('9_9001'));

  // In pieces, with no length given: the cap holds while it is read.
  const { port } = new URL(house.url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  const over = new Promise<void>((done) => {
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
      if (answer.includes('\r\n')) done();
    });
    // We stop listening to somebody who goes on talking: their side may see a broken pipe.
    socket.on('error', () => done());
    socket.on('close', () => done());
  });
  socket.write(
    'POST /hooks/first HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  for (let i = 0; i < 9; i += 1) socket.write(piece);
  await over;
  socket.destroy();
  t.match(answer, /^HTTP\/1\.1 413 /);
});

t.test('the pace', async (t) => {
  const pace = { burst: 2, everyMs: 1_000 };
  const first = takeOne(undefined, pace, 5_000);
  t.equal(first.waitMs, 0);
  const second = takeOne(first.left, pace, 5_000);
  t.equal(second.waitMs, 0);
  t.equal(takeOne(second.left, pace, 5_000).waitMs, 1_000);
  t.equal(takeOne(second.left, pace, 5_400).waitMs, 600);
  t.equal(takeOne(second.left, pace, 6_000).waitMs, 0);
  t.equal(takeOne(second.left, pace, 0).waitMs, 1_000, 'a clock that jumped back');
  const few = openTurnstile({ burst: 1, everyMs: 1_000 }, 2);
  t.same(
    ['a', 'b', 'a', 'c', 'b'].map((key) => few.admit(key, 0)),
    [0, 0, 1_000, 0, 0],
    'only so many are remembered',
  );
});
