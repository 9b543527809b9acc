import { createHmac } from 'node:crypto';
import t from 'tap';
import { changeConnection, listConnections } from '../../db/queries/connections.ts';
import { getDelivery } from '../../db/queries/deliveries.ts';
import { findHearing, listOpenMentions, listReplies } from '../../db/queries/mentions.ts';
import { answerMention, dismissMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import type { Account, Post } from '../../src/simulator/facts.ts';
import { openHouse } from '../desk/house.ts';
import { until } from '../outbox/scripted.ts';

const house = await openHouse({ networks: true });
t.teardown(() => house.close());
const { app, simulator, page } = house;
const sim = simulator?.url ?? '';
const accountOn = (network: string) => simulator?.accounts.find((one) => one.network === network) as Account;
const connectionOn = async (channel: string) =>
  (await listConnections(app.store.read, page.id)).find((one) => one.channel === channel)!;
const open = () => listOpenMentions(app.store.read, 500);
const rosa = await house.add('Rosa Diaz', ['responder']);
const desk = await house.enter(rosa);
const ctx = app.ctx({ kind: 'person', id: rosa.id, roles: rosa.roles });

async function hear(network: string, text: string): Promise<Post> {
  const answer = await fetch(`${sim}/_sim/mentions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ network, text, author: { handle: 'mira_oduya', name: 'Mira Oduya' } }),
  });
  return (await answer.json()) as Post;
}
const ours = async (network: string): Promise<Post[]> =>
  (await (await fetch(`${sim}/_sim/posts?network=${network}&by=account`)).json()) as Post[];

const hook = async (id: string, more: { query?: string; headers?: Record<string, string>; body?: string }) =>
  app.server.inject({
    method: more.body === undefined ? 'GET' : 'POST',
    url: `/hooks/${id}${more.query ?? ''}`,
    headers: { 'content-type': 'application/json', ...more.headers },
    ...(more.body === undefined ? {} : { payload: more.body }),
  });
const signed = (secret: string, body: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

t.test('what people say on networks that must be asked is kept, once, with its clock', async (t) => {
  // Everybody was asked a moment ago, by themselves or by us.
  await app.inbox.listen();
  const said = await hear('mastodon', 'My card @northwindpay was charged twice!');
  await hear('bluesky', '@northwindpay.example is it down?');
  await app.inbox.listen();
  const mine = (await open()).filter((m) => m.authorHandle.includes('mira_oduya'));
  const mention = mine.find((m) => m.remoteId === said.id);
  t.match(mention, { state: 'new', text: /charged twice/, authorName: 'Mira Oduya' });
  t.equal((mention?.dueAt ?? 0) - (mention?.saidAt ?? 0), 60 * 60_000);
  const count = mine.length;
  // Looked at again from the very beginning, as after a cursor that was lost.
  await app.store.transact(async (w) => {
    await w.sql.update(w.t.hearing).set({ cursor: null });
  });
  await app.inbox.listen();
  t.equal((await open()).filter((m) => m.authorHandle.includes('mira_oduya')).length, count);
  t.equal((await findHearing(app.store.read, (await connectionOn('mastodon')).id))?.failure, null);
});

t.test('Meta: asks whether the address is ours, then calls; each message once, before our yes', async (t) => {
  const connection = await connectionOn('facebook');
  const account = accountOn('facebook');
  const { secret } = app.channels.hookOf(connection.id);
  const good = `?hub.mode=subscribe&hub.verify_token=${secret}&hub.challenge=1158201444`;
  const greeted = await hook(connection.id, { query: good });
  t.equal(greeted.statusCode, 200);
  t.equal(greeted.body, '1158201444');
  const guessed = await hook(connection.id, { query: good.replace(secret, 'guessed') });
  t.equal(guessed.statusCode, 403);
  t.notOk(guessed.body.includes('1158201444'));

  const body = JSON.stringify({
    object: 'page',
    entry: [
      {
        id: account.id,
        time: Math.floor(Date.now() / 1000),
        changes: [
          {
            field: 'feed',
            value: {
              item: 'comment',
              verb: 'add',
              comment_id: '123_456',
              post_id: `${account.id}_123`,
              message: 'Where is my money?',
              created_time: Math.floor(Date.now() / 1000) - 30 * 60,
              from: { id: '77', name: 'Ben Okri' },
            },
          },
        ],
      },
    ],
  });
  const before = (await open()).length;
  t.equal((await hook(connection.id, { body })).statusCode, 403, 'unsigned');
  t.equal((await hook(connection.id, { body, headers: signed('other', body) })).statusCode, 403);
  t.equal((await open()).length, before, 'nobody but Meta puts words into the inbox');
  const headers = signed(account.secrets['appSecret'] ?? '', body);
  t.equal((await hook(connection.id, { body, headers })).statusCode, 200);
  const kept = (await open()).find((m) => m.remoteId === '123_456');
  t.match(kept, { text: 'Where is my money?', authorName: 'Ben Okri', connectionId: connection.id });
  t.ok((kept?.dueAt ?? 0) - Date.now() < 31 * 60_000, 'the clock runs from when it was written');
  t.equal(
    (await hook(connection.id, { body, headers })).statusCode,
    200,
    'and again: networks repeat themselves',
  );
  t.equal((await open()).length, before + 1);
  t.equal(
    (await hook(connection.id, { body: `${body} `, headers })).statusCode,
    403,
    'a byte more is another call',
  );
});

t.test('a call is answered only when what it brought is on disk', async (t) => {
  const connection = await connectionOn('facebook');
  const account = accountOn('facebook');
  const value = {
    item: 'comment',
    verb: 'add',
    comment_id: '9_9',
    post_id: '9',
    message: 'Hello?',
    from: { id: '5', name: 'Eve' },
  };
  const body = JSON.stringify({
    object: 'page',
    entry: [{ id: account.id, time: 1, changes: [{ field: 'feed', value }] }],
  });
  const headers = signed(account.secrets['appSecret'] ?? '', body);
  const { transact } = app.store;
  app.store.transact = async () => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
  };
  const failed = await hook(connection.id, { body, headers });
  app.store.transact = transact;
  t.ok(failed.statusCode >= 500, 'not a yes, so that it is sent again');
  t.notOk((await open()).some((m) => m.remoteId === '9_9'));
  t.equal((await hook(connection.id, { body, headers })).statusCode, 200);
  t.ok((await open()).some((m) => m.remoteId === '9_9'));
});

t.test('LinkedIn, Slack and Telegram: their challenges and secrets', async (t) => {
  const secretless = await connectionOn('linkedin');
  t.equal(
    (await hook(secretless.id, { query: '?challengeCode=abc' })).statusCode,
    403,
    'no client secret entered',
  );

  const add = async (
    network: string,
    extra: Record<string, string>,
    options: Record<string, unknown> = {},
  ) => {
    const made = (await (
      await fetch(`${sim}/_sim/accounts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ network, handle: `second_${network}`, options }),
      })
    ).json()) as Account;
    const admin = await house.enter(house.marcus);
    await admin.get(`/desk/connections/add/${network}`);
    const values = { ...made.settings, ...made.secrets, ...extra };
    const done = await admin.post(`/desk/connections/add/${network}`, {
      name: `Second ${network}`,
      role: 'care',
      language: 'en',
      ...Object.fromEntries(Object.entries(values).map(([k, v]) => [`v.${k}`, v])),
    });
    t.equal(done.status, 303, `${network} is connected`);
    const all = await listConnections(app.store.read, page.id);
    return { made, connection: all.find((one) => one.name === `Second ${network}`)! };
  };

  const linkedin = await add('linkedin', {}, { refresh: true });
  const greeted = await hook(linkedin.connection.id, { query: '?challengeCode=890e4665-4dfe-4ab1' });
  const secret = linkedin.made.secrets['clientSecret'] ?? '';
  t.same(greeted.json(), {
    challengeCode: '890e4665-4dfe-4ab1',
    challengeResponse: createHmac('sha256', secret).update('890e4665-4dfe-4ab1').digest('hex'),
  });

  const slack = await add('slack', { signingSecret: 'shhh' });
  const body = JSON.stringify({
    type: 'url_verification',
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    token: 'x',
  });
  const stamp = String(Math.floor(Date.now() / 1000));
  const sign = (at: string, text: string) =>
    `v0=${createHmac('sha256', 'shhh').update(`v0:${at}:${text}`).digest('hex')}`;
  const asked = (at: string, signature: string) =>
    hook(slack.connection.id, {
      body,
      headers: { 'x-slack-request-timestamp': at, 'x-slack-signature': signature },
    });
  t.match((await asked(stamp, sign(stamp, body))).body, /^3eZbrw1a/);
  const forged = await asked(stamp, sign(stamp, `${body}x`));
  t.equal(forged.statusCode, 403, 'not before the signature was checked');
  t.notMatch(forged.body, /3eZbrw1a/);
  const old = String(Number(stamp) - 600);
  t.equal((await asked(old, sign(old, body))).statusCode, 403, 'and not a call from ten minutes ago');

  const telegram = await connectionOn('telegram');
  await app.inbox.listen();
  const token = app.channels.hookOf(telegram.id).secret;
  const update = JSON.stringify({
    update_id: 1,
    message: {
      message_id: 7,
      date: Math.floor(Date.now() / 1000),
      chat: { id: 4711, type: 'private', first_name: 'Ida' },
      from: { id: 4711, first_name: 'Ida', username: 'ida' },
      text: 'Are you there?',
    },
  });
  t.equal((await hook(telegram.id, { body: update })).statusCode, 403);
  const heard = await hook(telegram.id, {
    body: update,
    headers: { 'x-telegram-bot-api-secret-token': token },
  });
  t.equal(heard.statusCode, 200);
  t.ok((await open()).some((m) => m.text === 'Are you there?' && m.connectionId === telegram.id));
});

