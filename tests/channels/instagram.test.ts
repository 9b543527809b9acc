import { createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { cardAddress } from '../../src/channels/instagram.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const open = (t: Test, options: Record<string, unknown> = {}, more: SimulatorOptions = {}) =>
  connect(t, { network: 'instagram', options }, { rates: 'open', ...more });
type Stand = Awaited<ReturnType<typeof open>>;
const bodies = (stand: Stand, path: string) =>
  stand.sent
    .filter((one) => one.url.endsWith(path) && one.request.method === 'POST')
    .map((one) => JSON.parse(String(one.request.body)) as Record<string, string>);

t.test('the picture is the card of the link, and says to everybody what the words say', async (t) => {
  t.equal(cardAddress('https://status.example.com/u/7f3k2'), 'https://status.example.com/card/7f3k2.jpg');
  t.equal(cardAddress('http://127.0.0.1:4800/u/a1/?x=1#y'), 'http://127.0.0.1:4800/card/a1.jpg');
  const stand = await open(t);
  const draft = draftOf({ text: `${'Payments fail. '.repeat(100)}https://status.example.com/u/pic1` });
  draft.link = 'https://status.example.com/u/pic1';
  await stand.channel.publish(draft, keyOf(stand), never);
  const [made] = bodies(stand, '/me/media');
  t.match(made, { image_url: 'https://status.example.com/card/pic1.jpg', caption: draft.text });
  t.ok(made!['alt_text']!.length <= 1_000);
  t.match(made!['alt_text'], /^Payments fail\. .*(Payments|fail\.)…$/, 'whole words');
  t.equal(stand.posts()[0]?.raw['alt'], made!['alt_text']);

  const sent = stand.sent.length;
  for (const link of [undefined, 'https://status.example.com/', 'nonsense']) {
    const { link: _, ...bare } = draftOf();
    const words = link === undefined ? bare : { ...bare, link };
    t.match(await failureOf(stand.channel.publish(words, keyOf(stand), never)), {
      failure: 'rejected',
      code: 'no_picture',
      message: /Switch the link on/,
    });
  }
  t.equal(stand.sent.length, sent, 'nothing is sent without a picture');
  t.match(
    await failureOf(
      stand.channel.publish(draftOf({ link: 'http://status.example.com/u/plain' }), keyOf(stand), never),
    ),
    { failure: 'unsent', message: /could not fetch the picture/ },
  );
});

t.test('a caption has 2200 characters and 30 hashtags', async (t) => {
  const stand = await open(t);
  const tags = (n: number) => Array.from({ length: n }, (_, i) => `#tag${i}`).join(' ');
  await stand.channel.publish(draftOf({ text: tags(30) }), keyOf(stand), never);
  t.match(await failureOf(stand.channel.publish(draftOf({ text: tags(31) }), keyOf(stand), never)), {
    failure: 'rejected',
    message: /30 hashtags/,
  });
  t.equal(stand.posts().length, 1);
});

t.test('the budget of a day is the account’s own, and read from it', async (t) => {
  const stand = await open(t, { quota: 3 }, { rates: 'real' });
  for (let n = 0; n < 3; n++) await stand.channel.publish(draftOf(), keyOf(stand, `post ${n}`), never);
  t.equal((await stand.channel.verify(never)).note, '3 of 3 posts used in the last 24 hours.');
  t.match(await failureOf(stand.channel.publish(draftOf(), keyOf(stand, 'one more'), never)), {
    failure: 'limited',
    retryAfterMs: 15 * MINUTE,
  });
  stand.sim.world.skip(DAY);
  t.ok(await stand.channel.publish(draftOf(), keyOf(stand, 'tomorrow'), never));
});

t.test('a lost answer is looked up at the container; a picture that takes time is waited for', async (t) => {
  const stand = await open(t, { preparesMs: 600 });
  const draft = draftOf();
  const key = keyOf(stand);
  stand.sim.world.faults.set([{ kind: 'drop_after', network: 'instagram', operation: 'publish', times: 1 }]);
  t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
  t.equal((await stand.channel.find!(draft, key, never))?.id, stand.posts()[0]?.id);
  t.match(await failureOf(stand.channel.publish(draft, key, never)), {
    failure: 'rejected',
    duplicate: true,
    existing: { id: stand.posts()[0]?.id },
  });
  t.equal((await stand.reopen().find!(draft, key, never))?.id, stand.posts()[0]?.id, 'and after a restart');
  t.equal(stand.live().length, 1);
  const slow = await open(t, { preparesMs: 60 * MINUTE });
  t.match(await failureOf(slow.channel.publish(draftOf(), keyOf(slow), never)), {
    failure: 'unsent',
    code: 'preparing',
  });
});

t.test(
  'a look that ends too early is no absence: among posts, among comments, among answers to one',
  async (t) => {
    const stand = await open(t);
    const root = await stand.channel.publish(draftOf(), keyOf(stand, 'root'), never);
    const comment = await stand.channel.publish(
      draftOf({ inReplyTo: root, root }),
      keyOf(stand, 'comment'),
      never,
    );
    // None of them is there, and more stands on each list than anybody looks through.
    const places = [{}, { inReplyTo: root, root }, { inReplyTo: comment, root }];
    for (const [place, answered] of places.entries()) {
      const key = keyOf(stand, `lost ${place}`);
      stand.sim.world.skip(60_000);
      for (let n = 0; n < (place === 0 ? 810 : 460); n += 10)
        await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            stand.channel.publish(draftOf(answered), keyOf(stand, `${place} ${n + i}`), never),
          ),
        );
      t.match(await failureOf(stand.channel.find!(draftOf(answered), key, never)), {
        failure: 'unsent',
        code: 'too_many',
      });
    }
  },
);

