import { createHmac } from 'node:crypto';
import t from 'tap';
import { mentions } from '../../src/channels/discourse-post.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { type Asked, type Says, scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

t.test('discourse: an incident is a topic, pinned; what comes after are answers in it', async (t) => {
  const stand = await connect(t, { network: 'discourse' });
  const draft = draftOf({ subject: 'Card payments are failing' });
  const root = await stand.channel.publish(draft, keyOf(stand, 'a'), never);
  t.match(root, { url: /\/t\/card-payments-are-failing\/11$/, raw: { topic: 11, number: 1 } });
  t.same(stand.posts()[0]?.raw['states'], ['pinned_globally']);
  const pin = stand.sent.find(({ url }) => url.endsWith('/t/11/status.json'));
  t.match(JSON.parse(String(pin?.request.body)), {
    status: 'pinned_globally',
    enabled: 'true',
    until: /^\d{4}-\d\d-\d\d$/,
  });
  const second = await stand.channel.publish(draftOf({ inReplyTo: root, root }), keyOf(stand, 'b'), never);
  t.match(second, { url: /\/11\/2$/, raw: { topic: 11, number: 2 } });
  const closed = stand.reopen({ pin: 'banner', close: 'yes' });
  await closed.publish(draftOf({ subject: 'Refunds are late today' }), keyOf(stand, 'c'), never);
  t.same(stand.posts()[2]?.raw['states'], ['banner', 'closed']);

  const edited = draftOf({
    subject: 'Card payments were failing',
    text: 'Corrected: only cards, not transfers.',
  });
  t.same(await stand.channel.edit!(root, edited, keyOf(stand), never), { ...root, url: root.url });
  t.match(stand.posts()[0], {
    text: edited.text,
    raw: { subject: 'Card payments were failing', reason: 'Correction' },
  });
});

t.test('discourse: a pin that is refused does not take the post back', async (t) => {
  const answers = (asked: Asked): Says => {
    if (asked.path === '/posts.json')
      return { json: { id: 7, topic_id: 5, post_number: 1, topic_slug: 'x' } };
    return { status: 403, json: { errors: ['You are not permitted'], error_type: 'invalid_access' } };
  };
  const { url, tools } = await scripted(t, answers);
  const values = { forum: url, username: 'northwind', apiKey: 'k', pin: 'pinned' };
  t.match(await openChannel('discourse', values, tools).publish(draftOf(), { id: 'k', at: 0 }, never), {
    id: '7',
    raw: { topic: 5, presented: false },
  });
});

t.test('discourse: a repeat finds its topic by our own id, for ever', async (t) => {
  const stand = await connect(t, { network: 'discourse' }, { rates: 'open' });
  const draft = draftOf();
  const key = keyOf(stand);
  const first = await stand.channel.publish(draft, key, never);
  stand.sim.world.skip(400 * 24 * 3_600_000);
  t.equal((await stand.reopen().publish(draft, key, never)).id, first.id, 'refused by the forum, and found');
  t.equal(stand.posts().length, 1);
  const answer = draftOf({ text: 'An answer without a link, in the very same topic.', inReplyTo: first });
  const answered = await stand.channel.publish(answer, keyOf(stand, 'r'), never);
  t.equal((await stand.channel.find!({ text: answer.text }, keyOf(stand, 'r'), never))?.id, answered.id);
  for (let i = 0; i < 60; i++) await stand.hear(`noise number ${i}, long enough for a post`);
  t.equal(
    (await stand.channel.find!({ text: answer.text }, keyOf(stand, 'r'), never))?.id,
    answered.id,
    'behind a page of other people’s posts',
  );
});