t.test('no account, too much, no calls: refused', async (t) => {
  t.equal((await hook('nobody', { query: '?hub.challenge=1' })).statusCode, 404);
  const connection = await connectionOn('facebook');
  const huge = 'x'.repeat(600 * 1024);
  t.equal((await hook(connection.id, { body: huge })).statusCode, 413);
  t.equal((await hook((await connectionOn('mastodon')).id, { body: '{}' })).statusCode, 404);
});

t.test('an answer goes out by the outbox where it was asked, once, and only then counts', async (t) => {
  const said = await hear('mastodon', 'Second try: @northwindpay please help');
  await app.inbox.listen();
  const mention = (await open()).find((m) => m.remoteId === said.id)!;
  const screen = await desk.get('/desk/inbox');
  t.match(screen.body, /Second try/);
  t.match(screen.body, />(5[89]:\d\d|1:00:00|60:00)</);
  const words = 'We see it, and every double charge is paid back today. Sorry.';
  const answered = await desk.post(`/desk/inbox/${mention.id}/answer`, { text: words });
  t.equal(answered.status, 303);
  await app.outbox.idle();
  const [post, ...more] = (await ours('mastodon')).filter((one) => one.text === words);
  t.same(more, []);
  t.equal(post?.parent, said.id, 'below what they said');
  await settleAnswered(ctx);
  const after = (await desk.get('/desk/inbox')).body;
  t.match(after, /Answered/);
  t.notOk((await open()).some((m) => m.id === mention.id));
  t.match((await desk.post(`/desk/inbox/${mention.id}/answer`, { text: words })).status, 409, 'not twice');
  t.equal((await ours('mastodon')).filter((one) => one.text === words).length, 1);
  t.notOk((await (await fetch(`${house.url}/`)).text()).includes('double charge'), 'it is nobody else’s');
});

