import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const HOUR = 3_600_000;
const KEY = { id: 'dlv_1', at: Date.parse('2026-11-21T12:00:00Z') };

t.test('telegram: a group that has moved is followed, and remembered', async (t) => {
  const stand = await connect(t, { network: 'telegram', options: { upgraded: true } });
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  t.same(stand.saved, [{ movedTo: stand.account.id }]);
  t.equal(stand.posts().length, 1, 'once');
  t.match(root.id, new RegExp(`^${stand.account.id}/`));
  stand.sent.length = 0;
  await stand.channel.publish(draftOf(), keyOf(stand), never);
  t.equal(stand.sent.length, 1, 'the next one goes there at once');
  stand.sent.length = 0;
  await stand.reopen().publish(draftOf({ inReplyTo: root, root }), keyOf(stand), never);
  t.equal(stand.sent.length, 1, 'after a restart too');
  const old = { id: `${stand.account.id.replace('-100', '-')}/7`, url: null };
  await stand.channel.publish(draftOf({ inReplyTo: old, root: old }), keyOf(stand), never);
  t.equal(stand.posts().length, 4);
  t.equal(stand.posts().at(-1)?.parent, null, 'an answer to a post from before is posted all the same');
});

t.test('telegram: plain words with the link marked, and nothing that could be markup', async (t) => {
  const stand = await connect(t, { network: 'telegram' });
  const draft = draftOf({ text: `*Some* _payments_ [fail](tg://user?id=1): ${draftOf().link}` });
  const words = { ...draft, link: draft.text.slice(draft.text.indexOf('https')) };
  const post = await stand.channel.publish(words, keyOf(stand), never);
  const sent = JSON.parse(String(stand.sent.at(-1)?.request.body));
  t.notOk('parse_mode' in sent);
  t.same(sent.link_preview_options, { is_disabled: true });
  const [entity, ...others] = sent.entities;
  t.same(others, []);
  t.equal(words.text.slice(entity.offset, entity.offset + entity.length), words.link);
  t.equal(stand.posts()[0]?.text, words.text);
  t.equal((await fetch(post.url ?? '')).status, 200, 'its link opens');
  t.match(post.url, /\/northwindpay\/\d+$/);
  const hidden = await connect(t, { network: 'telegram', options: { private: true } });
  const secret = await hidden.channel.publish(draftOf(), keyOf(hidden), never);
  t.match(secret.url, /\/c\/\d{10}\/\d+$/, 'a private one has the link that members can follow');
  t.equal((await fetch(secret.url ?? '')).status, 200);
});

t.test('telegram: after two days a post cannot be deleted, only edited', async (t) => {
  const stand = await connect(t, { network: 'telegram' });
  const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
  stand.sim.world.skip(48 * HOUR);
  t.match(await failureOf(stand.channel.remove!(post, never)), {
    failure: 'rejected',
    code: 'too_old',
    message: /48 hours.*edit it/,
  });
  t.equal((await stand.channel.edit!(post, draftOf(), keyOf(stand), never)).id, post.id);
  t.equal(stand.posts()[0]?.history.length, 1);
});

t.test(
  'telegram: comments, answers and private messages are heard; copies and strangers are not',
  async (t) => {
    const stand = await connect(t, { network: 'telegram' });
    const ours = await stand.channel.publish(draftOf(), keyOf(stand), never);
    await stand.hear('no mention in the group, nobody is asked');
    const said = await stand.hear('when will it work?', ours.id);
    const { items, cursor } = await stand.channel.poll!(null, never);
    t.same(
      items.map((one) => [one.text, one.inReplyTo]),
      [['when will it work?', ours.id]],
      'a comment answers our post, not the copy of it',
    );
    const answer = await stand.channel.publish(draftOf({ inReplyTo: items[0]!.post }), keyOf(stand), never);
    t.equal(stand.posts().find((post) => post.id === answer.id)?.parent, said.id, 'answered in the group');
    t.not(answer.id.split('/')[0], stand.account.id);
    t.same((await stand.channel.poll!(cursor, never)).items, []);

    const chat = { id: -1007, type: 'channel', username: 'northwindpay', linked_chat_id: -1008 };
    const message = (more: object) => ({
      date: 1,
      text: 'hello',
      from: { id: 5, first_name: 'Mira' },
      ...more,
    });
    const updates = [
      message({ message_id: 1, chat: { id: 5, type: 'private' } }),
      message({ message_id: 2, chat: { id: -1009, type: 'supergroup' }, text: '@northwindpay elsewhere' }),
      message({
        message_id: 3,
        chat: { id: -1008, type: 'supergroup' },
        text: 'Write to @northwindpay',
        is_automatic_forward: true,
      }),
      message({ message_id: 4, chat: { id: -1008, type: 'supergroup' }, text: 'hi @NorthwindPay!' }),
      message({ message_id: 5, chat: { id: -1008, type: 'supergroup' }, photo: [], text: undefined }),
    ].map((one, n) => ({ update_id: 900 + n, message: one }));
    const { url, tools } = await scripted(t, ({ path }) => {
      const result = path.endsWith('getMe')
        ? { id: 7, username: 'northwind_bot' }
        : path.endsWith('getChat')
          ? chat
          : updates;
      return { json: { ok: true, result } };
    });
    const channel = openChannel('telegram', { chat: '@northwindpay', botToken: '7:x', api: url }, tools);
    const heard = await channel.poll!(null, never);
    t.same(
      heard.items.map((one) => [one.id, one.url === null]),
      [
        ['5/1', true],
        ['-1008/4', false],
      ],
    );
    t.equal(heard.cursor, '904', 'what was left out is not asked for again');
  },
);