t.test('what no program may do is not offered', async (t) => {
  const { channel } = await open(t);
  t.equal(channel.edit, undefined);
  t.equal(channel.remove, undefined);
});

t.test('comments: two levels, found, read back with their link', async (t) => {
  const stand = await open(t);
  const root = await stand.channel.publish(draftOf(), keyOf(stand, 'root'), never);
  const publish = async (id: string, answered: typeof root) => {
    const draft = draftOf({ inReplyTo: answered, root });
    const key = keyOf(stand, id);
    return { draft, key, post: await stand.channel.publish(draft, key, never) };
  };
  const second = await publish('2', root);
  const third = await publish('3', second.post);
  const fourth = await publish('4', third.post);
  const parentOf = (id: string) => stand.posts().find((one) => one.id === id)?.parent;
  t.equal(parentOf(second.post.id), root.id);
  t.equal(parentOf(third.post.id), second.post.id);
  t.equal(parentOf(fourth.post.id), second.post.id, 'an answer to an answer goes beside it');
  for (const { draft, key, post } of [second, third, fourth])
    t.equal((await stand.channel.find!(draft, key, never))?.id, post.id);
  const fromRoot = { ...fourth.draft, inReplyTo: root };
  t.match(await stand.channel.find!(fromRoot, fourth.key, never), {
    id: fourth.post.id,
    raw: { kind: 'comment', top: second.post.id, media: root.id },
  });
  t.equal(await stand.channel.find!(draftOf({ inReplyTo: root }), keyOf(stand), never), null);
  const seen = await stand.channel.read!(third.post, never);
  t.equal(seen?.text, third.draft.text);
  t.match(seen?.url, /\/p\/[\w-]+\/c\/\d+\/$/);
  t.equal((await fetch(seen?.url ?? '')).status, 200, 'its link opens');
  const long = draftOf({ text: 'x'.repeat(2_197), inReplyTo: root });
  t.match(await failureOf(stand.channel.publish(long, keyOf(stand), never)), {
    failure: 'rejected',
    message: /2196 characters; this one has 2197/,
  });
});

