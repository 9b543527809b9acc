import { createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { linkedin } from '../../src/channels/linkedin.ts';
import { fromLittle, toLittle } from '../../src/channels/little-text.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RESERVED = [...'\\|{}@[]()<>#*_~'];
const open = (t: Test, options: Record<string, unknown> = {}, more: SimulatorOptions = {}) =>
  connect(t, { network: 'linkedin', options }, { rates: 'open', ...more });
type Stand = Awaited<ReturnType<typeof open>>;

/** A request to the stand-in with the headers LinkedIn wants, as a careless program would make it. */
const raw = (stand: Stand, path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
  fetch(`${stand.values['api']}/rest/${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${stand.account.extra['token']}`,
      'linkedin-version': '202607',
      'x-restli-protocol-version': '2.0.0',
      'content-type': 'application/json',
      ...init.headers,
    },
  });
const shareOf = (stand: Stand, commentary: string) =>
  JSON.stringify({
    author: `urn:li:organization:${stand.account.id}`,
    commentary,
    visibility: 'PUBLIC',
    distribution: { feedDistribution: 'MAIN_FEED' },
    lifecycleState: 'PUBLISHED',
  });

t.test('the stand-in cuts a text off at the first unescaped reserved character, with a 201', async (t) => {
  const stand = await open(t);
  for (const char of RESERVED) {
    const answer = await raw(stand, 'posts', {
      method: 'POST',
      body: shareOf(stand, `Payments fail, code ${RESERVED.indexOf(char)} ${char} and more`),
    });
    t.equal(answer.status, 201, char);
    const urn = answer.headers.get('x-restli-id') ?? '';
    t.equal(
      stand.sim.world.post('linkedin', urn)?.text,
      `Payments fail, code ${RESERVED.indexOf(char)} `,
      `${char}: the rest is lost`,
    );
  }
});

t.test('every reserved character reaches the reader, and comes back as it was', async (t) => {
  const stand = await open(t);
  for (const [n, char] of RESERVED.entries()) {
    const text = `Code ${n}: ${char} a${char}b ${char}${char} https://status.example.com/u/a_b~c(${n})`;
    t.equal(fromLittle(toLittle(text)), text);
    const post = await stand.channel.publish({ text }, keyOf(stand), never);
    t.equal(stand.posts().at(-1)?.text, text, char);
    t.equal((await stand.channel.read!(post, never))?.text, text, `${char} read back`);
    const corrected = `Corrected ${text}`;
    await stand.channel.edit!(post, { text: corrected }, keyOf(stand), never);
    t.equal(stand.posts().at(-1)?.text, corrected, `${char} edited`);
  }
  t.equal(
    fromLittle(
      'To @[Acme \\(UK\\)](urn:li:organization:12) about {hashtag|\\#|tag\\_one}, {hashtag|#|two} \\#three',
    ),
    'To Acme (UK) about #tag_one, #two #three',
    'elements that people made are read as readers see them',
  );
  const plain = await stand.channel.publish(draftOf(), keyOf(stand), never);
  const words = 'Yes (we think) @you #can_do it *today*';
  await stand.channel.publish({ text: words, inReplyTo: plain }, keyOf(stand), never);
  t.equal(stand.posts().at(-1)?.text, words, 'comments are plain text');
});

t.test('every call names a version, and one that has ended stops the connection with the fix', async (t) => {
  const stand = await open(t);
  await stand.channel.verify(never);
  await stand.channel.publish(draftOf(), keyOf(stand), never);
  for (const { request } of stand.sent)
    t.match(request.headers, { 'linkedin-version': /^\d{6}$/, 'x-restli-protocol-version': '2.0.0' });
  const old = stand.reopen({ version: '202505' });
  t.match(await failureOf(old.publish(draftOf(), keyOf(stand), never)), {
    failure: 'auth',
    code: 'NONEXISTENT_VERSION',
    status: 426,
    message: /202505.*Enter a newer one, as YYYYMM/,
  });
  t.equal(
    (await raw(stand, 'posts/urn%3Ali%3Ashare%3A1', { headers: { 'linkedin-version': '' } })).status,
    426,
  );
});