t.test('telegram: what stops the connection, and what it asks for', async (t) => {
  const say = async (status: number, json: object) => {
    const { url, tools } = await scripted(t, () => ({
      status,
      json: { ok: false, error_code: status, ...json },
    }));
    const channel = openChannel('telegram', { chat: '@x', botToken: '7:x', api: url }, tools);
    return failureOf(channel.publish(draftOf(), KEY, never));
  };
  const words = (description: string) => ({ description });
  t.match(await say(403, words('Forbidden: bot was kicked from the channel chat')), { failure: 'auth' });
  t.match(await say(400, words('Bad Request: need administrator rights in the channel chat')), {
    failure: 'auth',
    code: 'not_admin',
    message: /administrator who may post/,
  });
  t.match(await say(404, words('Not Found')), { failure: 'auth', code: 'bad_token' });
  t.match(await say(400, words('Bad Request: chat not found')), { failure: 'rejected' });
  t.match(
    await say(429, { description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } }),
    { failure: 'limited', retryAfterMs: 7_000 },
    'the wait is in the body',
  );
  const left = await connect(t, { network: 'telegram', options: { member: 'left' } });
  t.match(await failureOf(left.channel.verify(never)), { failure: 'auth', message: /Post messages/ });
});

t.test('discord: nobody is notified, whatever the words say', async (t) => {
  for (const network of ['discord', 'discord_webhook']) {
    const stand = await connect(t, { network });
    const text = `@everyone @here <@123456789012345678> <@&123456789012345678> ${draftOf().link}`;
    const post = await stand.channel.publish({ text }, keyOf(stand), never);
    await stand.channel.edit!(post, { text: `${text} again` }, keyOf(stand), never);
    t.same(stand.posts()[0]?.raw['pings'], [], network);
    const writes = stand.sent.filter(({ request }) => request.body !== undefined);
    t.equal(writes.length, 2);
    for (const { request } of writes) {
      const body = JSON.parse(String(request.body));
      t.same(body.allowed_mentions, { parse: [], replied_user: false });
      t.equal(body.flags, 4, 'no preview is added');
    }
  }
});

