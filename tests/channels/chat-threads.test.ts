import { createHmac } from 'node:crypto';
import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { wordsOf } from '../../src/channels/slack-text.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never, type Stand } from './stand-in.ts';

const KEY = { id: 'dlv_1', at: Date.parse('2026-11-21T12:00:00Z') };
const EVIL =
  '<!channel> <!here|@here> <@U012ABCDEF> <!subteam^S1> <https://evil.example|our page> & *bold* :fire:';

const LINK = 'https://status.example.com/u/1';

t.test('slack: no words are markup, in a post or in a correction', async (t) => {
  for (const network of ['slack', 'slack_webhook']) {
    const stand = await connect(t, { network });
    const post = await stand.channel.publish({ text: `${EVIL} ${LINK}` }, keyOf(stand), never);
    await stand.channel.edit?.(post, { text: `${EVIL} ${LINK} again` }, keyOf(stand), never);
    t.same(stand.posts()[0]?.raw['pings'], [], `${network}: nobody is notified`);
    t.match(stand.posts()[0]?.text, /^<!channel>.*\*bold\* :fire:/, 'readers see what was written');
    for (const { request } of stand.sent.filter(({ request }) =>
      String(request.body ?? '').includes('blocks'),
    )) {
      const body = JSON.parse(String(request.body));
      t.notMatch(body.text, /<[!@#h]/, 'escaped');
      const elements = body.blocks[0].elements[0].elements;
      t.same([...new Set(elements.map((one: { type: string }) => one.type))].sort(), ['link', 'text']);
    }
    const first = JSON.parse(String(stand.sent.find(({ request }) => request.body)?.request.body));
    t.match(first, { mrkdwn: false, link_names: false, unfurl_links: false, unfurl_media: false });
  }
});

t.test('slack: its markup becomes what a reader sees', async (t) => {
  const names = new Map([['U1', 'mira']]);
  t.equal(wordsOf('<@U1> <@U2> <@U3|theo> <#C1|status> <#C2>', names), '@mira @U2 @theo #status #C2');
  t.equal(wordsOf('<!here> <!subteam^S1|@ops> <!date^1^{date}|today>'), '@here @ops today');
  t.equal(
    wordsOf('<https://a.example/?a=1&amp;b=2> <https://b.example|B &lt;c&gt;>'),
    'https://a.example/?a=1&b=2 B <c>',
  );
  t.equal(wordsOf('&amp;lt;b&amp;gt; 1 &lt; 2'), '&lt;b&gt; 1 < 2');
});

t.test('slack: what is wrong comes with status 200', async (t) => {
  let says: object = {};
  const { url, tools } = await scripted(t, ({ path }) => ({
    json: path.includes('auth.test')
      ? { ok: true, user_id: 'U1', user: 'n', url: 'https://n.slack.com/' }
      : says,
  }));
  const channel = openChannel('slack', { channel: 'C1', botToken: 'xoxb-1', api: url }, tools);
  const publish = (answer: object) => {
    says = answer;
    return failureOf(channel.publish(draftOf(), KEY, never));
  };
  const cases: [object, object][] = [
    [{ error: 'channel_not_found' }, { failure: 'rejected', message: /does not exist/ }],
    [{ error: 'is_archived' }, { failure: 'rejected', message: /archived/ }],
    [{ error: 'msg_too_long' }, { failure: 'rejected', code: 'msg_too_long' }],
    [{ error: 'not_in_channel' }, { failure: 'auth', message: /\/invite/ }],
    [{ error: 'invalid_auth' }, { failure: 'auth' }],
    [{ error: 'token_revoked' }, { failure: 'auth' }],
    [
      { error: 'missing_scope', needed: 'chat:write' },
      { failure: 'auth', message: /it needs chat:write/ },
    ],
    [{ error: 'ratelimited' }, { failure: 'limited' }],
    [{ error: 'fatal_error' }, { failure: 'unknown' }],
    [{ error: 'internal_error' }, { failure: 'unknown' }],
    [{ error: 'request_timeout' }, { failure: 'unknown' }],
  ];
  for (const [answer, failure] of cases)
    t.match(await publish({ ok: false, ...answer }), failure, JSON.stringify(answer));
  t.match(await publish({ ok: true }), { failure: 'unknown', code: 'unreadable' }, 'a yes without an id');
  t.match(await publish({}), { failure: 'unknown', code: 'unreadable' });
  says = { ok: false, error: 'internal_error' };
  t.match(
    await failureOf(channel.find!(draftOf(), KEY, never)),
    { failure: 'unsent' },
    'a look is only a look',
  );
});

t.test('slack: a post is found by its hidden mark, also in its thread', async (t) => {
  const stand = await connect(t, { network: 'slack' }, { rates: 'open' });
  const same = { text: 'The very same words twice.' };
  const [one, two] = [keyOf(stand, 'dlv_one'), keyOf(stand, 'dlv_two')];
  const first = await stand.channel.publish(same, one, never);
  t.equal(await stand.channel.find!(same, two, never), null, 'the words alone are not enough');
  const second = await stand.channel.publish(same, two, never);
  t.equal((await stand.channel.find!(same, one, never))?.id, first.id);
  t.equal((await stand.channel.find!(same, two, never))?.id, second.id);

  const answer = { ...draftOf(), root: first, inReplyTo: second };
  const key = keyOf(stand, 'dlv_three');
  t.equal(await stand.channel.find!(answer, key, never), null);
  const third = await stand.channel.publish(answer, key, never);
  t.equal((await stand.channel.find!(answer, key, never))?.id, third.id);
  t.match(third.raw, { channel: stand.account.settings['channel'], thread: first.id });
  t.match(third.url, new RegExp(`p\\d{16}\\?thread_ts=${first.id}&cid=C`));
  t.equal((await fetch(third.url ?? '')).status, 200);
  const seen = await stand.channel.read!(third, never);
  t.equal(seen?.text, answer.text);
  t.ok(
    stand.sent.some(({ url }) => url.includes('chat.getPermalink')),
    'the link is Slack’s own',
  );

  await stand.channel.remove!(first, never);
  t.equal(await stand.channel.read!(first, never), null, 'a tombstone is not a post');
  t.equal((await stand.channel.find!(answer, key, never))?.id, third.id, 'the answers stay');
});

t.test('slack: what we cannot do there is said when the account is connected', async (t) => {
  const stranger = await connect(t, { network: 'slack', options: { member: false } });
  t.match(await failureOf(stranger.channel.verify(never)), {
    failure: 'auth',
    message: /\/invite @northwindpay/,
  });
  const closed = await connect(t, { network: 'slack', options: { archived: true } });
  t.match(await failureOf(closed.channel.verify(never)), {
    failure: 'rejected',
    message: /#status is archived/,
  });
  const gone = await connect(t, { network: 'slack_webhook', options: { deleted: true } });
  for (const work of [gone.channel.verify(never), gone.channel.publish(draftOf(), keyOf(gone), never)])
    t.match(await failureOf(work), { failure: 'auth', code: 'no_service', message: /Make a new one/ });
  const archived = await connect(t, { network: 'slack_webhook', options: { archived: true } });
  t.match(await failureOf(archived.channel.publish(draftOf(), keyOf(archived), never)), {
    failure: 'rejected',
    code: 'channel_is_archived',
  });
});

/** What Slack would send for an event, signed with `secret`. */
function signed(stand: Stand, event: object, more: { secret?: string; at?: number; type?: string } = {}) {
  const envelope = {
    type: more.type ?? 'event_callback',
    event_id: 'Ev1',
    challenge: 'c',
    authorizations: [{ user_id: stand.account.id, is_bot: true }],
    event: { channel: stand.account.settings['channel'], user: 'U777', ts: '1795262400.000100', ...event },
  };
  const body = Buffer.from(JSON.stringify(envelope));
  const stamp = String(Math.floor((more.at ?? stand.sim.world.now()) / 1000));
  const secret = more.secret ?? stand.account.extra['signingSecret'] ?? '';
  const mac = createHmac('sha256', secret).update(`v0:${stamp}:`).update(body).digest('hex');
  return { headers: { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${mac}` }, body };
}

t.test('slack: only what Slack has signed just now is heard', async (t) => {
  const stand = await connect(t, { network: 'slack' });
  const channel = stand.reopen({ signingSecret: stand.account.extra['signingSecret'] ?? '' });
  const receive = ({ headers, body }: ReturnType<typeof signed>) => channel.receive!(headers, body);
  const mention = { type: 'app_mention', text: `<@${stand.account.id}> is &lt;it&gt; down?` };
  const good = signed(stand, mention);
  t.match(receive(good), [
    {
      id: '1795262400.000100',
      text: /is <it> down\?$/,
      author: { id: 'U777' },
      post: { id: '1795262400.000100' },
    },
  ]);
  const refused = { failure: 'rejected', code: 'bad_signature' };
  for (let n = 0; n < good.body.length; n += 7) {
    const bent = Buffer.from(good.body);
    bent[n] = (bent[n] ?? 0) ^ 1;
    t.throws(() => channel.receive!(good.headers, bent), refused, `byte ${n}`);
  }
  const now = stand.sim.world.now();
  t.throws(() => receive(signed(stand, mention, { secret: 'other' })), refused);
  t.throws(() => receive(signed(stand, mention, { at: now - 301_000 })), refused, 'five minutes are over');
  t.throws(() => receive(signed(stand, mention, { at: now + 301_000 })), refused);
  t.ok(receive(signed(stand, mention, { at: now - 290_000 })));
  t.throws(() => channel.receive!({}, good.body), refused);
  t.throws(() => channel.receive!({ ...good.headers, 'x-slack-signature': 'v0=zz' }, good.body), refused);
  t.throws(
    () => stand.channel.receive!(good.headers, good.body),
    refused,
    'nothing is believed without a secret',
  );
});

t.test('slack: events that say something to us, and the others', async (t) => {
  const stand = await connect(t, { network: 'slack' });
  const channel = stand.reopen({ signingSecret: stand.account.extra['signingSecret'] ?? '' });
  const count = (event: object, type?: string) => {
    const { headers, body } = signed(stand, event, type === undefined ? {} : { type });
    return channel.receive!(headers, body).length;
  };
  const us = stand.account.id;
  const message = { type: 'message', text: 'when?', thread_ts: '1795262000.000100' };
  t.equal(count({ ...message, parent_user_id: us }), 1, 'an answer to us');
  t.equal(count({ ...message, text: `<@${us}> when?` }), 1, 'a mention in somebody’s thread');
  t.equal(count({ ...message, parent_user_id: us, subtype: 'thread_broadcast' }), 1);
  t.equal(count(message), 0, 'other people’s thread');
  t.equal(count({ ...message, parent_user_id: us, user: us }), 0, 'ourselves');
  t.equal(count({ ...message, parent_user_id: us, bot_id: 'B1' }), 0, 'another program');
  t.equal(count({ ...message, parent_user_id: us, subtype: 'message_changed' }), 0, 'an edit');
  t.equal(count({ ...message, parent_user_id: us, channel: 'C0' }), 0, 'another channel');
  t.equal(count({ type: 'app_mention', text: '' }), 0);
  t.equal(count({}, 'url_verification'), 0, 'the question for a challenge is signed too, and says nothing');
});

t.test('slack: an answer in an old thread is heard, other talk is not', async (t) => {
  const stand = await connect(t, { network: 'slack' }, { rates: 'open' });
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  const talk = await stand.hear('we talk among ourselves');
  await stand.hear('indeed', talk.id);
  const { items, cursor } = await stand.channel.poll!(null, never);
  t.same(items, []);
  stand.sim.world.skip(3 * 24 * 3_600_000);
  await stand.hear('still broken for me', root.id, 'theo_brandt');
  const later = await stand.channel.poll!(cursor, never);
  t.match(later.items, [
    { text: 'still broken for me', inReplyTo: root.id, author: { handle: '@theo_brandt' } },
  ]);
  t.equal(later.items.length, 1);
});

t.test(
  'matrix: a key is known to one token for a day, and a look finds what another token has sent',
  async (t) => {
    const stand = await connect(t, { network: 'matrix' });
    const other = stand.reopen({ accessToken: stand.account.extra['otherToken'] ?? '' });
    const draft = draftOf();
    const key = keyOf(stand);
    const post = await stand.channel.publish(draft, key, never);
    t.match(stand.sent.at(-1), {
      url: new RegExp(`/send/m\\.room\\.message/${key.id}$`),
      request: { method: 'PUT' },
    });
    t.equal((await other.find!(draft, key, never))?.id, post.id, 'by its words');
    const bare = { text: 'No link at all.' };
    const twin = keyOf(stand, 'dlv_twin');
    await stand.channel.publish(bare, keyOf(stand, 'dlv_before'), never);
    t.equal(await stand.channel.find!(bare, twin, never), null, 'the words alone are not enough');
    const marked = await stand.channel.publish(bare, twin, never);
    await stand.channel.publish(bare, keyOf(stand, 'dlv_other'), never);
    t.equal(
      (await stand.channel.find!(bare, twin, never))?.id,
      marked.id,
      'with the same token by its transaction',
    );
    await other.publish(draft, key, never);
    t.equal(stand.live().length, 5, 'a new token begins anew: so we look before we send again');
  },
);

t.test('matrix: mentions nobody, and corrects in the form that clients know', async (t) => {
  const stand = await connect(t, { network: 'matrix' });
  const text = `@room @mira:customers.test ${draftOf().link}`;
  const root = await stand.channel.publish({ text }, keyOf(stand, 'dlv_a'), never);
  const content = () => JSON.parse(String(stand.sent.at(-1)?.request.body));
  t.same(content(), { msgtype: 'm.text', body: text, 'm.mentions': {} });
  const next = await stand.channel.publish(
    { ...draftOf(), inReplyTo: root, root },
    keyOf(stand, 'dlv_b'),
    never,
  );
  t.same(content()['m.relates_to'], {
    rel_type: 'm.thread',
    event_id: root.id,
    is_falling_back: true,
    'm.in_reply_to': { event_id: root.id },
  });
  await stand.channel.edit!(next, { text: 'Corrected.' }, keyOf(stand, 'dlv_c'), never);
  const fresh = { msgtype: 'm.text', body: 'Corrected.', 'm.mentions': {} };
  t.same(content(), {
    ...fresh,
    body: '* Corrected.',
    'm.new_content': fresh,
    'm.relates_to': { rel_type: 'm.replace', event_id: next.id },
  });
  t.equal((await stand.channel.read!(next, never))?.text, 'Corrected.', 'readers see the newest words');
  t.match(root.url, /\/room\/!\w+(:|%3A)northwind\.test\//);
  const quotes = { text: '"'.repeat(29_999) };
  const long = await failureOf(stand.channel.edit!(next, quotes, keyOf(stand, 'dlv_d'), never));
  t.match(long, { failure: 'rejected', code: 'M_TOO_LARGE' }, 'twice the words, escaped, are too much');
});

t.test(
  'matrix: an answer to a customer stays in their thread; what is said to others is left alone',
  async (t) => {
    const stand = await connect(t, { network: 'matrix' });
    const theirs = await stand.hear('anybody here?');
    await stand.hear('me', theirs.id, 'theo_brandt');
    t.same((await stand.channel.poll!(null, never)).items, []);
    const post = { id: '$answer', url: null, raw: { thread: '$root' } };
    await stand.channel.publish(draftOf({ inReplyTo: post }), keyOf(stand), never);
    t.same(JSON.parse(String(stand.sent.at(-1)?.request.body))['m.relates_to'], {
      rel_type: 'm.thread',
      event_id: '$root',
      is_falling_back: false,
      'm.in_reply_to': { event_id: '$answer' },
    });
  },
);

t.test('matrix: rooms that cannot be used, and waits in the body', async (t) => {
  const hidden = await connect(t, { network: 'matrix', options: { encrypted: true } });
  t.match(await failureOf(hidden.channel.verify(never)), { failure: 'rejected', code: 'encrypted' });
  const outside = await connect(t, { network: 'matrix', options: { member: 'leave' } });
  t.match(await failureOf(outside.channel.verify(never)), { failure: 'auth', message: /is not in the room/ });
  const lost = outside.reopen({ room: '#nowhere:northwind.test' });
  t.match(await failureOf(lost.verify(never)), { failure: 'rejected', message: /not found/ });
  const { url, tools } = await scripted(t, ({ method }) =>
    method === 'PUT'
      ? { status: 429, json: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many', retry_after_ms: 2_345 } }
      : { json: { user_id: '@n:x.test' } },
  );
  const channel = openChannel('matrix', { homeserver: url, room: '!r:x.test', accessToken: 't' }, tools);
  t.match(await failureOf(channel.publish(draftOf(), KEY, never)), {
    failure: 'limited',
    retryAfterMs: 2_345,
  });
});