t.test('discourse: what the forum says, and what may be done then', async (t) => {
  const say = async (status: number, json: unknown, headers = {}) => {
    const { url, tools } = await scripted(t, () => ({ status, json, headers }));
    const channel = openChannel(
      'discourse',
      { forum: url, username: 'northwind', apiKey: 'secret-key' },
      tools,
    );
    return failureOf(channel.publish(draftOf(), { id: 'k', at: 0 }, never));
  };
  const errors = (words: string, more = {}) => ({ action: 'create_post', errors: [words], ...more });
  t.match(await say(422, errors('Title is too short (minimum is 15 characters)')), {
    failure: 'rejected',
    message: /Title is too short/,
  });
  t.match(await say(422, errors('Title has already been used')), { failure: 'rejected', duplicate: true });
  t.match(await say(422, errors('Body is too similar to what you recently posted')), { duplicate: true });
  t.match(await say(403, { errors: ['The API username or key is invalid.'], error_type: 'invalid_access' }), {
    failure: 'auth',
    message: /API key/,
  });
  t.match(await say(429, { errors: ['Slow down'], error_type: 'rate_limit', extras: { wait_seconds: 17 } }), {
    failure: 'limited',
    retryAfterMs: 17_000,
  });
  t.match(await say(429, undefined, { 'retry-after': '43' }), { failure: 'limited', retryAfterMs: 43_000 });
  t.match(await say(503, { errors: ['Read-only mode'], error_type: 'read_only' }), { failure: 'unsent' });
  t.match(await say(200, { success: true, action: 'enqueued' }), {
    failure: 'rejected',
    code: 'enqueued',
    message: /moderator/,
  });
  const moderated = await connect(t, { network: 'discourse', options: { moderated: true } });
  t.match(await failureOf(moderated.channel.publish(draftOf(), keyOf(moderated), never)), {
    code: 'enqueued',
  });
});

t.test('discourse: a forum’s own limits, and a redirect that leads astray', async (t) => {
  const own = { max_post_length: 8_000, max_topic_title_length: 100, min_topic_title_length: 25 };
  const { url, tools, asked } = await scripted(t, ({ path }) => {
    if (path === '/session/current.json') return { json: { current_user: { username: 'Northwind' } } };
    if (path === '/site/settings.json') return { json: own };
    if (path.startsWith('/t/external_id/'))
      return { status: 301, headers: { location: 'http://169.254.169.254/t/x/9.json' } };
    if (path === '/posts/by_number/9/1.json')
      return { json: { id: 3, topic_id: 9, post_number: 1, raw: 'words' } };
    return { status: 404, json: {} };
  });
  const channel = openChannel('discourse', { forum: `${url}/`, username: '@northwind', apiKey: 'k' }, tools);
  t.match(await channel.verify(never), {
    account: /^@Northwind on 127/,
    limits: { unit: 'codepoints', max: 8_000, subject: 100, subjectLeast: 25 },
    note: /not a moderator/,
  });
  t.match(await channel.find!(draftOf(), { id: 'k', at: 0 }, never), { id: '3', text: 'words' });
  t.equal(asked.at(-1)?.path, '/posts/by_number/9/1.json', 'only the number of the topic is believed');
});

