import { createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { failureOfGraph } from '../../src/channels/graph.ts';
import { openCursor } from '../../src/channels/poll-cursor.ts';
import type { Inbound } from '../../src/domain/channel.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const MINUTE = 60_000;
const open = (t: Test, network: string, options: Record<string, unknown> = {}) =>
  connect(t, { network, options }, { rates: 'open' });

/** What Graph answers, as our failure. */
function failureOfError(
  error: Record<string, unknown>,
  more: { status?: number; headers?: Record<string, string>; safe?: boolean; onePost?: boolean } = {},
) {
  const body = { error };
  return failureOfGraph(
    {
      status: more.status ?? 400,
      headers: new Headers(more.headers),
      text: JSON.stringify(body),
      json: body,
    },
    {
      network: 'Facebook',
      now: 0,
      safe: more.safe ?? false,
      token: 'EAAsecret',
      onePost: more.onePost ?? false,
    },
  );
}

t.test('every code of Graph leads where it should', async (t) => {
  for (const code of [190, 102, 463, 467])
    t.match(failureOfError({ code, message: 'Malformed access token EAAsecret' }), {
      failure: 'auth',
      message: /^(?!.*EAAsecret)/,
    });
  t.notMatch(
    failureOfError({ code: 100, message: 'Cannot parse EAAsecret' }).message,
    /EAAsecret/,
    'a quoted token is blotted out',
  );
  for (const code of [4, 17, 32, 341, 613, 80001, 80002])
    t.match(failureOfError({ code, message: 'limit' }), { failure: 'limited' }, `${code}`);
  t.match(failureOfError({ code: 10, message: '(#10) no' }), { failure: 'auth' });
  t.match(failureOfError({ code: 200, message: '(#200) no' }), { failure: 'auth' });
  t.match(failureOfError({ code: 200, message: '(#200) no' }, { onePost: true }), { failure: 'rejected' });
  t.match(failureOfError({ code: 506, message: '(#506) Duplicate status message' }), {
    failure: 'rejected',
    duplicate: true,
  });
  t.match(
    failureOfError({
      code: 368,
      message: "You've already posted this. Posting the same content repeatedly on Facebook isn't allowed.",
    }),
    { failure: 'rejected', duplicate: true },
  );
  t.match(failureOfError({ code: 368, message: 'deemed abusive' }), {
    failure: 'rejected',
    duplicate: false,
  });
  t.match(failureOfError({ code: 100, message: 'Invalid parameter' }), { failure: 'rejected' });
  for (const code of [1, 2, -1, -2]) {
    t.match(failureOfError({ code, message: 'An unexpected error has occurred.' }), { failure: 'unknown' });
    t.match(failureOfError({ code, message: 'An unexpected error has occurred.' }, { safe: true }), {
      failure: 'unsent',
    });
  }
  t.match(failureOfError({ code: 12345, message: 'odd', is_transient: true }), { failure: 'unknown' });
  t.match(failureOfError({}, { status: 503 }), { failure: 'unknown' }, 'a bare 503 may have stored it');
  t.match(failureOfError({}, { status: 503, headers: { 'retry-after': '9' } }), {
    failure: 'unsent',
    retryAfterMs: 9_000,
  });
  const subcodes: [number, string][] = [
    [2207042, 'limited'],
    [2207050, 'auth'],
    [2207051, 'rejected'],
    [2207027, 'unsent'],
    [2207008, 'unknown'],
    [4279009, 'unsent'],
    [4279013, 'auth'],
  ];
  for (const [error_subcode, failure] of subcodes)
    t.match(failureOfError({ code: 4, error_subcode, message: 'x' }), { failure }, `${error_subcode}`);
  t.equal(failureOfError({ code: 9, error_subcode: 2207042, message: 'x' }).retryAfterMs, 15 * MINUTE);
});

t.test('a wait is in the usage header, in minutes', async (t) => {
  const headers = {
    'x-business-use-case-usage': JSON.stringify({
      1048: [{ type: 'pages', call_count: 100, estimated_time_to_regain_access: 19 }],
    }),
  };
  t.equal(failureOfError({ code: 80001, message: 'x' }, { headers }).retryAfterMs, 19 * MINUTE);
  const none = { 'x-app-usage': '{"call_count":101,"total_time":25,"total_cputime":25}' };
  t.equal(failureOfError({ code: 4, message: 'x' }, { headers: none }).retryAfterMs, undefined);
});

t.test('facebook: a page’s token is told from another’s, and a wrong app secret is noticed', async (t) => {
  const stand = await open(t, 'facebook');
  t.match(await failureOf(stand.reopen({ pageId: '104859271838' }).verify(never)), {
    failure: 'auth',
    code: 'other_page',
    message: /own token/,
  });
  t.match(await failureOf(stand.reopen({ appSecret: 'f'.repeat(32) }).verify(never)), {
    failure: 'auth',
    message: /app secret/,
  });
  const quiet = await stand.reopen({ appSecret: '' }).verify(never);
  t.equal(quiet.can.inbound, 'poll', 'without the secret nobody may call us');
  const asked = stand.sent.map((one) => one.url).join(' ');
  t.notOk(asked.includes(stand.account.secrets['accessToken']!), 'the token is in no address');
});

t.test('facebook: the same words twice are refused, and a look finds the first', async (t) => {
  const stand = await open(t, 'facebook');
  const draft = draftOf();
  stand.sim.world.faults.set([{ kind: 'drop_after', network: 'facebook', operation: 'publish', times: 1 }]);
  const key = keyOf(stand);
  t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
  t.match(await failureOf(stand.channel.publish(draft, key, never)), {
    failure: 'rejected',
    duplicate: true,
    code: '506/1455006',
  });
  t.equal((await stand.channel.find!(draft, key, never))?.id, stand.posts()[0]?.id);
  t.equal(stand.live().length, 1);
});

t.test('facebook: only what this app has posted can be edited, and that is no reason to stop', async (t) => {
  const stand = await open(t, 'facebook');
  const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
  stand.sim.world.post('facebook', post.id)!.raw['byHand'] = true;
  t.match(await failureOf(stand.channel.edit!(post, draftOf(), keyOf(stand), never)), {
    failure: 'rejected',
  });
});

t.test(
  'facebook: an answer is a comment, has a limit of its own, is found, edited and removed',
  async (t) => {
    const stand = await open(t, 'facebook');
    const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
    const draft = draftOf({ inReplyTo: root });
    const key = keyOf(stand);
    t.equal(await stand.channel.find!(draft, key, never), null);
    const comment = await stand.channel.publish(draft, key, never);
    t.equal((await stand.channel.find!(draft, key, never))?.id, comment.id);
    t.equal(comment.id.split('_')[0], root.id.split('_')[1], 'its number begins with the post’s');
    const long = draftOf({ text: 'x'.repeat(8_001), inReplyTo: root });
    const sent = stand.sent.length;
    t.match(await failureOf(stand.channel.publish(long, keyOf(stand), never)), {
      failure: 'rejected',
      message: /8000 characters; this one has 8001/,
    });
    t.equal(stand.sent.length, sent, 'and nothing is sent');
    const words = draftOf({ text: 'Corrected.' });
    await stand.channel.edit!(comment, words, keyOf(stand), never);
    t.equal((await stand.channel.read!(comment, never))?.text, 'Corrected.');
    await stand.channel.remove!(comment, never);
    t.equal(await stand.channel.read!(comment, never), null);
    t.equal(stand.live().length, 1, 'the post stays');
  },
);

t.test(
  'facebook: comments below comments are heard, our own are not, and many are heard in full',
  async (t) => {
    const stand = await open(t, 'facebook');
    const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
    await stand.channel.publish(draftOf({ inReplyTo: root }), keyOf(stand), never);
    const said: string[] = [];
    for (let i = 0; i < 230; i++) {
      stand.sim.world.skip(1_000);
      const post = await stand.hear(`comment ${i}`, root.id);
      said.push(post.text);
      if (i === 229) {
        stand.sim.world.skip(1_000);
        said.push((await stand.hear('below a comment', post.id, 'theo_brandt')).text);
      }
    }
    const first = await stand.channel.poll!(null, never);
    t.same(
      first.items.map((item) => item.text),
      said,
    );
    t.match(first.items.at(-1)?.inReplyTo, /^\d+_\d+$/);
    t.equal(first.items[0]?.inReplyTo, root.id);
    t.same((await stand.reopen().poll!(first.cursor, never)).items, []);
  },
);

t.test('facebook: a signed call brings what was said, and any other is turned away', async (t) => {
  const stand = await open(t, 'facebook');
  const { channel, account } = stand;
  const secret = account.secrets['appSecret']!;
  const feed = (value: Record<string, unknown>, field = 'feed') => ({ field, value });
  const body = Buffer.from(
    JSON.stringify({
      object: 'page',
      entry: [
        {
          id: account.id,
          time: 1_763_730_000,
          changes: [
            feed({
              item: 'comment',
              verb: 'add',
              comment_id: '222_333',
              post_id: `${account.id}_222`,
              parent_id: `${account.id}_222`,
              from: { id: '42', name: 'Mira Oduya' },
              message: 'is my money safe?',
              created_time: 1_763_730_000,
              post: { permalink_url: 'https://www.facebook.com/northwindpay/posts/222' },
            }),
            feed({ item: 'comment', verb: 'remove', comment_id: '222_334', message: 'gone' }),
            feed({ item: 'reaction', verb: 'add', post_id: `${account.id}_222`, message: 'x' }),
            feed({
              item: 'comment',
              verb: 'add',
              comment_id: '222_335',
              post_id: `${account.id}_222`,
              from: { id: account.id, name: 'Northwind Pay' },
              message: 'our own answer',
            }),
            feed(
              {
                item: 'post',
                verb: 'add',
                post_id: '43_9',
                sender_id: '43',
                sender_name: 'Theo Brandt',
                message: 'Northwind Pay is down',
              },
              'mention',
            ),
          ],
        },
        {
          id: '1',
          changes: [feed({ item: 'comment', verb: 'add', comment_id: '9_9', message: 'other page' })],
        },
      ],
    }),
  );
  const sign = (bytes: Buffer, key = secret) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(bytes).digest('hex')}`,
  });
  const items = channel.receive!(sign(body), body);
  t.match(items, [
    {
      id: '222_333',
      at: 1_763_730_000_000,
      author: { id: '42', name: 'Mira Oduya' },
      text: 'is my money safe?',
      inReplyTo: `${account.id}_222`,
      post: { id: '222_333' },
    },
    { id: '43_9', author: { id: '43', handle: 'Theo Brandt' }, text: 'Northwind Pay is down' },
  ]);
  t.equal(items.length, 2);
  const bad = [
    {},
    sign(body, 'other'),
    { 'x-hub-signature-256': 'sha256=00' },
    { 'x-hub-signature': sign(body)['x-hub-signature-256'] },
  ];
  for (const headers of bad)
    t.match(await failureOf((async () => channel.receive!(headers as Record<string, string>, body))()), {
      failure: 'rejected',
      code: 'bad_signature',
    });
  const other = Buffer.concat([body, Buffer.from(' ')]);
  t.match(await failureOf((async () => channel.receive!(sign(body), other))()), { code: 'bad_signature' });
  const nonsense = Buffer.from('not json');
  t.match(await failureOf((async () => channel.receive!(sign(nonsense), nonsense))()), { code: 'bad_body' });
  const closed = stand.reopen({ appSecret: '' });
  t.match(await failureOf((async () => closed.receive!(sign(body), body))()), { code: 'no_secret' });
});

t.test('a cursor by time misses nothing that comes late, and gives nothing twice', async (t) => {
  const said = (id: string, at: number): Inbound => ({
    id,
    url: null,
    at,
    author: { id: '1', handle: 'mira' },
    text: id,
    post: { id, url: null },
  });
  const now = 1_800_000_000_000;
  const first = openCursor(null, now);
  t.equal(first.since, now - 24 * 60 * MINUTE);
  const one = first.take([
    said('b', now - 1_000),
    said('a', now - 5_000),
    said('old', now - 48 * 60 * MINUTE),
  ]);
  t.same(
    one.items.map((item) => item.id),
    ['a', 'b'],
  );
  const second = openCursor(one.cursor, now);
  t.ok(second.since <= now - 1_000 - MINUTE, 'it looks a little further back than what it knows');
  const two = second.take([said('a', now - 5_000), said('b', now - 1_000), said('late', now - 30_000)]);
  t.same(
    two.items.map((item) => item.id),
    ['late'],
    'an entry that turned up behind the newest',
  );
  const third = openCursor(two.cursor, now).take([
    said('a', now - 5_000),
    said('b', now - 1_000),
    said('late', now - 30_000),
  ]);
  t.same(third, { items: [], cursor: two.cursor });
  t.same(openCursor('nonsense', now).take([]), { items: [], cursor: 'nonsense' });
});
