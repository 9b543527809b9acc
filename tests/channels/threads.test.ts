import { createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { threads } from '../../src/channels/threads.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { fits, measure } from '../../src/templates/measure.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const open = (t: Test, options: Record<string, unknown> = {}, more: SimulatorOptions = {}) =>
  connect(t, { network: 'threads', options }, { rates: 'open', ...more });
type Stand = Awaited<ReturnType<typeof open>>;
const calls = (stand: Stand, method: string, path: string) =>
  stand.sim.world.journal().filter((line) => line.method === method && line.path.startsWith(path)).length;
const containersOf = (stand: Stand) =>
  calls(stand, 'POST', '/v1.0/me/threads') - calls(stand, 'POST', '/v1.0/me/threads_publish');
const fault = (stand: Stand, kind: 'drop_after' | 'drop_before', times = 1) =>
  stand.sim.world.faults.set([{ kind, network: 'threads', operation: 'publish', times }]);

t.test('an emoji counts as its bytes, here as there', async (t) => {
  const stand = await open(t);
  for (const emoji of ['🔔', '❤️', '👨‍👩‍👧‍👦', '🇩🇪', '1️⃣', '👍🏽']) {
    const room = 500 - measure(emoji, threads.limits);
    const text = `${'é'.repeat(room)}${emoji}`;
    t.equal(measure(text, threads.limits), 500);
    await stand.channel.publish({ text }, keyOf(stand, `fits ${emoji}`), never);
    t.notOk(fits(`x${text}`, threads.limits));
    t.match(
      await failureOf(stand.channel.publish({ text: `x${text}` }, keyOf(stand, `over ${emoji}`), never)),
      {
        failure: 'rejected',
        message: /at most 500 characters/,
      },
    );
  }
  t.equal(stand.posts().length, 6);
});

t.test('five links are taken, six are not', async (t) => {
  const stand = await open(t);
  const links = (n: number) =>
    Array.from({ length: n }, (_, i) => `https://status.example.com/u/link${i}`).join(' ');
  await stand.channel.publish({ text: `${links(5)} ${links(5)}` }, keyOf(stand), never);
  t.match(await failureOf(stand.channel.publish({ text: links(6) }, keyOf(stand), never)), {
    failure: 'rejected',
    message: /at most 5 unique links/,
  });
  t.equal(stand.posts().length, 1);
});

t.test('a lost answer: the container says that it was published, and is never published twice', async (t) => {
  const stand = await open(t);
  const draft = draftOf();
  const key = keyOf(stand);
  fault(stand, 'drop_after');
  t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
  const there = stand.posts()[0]!;
  t.match(await stand.channel.find!(draft, key, never), { id: there.id, url: there.url, text: draft.text });
  t.match(await failureOf(stand.channel.publish(draft, key, never)), {
    failure: 'rejected',
    duplicate: true,
    existing: { id: there.id },
  });
  stand.sim.world.faults.set([{ kind: 'lag', ms: 10 * MINUTE, network: 'threads' }]);
  t.match(
    await failureOf(stand.channel.find!(draft, key, never)),
    { failure: 'unsent', code: 'published' },
    'published and not listed yet is no absence',
  );
  t.match(await failureOf(stand.channel.publish(draft, key, never)), {
    failure: 'unknown',
    code: 'published',
  });
  t.equal(await stand.reopen().find!(draft, key, never), null, 'after a restart only the list is left');
  stand.sim.world.faults.set([]);
  t.equal((await stand.reopen().find!(draft, key, never))?.id, there.id);
  t.equal(stand.live().length, 1);
});

t.test('a publish that did not arrive is repeated with the same container', async (t) => {
  const stand = await open(t);
  const draft = draftOf();
  const key = keyOf(stand);
  fault(stand, 'drop_before', 2);
  t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
  t.equal(await stand.channel.find!(draft, key, never), null);
  t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
  await stand.channel.publish(draft, key, never);
  t.equal(stand.live().length, 1);
  t.equal(containersOf(stand), 1, 'one container');

  fault(stand, 'drop_before');
  const other = draftOf();
  const otherKey = keyOf(stand);
  await failureOf(stand.channel.publish(other, otherKey, never));
  stand.sim.world.skip(25 * HOUR);
  await stand.channel.publish(other, otherKey, never);
  t.equal(containersOf(stand), 3, 'one that is a day old is made anew');
});

t.test('a container that is not ready is waited for, and kept', async (t) => {
  const soon = await open(t, { preparesMs: 700 });
  await soon.channel.publish(draftOf(), keyOf(soon), never);
  t.equal(soon.live().length, 1);

  const late = await open(t, { preparesMs: HOUR });
  const draft = draftOf();
  const key = keyOf(late);
  const waiting = await failureOf(late.channel.publish(draft, key, never));
  t.match(waiting, { failure: 'unsent', code: 'preparing' });
  t.ok((waiting.retryAfterMs ?? 0) > 0);
  t.equal(late.posts().length, 0);
  const stop = new AbortController();
  const called = failureOf(late.channel.publish(draft, key, stop.signal));
  stop.abort();
  t.equal((await called).failure, 'unsent');
  late.sim.world.skip(HOUR);
  await late.channel.publish(draft, key, never);
  t.equal(containersOf(late), 1);

  const body = {
    error: {
      message: 'The requested resource does not exist',
      type: 'OAuthException',
      code: 24,
      error_subcode: 4279009,
    },
  };
  const odd = await open(t);
  const oddKey = keyOf(odd);
  odd.sim.world.faults.set([
    { kind: 'status', code: 400, body, network: 'threads', operation: 'publish', times: 1 },
  ]);
  t.match(await failureOf(odd.channel.publish(draft, oddKey, never)), {
    failure: 'unsent',
    code: '24/4279009',
  });
  await odd.channel.publish(draft, oddKey, never);
  t.equal(containersOf(odd), 1);
});

t.test('what goes wrong before the publish has published nothing', async (t) => {
  const stand = await open(t);
  for (const kind of ['drop_before', 'drop_after', 'html_200'] as const) {
    stand.sim.world.faults.set([{ kind, network: 'threads', operation: 'prepare' }]);
    t.equal(
      (await failureOf(stand.channel.publish(draftOf(), keyOf(stand, kind), never))).failure,
      'unsent',
      kind,
    );
  }
  t.equal(stand.posts().length, 0);
});

t.test('a day holds 250 posts and 1000 replies', async (t) => {
  const stand = await open(t, {}, { rates: 'real' });
  for (let n = 0; n < 250; n++) await stand.channel.publish(draftOf(), keyOf(stand, `post ${n}`), never);
  const limit = await failureOf(stand.channel.publish(draftOf(), keyOf(stand, 'one more'), never));
  t.match(limit, { failure: 'limited', retryAfterMs: 15 * MINUTE, message: /for a day/ });
  t.match((await stand.channel.verify(never)).note, /^250 of 250 posts used/);
  const [root] = stand.posts();
  t.ok(
    await stand.channel.publish(
      draftOf({ inReplyTo: { id: root!.id, url: null } }),
      keyOf(stand, 'reply'),
      never,
    ),
    'replies have a budget of their own',
  );
  stand.sim.world.skip(DAY);
  t.ok(await stand.channel.publish(draftOf(), keyOf(stand, 'tomorrow'), never));
});

t.test('a token is extended in good time, once for all, and saved before it is used', async (t) => {
  const stand = await open(t);
  t.equal((await stand.channel.verify(never)).expiresAt, undefined, 'too young to be extended: unknown');
  stand.sim.world.skip(2 * DAY);
  const fresh = stand.reopen();
  const { expiresAt = 0 } = await fresh.verify(never);
  t.ok(Math.abs(expiresAt - stand.sim.world.now() - 60 * DAY) < MINUTE);
  t.match(stand.saved[0], { accessToken: /^THAA/, expiresAt: /^\d+$/ });
  t.not(stand.saved[0]?.['accessToken'], stand.values['accessToken']);

  stand.sim.world.skip(31 * DAY);
  const before = calls(stand, 'GET', '/refresh_access_token');
  const channel = stand.reopen();
  const drafts = Array.from({ length: 20 }, () => draftOf());
  await Promise.all(drafts.map((draft, n) => channel.publish(draft, keyOf(stand, `many ${n}`), never)));
  t.equal(stand.live().length, 20);
  t.equal(calls(stand, 'GET', '/refresh_access_token') - before, 1, 'one extension');
  t.equal(stand.saved.length, 2);

  stand.sim.world.skip(40 * DAY);
  stand.sim.world.faults.set([{ kind: 'status', code: 500, network: 'threads', operation: 'session' }]);
  await channel.publish(draftOf(), keyOf(stand, 'old but good'), never);
  await channel.publish(draftOf(), keyOf(stand, 'and again'), never);
  t.equal(stand.saved.length, 2, 'an extension that fails stops nothing');
  t.equal(calls(stand, 'GET', '/refresh_access_token') - before, 2, 'and is not tried with every post');
  stand.sim.world.faults.set([]);
  stand.sim.world.skip(30 * DAY);
  t.match(await failureOf(stand.reopen().publish(draftOf(), keyOf(stand, 'too late'), never)), {
    failure: 'auth',
    message: /has expired.*connect the account again/,
  });
});

t.test('the account is the one that was meant', async (t) => {
  const stand = await open(t);
  t.match(await failureOf(stand.reopen({ username: 'other' }).verify(never)), {
    failure: 'auth',
    message: /belongs to @northwindpay, not to @other/,
  });
  t.equal(stand.channel.edit, undefined, 'no program can edit');
});

t.test('replies are heard at any depth, once, without our own', async (t) => {
  const stand = await open(t);
  const root = await stand.channel.publish(draftOf(), keyOf(stand, 'root'), never);
  await stand.channel.publish(draftOf({ inReplyTo: root }), keyOf(stand, 'part 2'), never);
  const said = await stand.hear('@northwindpay is my money safe?', root.id);
  stand.sim.world.skip(1_000);
  const below = await stand.hear('asking as well', said.id, 'theo_brandt');
  const { items, cursor } = await stand.channel.poll!(null, never);
  t.same(
    items.map((item) => [item.id, item.inReplyTo, item.author.handle]),
    [
      [said.id, root.id, '@mira_oduya'],
      [below.id, said.id, '@theo_brandt'],
    ],
  );
  t.same((await stand.reopen().poll!(cursor, never)).items, []);
});

t.test('a signed call brings a reply, and any other is turned away', async (t) => {
  const stand = await open(t, { webhooks: true });
  t.equal((await stand.channel.verify(never)).can.inbound, 'both');
  const value = {
    id: '8901234',
    username: 'mira_oduya',
    text: 'Reply',
    media_type: 'TEXT_POST',
    permalink: 'https://www.threads.com/@mira_oduya/post/Pp',
    replied_to: { id: '567890' },
    root_post: { id: '123456', owner_id: '123456', username: 'northwindpay' },
    shortcode: 'Pp',
    timestamp: '2026-11-21T10:33:16+0000',
  };
  const send = (field: string, more: object = {}, secret = stand.account.secrets['appSecret']!) => {
    const body = Buffer.from(
      JSON.stringify({
        app_id: '123456',
        topic: 'moderate',
        target_id: '78901',
        time: 1_763_720_000,
        values: { value: { ...value, ...more }, field },
      }),
    );
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return stand.channel.receive!({ 'x-hub-signature-256': signature }, body);
  };
  t.match(send('replies'), [
    {
      id: '8901234',
      at: Date.parse('2026-11-21T10:33:16Z'),
      text: 'Reply',
      inReplyTo: '567890',
      author: { handle: '@mira_oduya' },
    },
  ]);
  t.equal(send('mentions').length, 1);
  t.same(send('replies', { username: 'northwindpay' }), [], 'our own');
  t.same(send('publish'), []);
  t.match(await failureOf((async () => send('replies', {}, 'other'))()), { code: 'bad_signature' });
});