t.test('discourse: who speaks to us', async (t) => {
  for (const [text, is] of [
    ['@northwind help', true],
    ['hello @Northwind!', true],
    ['(@northwind)', true],
    ['@northwindpay help', false],
    ['me@northwind.example', false],
    ['@northwind-fans', false],
    ['no name', false],
  ] as const)
    t.equal(mentions(text, 'northwind'), is, text);

  const stand = await connect(t, { network: 'discourse' });
  const ours = await stand.channel.publish(draftOf(), keyOf(stand), never);
  await stand.hear('nobody is spoken to in this post at all');
  const said = await stand.hear('is my money safe, does anybody know', ours.id);
  const { items } = await stand.reopen().poll!(null, never);
  t.same(
    items.map((item) => [item.id, item.inReplyTo]),
    [[said.id, ours.id]],
    'an answer in our topic, without a name',
  );

  const secret = stand.account.secrets['webhookSecret'] ?? '';
  const call = (post: object, event = 'post_created', key = secret) => {
    const body = Buffer.from(JSON.stringify({ post }));
    const mac = createHmac('sha256', key).update(body).digest('hex');
    const headers = { 'x-discourse-event': event, 'x-discourse-event-signature': `sha256=${mac}` };
    return stand.channel.receive!(headers, body);
  };
  const post = {
    id: 900,
    topic_id: 77,
    post_number: 4,
    topic_slug: 'help',
    username: 'theo',
    name: 'Theo',
    user_id: 5,
    raw: 'hello @northwindpay, are cards back?',
    created_at: '2026-11-21T14:05:00.000Z',
    topic_archetype: 'regular',
  };
  t.match(call(post), [
    { id: '900', author: { handle: '@theo', name: 'Theo' }, post: { raw: { topic: 77, number: 4 } } },
  ]);
  t.same(call({ ...post, raw: 'to nobody' }), []);
  t.match(call({ ...post, raw: 'to us', reply_to_user: { username: 'NorthwindPay' } }), [{ id: '900' }]);
  t.match(call({ ...post, raw: 'in our topic', topic_id: Number(ours.raw?.['topic']) }), [{ id: '900' }]);
  t.same(call({ ...post, username: 'northwindpay' }), [], 'not what we say ourselves');
  t.same(call({ ...post, topic_archetype: 'private_message' }), []);
  t.same(call({ ...post, deleted_at: '2026-11-21T14:06:00Z' }), []);
  t.same(call(post, 'post_edited'), []);
  t.throws(() => call(post, 'post_created', 'another'), { failure: 'rejected', code: 'bad_signature' });
  const body = Buffer.from(JSON.stringify({ post }));
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = { 'x-discourse-event': 'post_created', 'x-discourse-event-signature': signature };
  let accepted = 0;
  for (let n = 0; n < 1_000; n++) {
    const bit = (n * 7_919) % (body.length * 8);
    const bent = Buffer.from(body);
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      stand.channel.receive!(headers, bent);
      accepted++;
    } catch {}
  }
  t.equal(accepted, 0, '1000 altered calls, none read');
  const silent = stand.reopen({ webhookSecret: '' });
  const empty = `sha256=${createHmac('sha256', '').update(body).digest('hex')}`;
  t.throws(() => silent.receive!({ ...headers, 'x-discourse-event-signature': empty }, body), {
    code: 'bad_signature',
  });
});

t.test('reddit: a refresh token works once, and is saved before anything uses what it gave', async (t) => {
  const stand = await connect(t, { network: 'reddit' }, { rates: 'open' });
  await Promise.all([1, 2, 3, 4].map(() => stand.channel.publish(draftOf(), keyOf(stand), never)));
  t.equal(stand.posts().length, 4);
  const refreshes = () => stand.sent.filter(({ url }) => url.endsWith('/access_token')).length;
  t.equal(refreshes(), 1, 'four at once, one refresh');
  t.not(stand.saved[0]?.['refreshToken'], stand.account.secrets['refreshToken']);
  await stand.reopen().publish(draftOf(), keyOf(stand), never);
  t.equal(refreshes(), 1, 'a restart goes on with the saved session');
  stand.sim.world.skip(25 * 3_600_000);
  await stand.reopen().publish(draftOf(), keyOf(stand), never);
  t.equal(refreshes(), 2, 'and renews it when it is old');
  stand.sim.world.faults.set([{ kind: 'expired_token', operation: 'publish', network: 'reddit', times: 1 }]);
  await stand.reopen().publish(draftOf(), keyOf(stand), never);
  t.equal(refreshes(), 3, 'or when Reddit says so');
  t.equal(stand.posts().length, 7);
  const spent = openChannel('reddit', stand.values, stand.tools);
  t.match(await failureOf(spent.publish(draftOf(), keyOf(stand), never)), {
    failure: 'auth',
    code: 'refresh_refused',
  });

  const second = await connect(t, { network: 'reddit' });
  const unsaved = openChannel('reddit', second.values, {
    ...second.tools,
    saveSecrets: async () => {
      throw new Error('disk full');
    },
  });
  t.match(await failureOf(unsaved.publish(draftOf(), keyOf(second), never)), {
    failure: 'unsent',
    code: 'not_saved',
  });
  t.equal(second.posts().length, 0);
  for (const { request } of stand.sent)
    t.match(request.headers?.['user-agent'], /tocsin.*by \/u\/northwindpay/);
});