t.test(
  'the same words twice: the existing post is the receipt, but only when it is there and ours',
  async (t) => {
    const stand = await open(t);
    const draft = draftOf();
    const key = keyOf(stand);
    stand.sim.world.faults.set([{ kind: 'drop_after', network: 'linkedin', operation: 'publish', times: 1 }]);
    t.equal((await failureOf(stand.channel.publish(draft, key, never))).failure, 'unknown');
    const there = stand.posts()[0]!;
    t.match(await failureOf(stand.channel.publish(draft, key, never)), {
      failure: 'rejected',
      duplicate: true,
      existing: { id: there.id, url: there.url },
    });
    const late = await failureOf(
      stand.channel.publish(draft, { id: 'another', at: key.at + 2 * HOUR }, never),
    );
    t.match(late, { failure: 'rejected', duplicate: true, message: /older post/ });
    t.equal(late.existing, undefined, 'a post from before the wish is not its receipt');

    await stand.channel.remove!({ id: there.id, url: null }, never);
    const ghost = await failureOf(stand.channel.publish(draft, key, never));
    t.match(ghost, { failure: 'rejected', duplicate: true, code: 'ghost', message: /Change a word/ });
    t.equal(ghost.existing, undefined, 'a ghost is not a delivery');
    stand.sim.world.skip(49 * HOUR);
    t.ok(
      (await stand.channel.publish(draft, { ...key, at: stand.sim.world.now() }, never)).id,
      'forgotten in time',
    );

    const other = draftOf();
    const otherKey = keyOf(stand);
    await stand.channel.publish(other, otherKey, never);
    stand.sim.world.faults.set([{ kind: 'drop_before', network: 'linkedin', operation: 'read' }]);
    const unseen = await failureOf(stand.channel.publish(other, otherKey, never));
    t.match(unseen, { failure: 'rejected', duplicate: true });
    t.equal(unseen.existing, undefined, 'what could not be looked at is not believed');
  },
);

t.test('comments: two levels, a limit of their own, found, edited, removed', async (t) => {
  const stand = await open(t);
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  const publish = async (answered: typeof root) => {
    const draft = draftOf({ inReplyTo: answered, root });
    const key = keyOf(stand);
    return { draft, key, post: await stand.channel.publish(draft, key, never) };
  };
  const second = await publish(root);
  const third = await publish(second.post);
  const fourth = await publish(third.post);
  t.match(second.post.id, /^urn:li:comment:\(urn:li:activity:\d+,\d+\)$/);
  t.equal(stand.posts().find((one) => one.id === third.post.id)?.parent, second.post.id);
  t.equal(
    stand.posts().find((one) => one.id === fourth.post.id)?.parent,
    second.post.id,
    'an answer to an answer goes beside it',
  );
  t.ok(
    stand.channel.find && (await stand.channel.find(third.draft, third.key, never)),
    'found below what it answers',
  );
  t.equal(
    (await stand.channel.find!({ ...fourth.draft, inReplyTo: root }, fourth.key, never))?.id,
    fourth.post.id,
    'and from the first post of the thread',
  );
  t.equal(await stand.channel.find!(draftOf({ inReplyTo: root }), keyOf(stand), never), null);

  const { raw: _, ...bare } = fourth.post;
  const late = draftOf({ inReplyTo: bare });
  const fifth = await stand.channel.publish(late, keyOf(stand), never);
  t.equal(
    stand.posts().find((one) => one.id === fifth.id)?.parent,
    second.post.id,
    'also when we do not remember where it was',
  );

  const sent = stand.sent.length;
  const long = draftOf({ text: 'x'.repeat(1_251), inReplyTo: root });
  t.match(await failureOf(stand.channel.publish(long, keyOf(stand), never)), {
    failure: 'rejected',
    message: /1250 characters; this one has 1251/,
  });
  t.equal(stand.sent.length, sent, 'and nothing is sent');
  await stand.channel.edit!(second.post, { text: 'Corrected (all of it).' }, keyOf(stand), never);
  t.equal((await stand.channel.read!(second.post, never))?.text, 'Corrected (all of it).');
  await stand.channel.remove!(fourth.post, never);
  await stand.channel.remove!(fourth.post, never);
  t.equal(await stand.channel.read!(fourth.post, never), null);
});