t.test('discord: the key fits, is enforced, and is the same for ever', async (t) => {
  const stand = await connect(t, { network: 'discord' });
  const key = keyOf(stand, `dlv_${'x'.repeat(60)}`);
  await stand.channel.publish(draftOf(), key, never);
  const body = JSON.parse(String(stand.sent.at(-1)?.request.body));
  t.match(body.nonce, /^[\da-f]{25}$/);
  t.equal(body.enforce_nonce, true);
  t.match(stand.sent.at(-1)?.request.headers?.['user-agent'], /^DiscordBot \(/);
});

t.test(
  'discord: a webhook that was deleted ends the connection; it waits to know, and can post into a thread',
  async (t) => {
    const gone = await connect(t, { network: 'discord_webhook', options: { deleted: true } });
    for (const work of [gone.channel.verify(never), gone.channel.publish(draftOf(), keyOf(gone), never)])
      t.match(await failureOf(work), { failure: 'auth', code: '10015', message: /deleted this webhook/ });
    const stand = await connect(t, { network: 'discord_webhook' });
    await stand.reopen({ thread: '123456789012345678' }).publish(draftOf(), keyOf(stand), never);
    t.equal(stand.posts()[0]?.raw['thread'], '123456789012345678');
    t.match(stand.sent.at(-1)?.url, /\?wait=true&thread_id=\d+$/);
  },
);

t.test('discord: waits in fractions, forms that are wrong, channels that are not for text', async (t) => {
  let says: { status?: number; json?: unknown; headers?: Record<string, string> } = {};
  const { url, tools } = await scripted(t, ({ method, path }) =>
    method === 'POST'
      ? says
      : {
          json: path.endsWith('@me')
            ? { id: '92'.padEnd(18, '0'), username: 'n' }
            : { id: '9', name: 's', type: 2 },
        },
  );
  const channel = openChannel('discord', { channel: '9', botToken: 'x', api: url }, tools);
  t.match(await failureOf(channel.verify(never)), {
    failure: 'rejected',
    message: /#s is not a text channel/,
  });
  const publish = (answer: typeof says) => {
    says = answer;
    return failureOf(channel.publish(draftOf(), KEY, never));
  };
  t.match(await publish({ status: 429, json: { retry_after: 0.65, global: false } }), {
    failure: 'limited',
    retryAfterMs: 650,
  });
  t.match(await publish({ status: 429, headers: { 'x-ratelimit-reset-after': '1.25' }, json: {} }), {
    retryAfterMs: 1_250,
  });
  const errors = {
    embeds: { 0: { url: { _errors: [{ code: 'URL', message: 'Not a well formed URL.' }] } } },
  };
  t.match(await publish({ status: 400, json: { code: 50035, message: 'Invalid Form Body', errors } }), {
    failure: 'rejected',
    code: '50035',
    message: /Not a well formed URL/,
  });
  t.match(await publish({ status: 403, json: { code: 50001, message: 'Missing Access' } }), {
    failure: 'auth',
    message: /View Channel/,
  });
  t.match(
    await publish({
      status: 400,
      json: { code: 240000, message: 'Message blocked by harmful links filter' },
    }),
    {
      failure: 'rejected',
      code: '240000',
    },
  );
  const news = await connect(t, { network: 'discord', options: { type: 5 } });
  t.match((await news.channel.verify(never)).note, /servers that follow it get every post/);
  const post = await news.channel.publish(draftOf(), keyOf(news), never);
  const isOut = () => (Number(news.posts()[0]?.raw['flags']) & 1) === 1;
  t.ok(isOut(), 'it goes on to the servers that follow the channel');
  await news.channel.read!(post, never);
  t.equal(news.posts().length, 1);
  // When that fails the post is there all the same, and the look that follows does it.
  news.sim.world.faults.set([{ network: 'discord', kind: 'status', code: 500, operation: 'edit' }]);
  const second = await news.channel.publish(draftOf(), keyOf(news), never);
  t.equal(Number(news.posts()[1]?.raw['flags']) & 1, 0);
  news.sim.world.faults.set([]);
  await news.channel.read!(second, never);
  t.equal(Number(news.posts()[1]?.raw['flags']) & 1, 1);
});

t.test('discord: what is not for us is not kept, and a look that cannot end is no absence', async (t) => {
  const stand = await connect(t, { network: 'discord' }, { rates: 'open' });
  const ours = await stand.channel.publish(draftOf(), keyOf(stand), never);
  await stand.hear('people talk about other things');
  await stand.hear('and this answers you', ours.id);
  const { items } = await stand.channel.poll!(null, never);
  t.same(
    items.map((one) => one.text),
    ['and this answers you'],
  );
  const full = Array.from({ length: 100 }, (_, n) => ({
    id: String(900_000_000_000_000_000n + BigInt(n)),
    channel_id: '9',
    content: 'x',
    author: { id: '1' },
  })).toReversed();
  const { url, tools, asked } = await scripted(t, ({ path }) => ({
    json: path.includes('/messages?') ? full : { id: '92'.padEnd(18, '0'), name: 's', type: 0 },
  }));
  const channel = openChannel('discord', { channel: '9', botToken: 'x', api: url }, tools);
  t.match(await failureOf(channel.find!(draftOf(), KEY, never)), { failure: 'unsent', code: 'too_many' });
  t.equal(asked.length, 22, 'it does not look for ever');
});