t.test('all comments are heard, and answers to them, and who names us, but not ourselves', async (t) => {
  const stand = await open(t);
  const root = await stand.channel.publish(draftOf(), keyOf(stand, 'root'), never);
  await stand.channel.publish(draftOf({ inReplyTo: root }), keyOf(stand, 'own'), never);
  const said: string[] = [];
  let first = '';
  for (let n = 0; n < 120; n++) {
    stand.sim.world.skip(1_000);
    const on = n < 60 ? root.id : first;
    const post = await stand.hear(`comment ${n}`, on);
    if (n === 0) first = post.id;
    said.push(post.text);
  }
  stand.sim.world.skip(1_000);
  const tagged = await stand.hear('@northwindpay is my money safe?', undefined, 'theo_brandt');
  const { items, cursor } = await stand.channel.poll!(null, never);
  t.same(
    items.map((item) => item.text),
    [...said, tagged.text],
  );
  t.match(items[0], { inReplyTo: root.id, author: { handle: '@mira_oduya' } });
  t.equal(items[119]?.inReplyTo, first);
  const answer = await stand.channel.publish(
    draftOf({ inReplyTo: items[120]!.post }),
    keyOf(stand, 'answer'),
    never,
  );
  t.equal(stand.posts().find((one) => one.id === answer.id)?.parent, tagged.id, 'where we were named');
  t.same((await stand.reopen().poll!(cursor, never)).items, []);
  const below = await stand.channel.publish(
    draftOf({ inReplyTo: items[119]!.post }),
    keyOf(stand, 'below'),
    never,
  );
  t.equal(stand.posts().find((one) => one.id === below.id)?.parent, first);
  const mentioned = draftOf({ inReplyTo: items[120]!.post });
  t.match(
    await failureOf(stand.channel.find!(mentioned, keyOf(stand), never)),
    { failure: 'unsent', code: 'not_ours' },
    'what cannot be looked at is no absence',
  );
});

t.test('a signed call brings a comment in both of Meta’s shapes', async (t) => {
  const stand = await open(t, { webhooks: true });
  t.equal((await stand.channel.verify(never)).can.inbound, 'both');
  const value = {
    id: '17919697626119712',
    from: { id: '2105722729836161', username: 'mira_oduya' },
    media: { id: '18172143295349192', media_product_type: 'FEED' },
    text: 'is my money safe?',
  };
  const send = (entry: object, secret = stand.account.secrets['appSecret']!) => {
    const body = Buffer.from(
      JSON.stringify({ object: 'instagram', entry: [{ id: '1784', time: 1_763_730_000, ...entry }] }),
    );
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return stand.channel.receive!({ 'x-hub-signature-256': signature }, body);
  };
  const expected = [
    {
      id: value.id,
      at: 1_763_730_000_000,
      text: value.text,
      inReplyTo: value.media.id,
      author: { id: '2105722729836161', handle: '@mira_oduya' },
      post: { raw: { kind: 'comment', top: value.id, media: value.media.id } },
    },
  ];
  t.match(send({ changes: [{ field: 'comments', value }] }), expected);
  t.match(send({ field: 'comments', value }), expected);
  t.match(send({ field: 'comments', value: { ...value, parent_id: '99' } }), [
    { inReplyTo: '99', post: { raw: { top: '99' } } },
  ]);
  const ours = { ...value, from: { id: '1', username: 'northwindpay' } };
  t.same(send({ field: 'comments', value: ours }), []);
  t.same(send({ field: 'messages', value }), []);
  t.match(await failureOf((async () => send({ field: 'comments', value }, 'other'))()), {
    code: 'bad_signature',
  });
});

t.test('its token is extended like that of Threads', async (t) => {
  const stand = await open(t);
  stand.sim.world.skip(2 * DAY);
  const { expiresAt = 0 } = await stand.channel.verify(never);
  t.ok(Math.abs(expiresAt - stand.sim.world.now() - 60 * DAY) < MINUTE);
  t.match(stand.saved, [{ accessToken: /^IGAA/, expiresAt: /^\d+$/ }]);
  const asked = stand.sent.find((one) => one.url.includes('refresh_access_token'));
  t.match(asked?.url, /grant_type=ig_refresh_token/);
});