t.test('a customer’s answer to an answer is answered in its thread', async (t) => {
  const stand = await open(t);
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  const top = await stand.hear('is it my bank?', root.id);
  const below = await stand.hear('same here', top.id, 'theo_brandt');
  const { items } = await stand.channel.poll!(null, never);
  t.same(
    items.map((item) => [item.id, item.inReplyTo]),
    [
      [top.id, root.id],
      [below.id, root.id],
    ],
  );
  const answer = await stand.channel.publish(draftOf({ inReplyTo: items[1]!.post }), keyOf(stand), never);
  t.equal(stand.posts().find((one) => one.id === answer.id)?.parent, top.id);
  t.notOk(JSON.stringify(items).includes('Mira'), 'LinkedIn tells no names');
});

t.test('a daily budget ends at midnight UTC, which LinkedIn does not say', async (t) => {
  const now = Date.parse('2026-11-21T21:30:00Z');
  const stand = await open(t, {}, { now: () => now, rates: 'real' });
  for (let n = 0; n < 150; n++) await stand.channel.publish(draftOf(), keyOf(stand), never);
  const limit = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never));
  t.match(limit, { failure: 'limited', retryAfterMs: 2.5 * HOUR, code: 'TOO_MANY_REQUESTS' });
  stand.sim.world.skip(2.5 * HOUR);
  t.ok((await stand.channel.publish(draftOf(), keyOf(stand), never)).id);
});

t.test('an old token is renewed once for all who wait, and saved before it is used', async (t) => {
  const stand = await open(t, { refresh: true });
  const { expiresAt } = await stand.channel.verify(never);
  t.ok(Math.abs((expiresAt ?? 0) - stand.sim.world.now() - 60 * DAY) < 60_000, 'its end is known');
  stand.sim.world.skip(61 * DAY);
  const before = stand.sim.world.journal().length;
  const drafts = Array.from({ length: 20 }, () => draftOf());
  await Promise.all(drafts.map((draft) => stand.channel.publish(draft, keyOf(stand), never)));
  t.equal(stand.live().length, 20);
  const journal = stand.sim.world.journal().slice(before);
  const refreshes = journal.filter((line) => line.path === '/oauth/v2/accessToken');
  t.equal(refreshes.length, 1, 'one refresh');
  t.equal(stand.saved.length, 1);
  t.match(stand.saved[0], { accessToken: /^AQ/, refreshToken: /^AQ/, expiresAt: /^\d+$/ });
  t.not(stand.saved[0]?.['refreshToken'], stand.values['refreshToken'], 'the next one, not the one used up');
  t.equal(stand.saved[0]?.['accessToken'], stand.account.extra['token']);

  stand.sim.world.skip(61 * DAY);
  await stand.reopen().publish(draftOf(), keyOf(stand), never);
  t.equal(stand.saved.length, 2, 'after a restart the saved one is renewed');
  stand.sim.world.skip(61 * DAY);
  t.match(
    await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never)),
    {
      failure: 'auth',
      message: /Connect the account again/,
    },
    'a channel that missed a renewal holds a refresh token that is used up',
  );
});

t.test('a new token that cannot be saved is not used, and not fetched again', async (t) => {
  const stand = await open(t, { refresh: true });
  stand.sim.world.skip(61 * DAY);
  let broken = true;
  const channel = linkedin.open(stand.values, {
    ...stand.tools,
    saveSecrets: async (secrets) => {
      if (broken) throw new Error('disk full');
      await stand.tools.saveSecrets(secrets);
    },
  });
  const sends = await Promise.allSettled(
    Array.from({ length: 5 }, () => channel.publish(draftOf(), keyOf(stand), never)),
  );
  for (const send of sends)
    t.match(send, { status: 'rejected', reason: { failure: 'unsent', code: 'not_saved' } });
  t.equal(stand.posts().length, 0);
  broken = false;
  await channel.publish(draftOf(), keyOf(stand), never);
  t.equal(stand.saved.length, 1);
  const refreshes = stand.sim.world.journal().filter((line) => line.path === '/oauth/v2/accessToken');
  t.equal(refreshes.length, 1, 'the one that waited for the disk');
});