t.test('an answer whose outcome got lost is looked for, not sent again', async (t) => {
  const said = await hear('mastodon', 'Third try: @northwindpay help');
  await app.inbox.listen();
  const mention = (await open()).find((m) => m.remoteId === said.id)!;
  await fetch(`${sim}/_sim/faults?add=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ network: 'mastodon', kind: 'drop_after', operation: 'publish', times: 1 }]),
  });
  const words = 'Paid back. Look at your account from 17:00 on.';
  await answerMention(ctx, mention.id, words);
  const [{ delivery } = { delivery: undefined }] = await listReplies(app.store.read, [mention.id]);
  await until(app.store, async () => {
    const { state } = await getDelivery(app.store.read, delivery?.id ?? '');
    return state === 'delivered' || state === 'held';
  });
  t.equal((await getDelivery(app.store.read, delivery?.id ?? '')).state, 'delivered');
  t.equal((await ours('mastodon')).filter((one) => one.text === words).length, 1);
});

t.test('without an answer only for a reason; too long is said before it is sent; only who may', async (t) => {
  const said = await hear('mastodon', '@northwindpay thanks, all good');
  await app.inbox.listen();
  const mention = (await open()).find((m) => m.remoteId === said.id)!;
  const long = await desk.post(`/desk/inbox/${mention.id}/answer`, { text: 'x'.repeat(501) });
  t.equal(long.status, 400);
  t.match(long.body, /501 long, and 500 fit/);
  t.match(long.body, /x{501}/, 'what was written is still there');
  t.equal((await desk.post(`/desk/inbox/${mention.id}/dismiss`, { reason: ' ' })).status, 400);
  const viewer = await house.enter(await house.add('Vera', ['viewer']));
  t.equal((await viewer.get('/desk/inbox')).status, 200);
  t.equal((await viewer.post(`/desk/inbox/${mention.id}/answer`, { text: 'hi' })).status, 403);
  t.notMatch((await viewer.get('/desk/inbox')).body, /<textarea/);
  await dismissMention(ctx, mention.id, 'thanks');
  await t.rejects(dismissMention(ctx, mention.id, 'again'), { code: 'conflict' });
  t.match((await desk.get('/desk/inbox')).body, /Rosa Diaz: thanks/);
});

t.test('after an hour it is overdue, and says so first', async (t) => {
  await app.store.transact(async (w) => {
    await w.sql.update(w.t.mentions).set({ dueAt: Date.now() - 5 * 60_000 });
  });
  const { body } = await desk.get('/desk/inbox');
  t.match(body, /waiting for more than an hour/);
  t.match(body, /5 min late/);
});

t.test('an account that cannot be listened to is left alone for a while, and named', async (t) => {
  const connection = await connectionOn('mastodon');
  await fetch(`${sim}/_sim/faults?add=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ network: 'mastodon', kind: 'status', code: 503, operation: 'poll' }]),
  });
  await app.inbox.listen();
  const hearing = await findHearing(app.store.read, connection.id);
  t.match(hearing?.failure, /503/);
  t.ok((hearing?.nextAt ?? 0) - Date.now() > 4 * 60_000);
  t.ok(hearing?.cursor, 'where we were is not forgotten');
  t.match((await desk.get('/desk/inbox')).body, /cannot be listened to just now/);
  await app.store.transact((w) => changeConnection(w, connection.id, { enabled: false }));
});