t.test('reddit: refusals inside a 200, and windows that are not ours to wait for', async (t) => {
  const session = JSON.stringify({ accessToken: 'a', expiresAt: Date.now() + 3_600_000, refreshToken: 'r' });
  const say = async (says: Says) => {
    const { url, tools } = await scripted(t, () => says);
    const values = {
      clientId: 'c',
      clientSecret: 's',
      refreshToken: 'r',
      username: 'n',
      subreddit: 'northwind',
      session,
      api: url,
    };
    return failureOf(openChannel('reddit', values, tools).publish(draftOf(), { id: 'k', at: 0 }, never));
  };
  const error = (code: string, words: string, more = {}) => ({
    json: { json: { errors: [[code, words, 'x']], ...more } },
  });
  t.match(await say(error('RATELIMIT', 'you are doing that too much. try again in 9 minutes.')), {
    failure: 'limited',
    retryAfterMs: 600_000,
    status: 200,
  });
  t.match(await say(error('RATELIMIT', 'Take a break for 53 seconds before trying again.')), {
    retryAfterMs: 54_000,
  });
  t.match(await say(error('RATELIMIT', 'later', { ratelimit: 12.5 })), {
    failure: 'limited',
    retryAfterMs: 12_500,
  });
  t.match(await say(error('SUBREDDIT_NOTALLOWED', "you aren't allowed to post there.")), {
    failure: 'rejected',
    code: 'SUBREDDIT_NOTALLOWED',
    message: /allowed to post there/,
  });
  t.match(await say(error('THREAD_LOCKED', 'Comments are locked.')), { failure: 'rejected' });
  t.match(await say(error('USER_REQUIRED', 'Please log in to do that.')), { failure: 'auth' });
  const window = { 'x-ratelimit-remaining': '0.0', 'x-ratelimit-reset': '417' };
  t.match(await say({ status: 429, json: { message: 'Too Many Requests', error: 429 }, headers: window }), {
    failure: 'limited',
    retryAfterMs: 417_000,
  });
  t.match(await say({ status: 503, json: {}, headers: window }), {
    failure: 'unsent',
    retryAfterMs: undefined,
  });
  const scope = { 'www-authenticate': 'Bearer realm="reddit", error="insufficient_scope"' };
  t.match(await say({ status: 403, json: { message: 'Forbidden' }, headers: scope }), {
    failure: 'auth',
    code: 'insufficient_scope',
  });
  t.match(await say({ json: { json: { errors: [], data: { name: 'javascript:x' } } } }), {
    failure: 'unknown',
  });
});

t.test('reddit: where it may speak', async (t) => {
  const suspended = await connect(t, { network: 'reddit', options: { suspended: true } });
  t.match(await failureOf(suspended.channel.verify(never)), { failure: 'auth', code: 'suspended' });
  const stand = await connect(t, { network: 'reddit' });
  const answering = stand.reopen({ subreddit: '' });
  t.match(await answering.verify(never), { account: 'u/northwindpay', note: /only answers/ });
  t.match(await failureOf(answering.publish(draftOf(), keyOf(stand), never)), {
    failure: 'rejected',
    code: 'no_subreddit',
  });
  const said = await stand.hear('is u/northwindpay down?');
  const answer = await answering.publish(
    draftOf({ inReplyTo: { id: said.id, url: null } }),
    keyOf(stand),
    never,
  );
  t.match(answer, { id: /^t1_/, url: /\/r\/northwindpay\/comments\/\w+\/_\/\w+\/$/ });
  t.match(
    await failureOf(stand.reopen({ subreddit: 'funny' }).publish(draftOf(), keyOf(stand), never)),
    { failure: 'rejected', code: 'SUBREDDIT_NOTALLOWED' },
    'only in its own subreddit',
  );
  const long = draftOf({ inReplyTo: { id: said.id, url: null }, text: 'x'.repeat(10_001) });
  t.match(await failureOf(stand.reopen().publish(long, keyOf(stand), never)), { code: 'TOO_LONG' });
});