t.test('a renewal outlives the caller that began it', async (t) => {
  const stand = await open(t, { refresh: true });
  stand.sim.world.skip(61 * DAY);
  stand.sim.world.faults.set([
    { kind: 'delay', ms: 300, network: 'linkedin', operation: 'session', times: 1 },
  ]);
  const stop = new AbortController();
  const first = failureOf(stand.channel.publish(draftOf(), keyOf(stand), stop.signal));
  while (!stand.sent.some((one) => one.url.endsWith('/oauth/v2/accessToken')))
    await new Promise((resolve) => setImmediate(resolve));
  const second = stand.channel.publish(draftOf(), keyOf(stand), never);
  stop.abort();
  t.equal((await first).failure, 'unsent');
  t.ok((await second).id, 'who waits for it has a token');
  t.equal(stand.saved.length, 1);
});

t.test('a refresh that fails says what may be done', async (t) => {
  const stand = await open(t, { refresh: true });
  stand.sim.world.skip(61 * DAY);
  stand.sim.world.faults.set([
    { kind: 'status', code: 503, network: 'linkedin', operation: 'session', times: 1 },
  ]);
  t.equal((await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never))).failure, 'unsent');
  stand.sim.world.skip(305 * DAY);
  t.match(await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never)), {
    failure: 'auth',
    message: /year is over/,
  });
  const wrong = stand.reopen({ clientSecret: 'other' });
  t.equal((await failureOf(wrong.publish(draftOf(), keyOf(stand), never))).failure, 'auth');
});

t.test('a signed call brings comments and mentions, and any other is turned away', async (t) => {
  const stand = await open(t, { refresh: true });
  t.equal((await stand.channel.verify(never)).can.inbound, 'both');
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  await stand.hear('is my money safe?', root.id);
  await stand.hear('Northwind Pay is down (again)');
  const notices = (await (
    await raw(
      stand,
      `organizationalEntityNotifications?q=criteria&actions=List(COMMENT,SHARE_MENTION)&organizationalEntity=${encodeURIComponent(`urn:li:organization:${stand.account.id}`)}`,
    )
  ).json()) as { elements: Record<string, unknown>[] };
  const body = Buffer.from(
    JSON.stringify({
      type: 'ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS',
      notifications: [
        ...notices.elements,
        { ...notices.elements[0], organizationalEntity: 'urn:li:organization:1' },
        { ...notices.elements[0], action: 'LIKE' },
      ],
    }),
  );
  const secret = stand.values['clientSecret']!;
  const sign = (key: string, prefix: string) =>
    createHmac('sha256', key).update(prefix).update(body).digest('hex');
  const items = stand.channel.receive!({ 'x-li-signature': sign(secret, 'hmacsha256=') }, body);
  t.same(
    items.map((item) => [item.text, item.inReplyTo]),
    [
      ['Northwind Pay is down (again)', undefined],
      ['is my money safe?', root.id],
    ],
  );
  t.equal(stand.channel.receive!({ 'x-li-signature': `hmacsha256=${sign(secret, '')}` }, body).length, 2);
  const bad: Record<string, string>[] = [
    {},
    { 'x-li-signature': sign('other', 'hmacsha256=') },
    { 'x-li-signature': 'zz' },
  ];
  for (const headers of bad)
    t.match(await failureOf((async () => stand.channel.receive!(headers, body))()), {
      failure: 'rejected',
      code: 'bad_signature',
    });
  const closed = stand.reopen({ clientSecret: '' });
  t.match(await failureOf((async () => closed.receive!({}, body))()), { code: 'no_secret' });
});

t.test('permissions: of the app they stop the connection, of one post they do not', async (t) => {
  const stand = await open(t);
  const other = stand.reopen({ organizationId: '1' });
  t.match(await failureOf(other.publish(draftOf(), keyOf(stand), never)), { failure: 'auth', status: 403 });
  t.match(await failureOf(other.verify(never)), { failure: 'auth' });
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  t.match(await failureOf(other.publish(draftOf({ inReplyTo: root }), keyOf(stand), never)), {
    failure: 'rejected',
    status: 403,
  });
});
