import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';
import type { ChannelTools } from '../../src/channels/contract.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { linksOfHtml, textOfHtml } from '../../src/channels/html-text.ts';
import { softwareOf } from '../../src/channels/mastodon-status.ts';
import { activeKinds, findKind, listKinds, openChannel } from '../../src/channels/registry.ts';
import { pickOurs, sameWords } from '../../src/channels/same-words.ts';
import { DomainError } from '../../src/domain/error.ts';
import { growthOfFour } from '../growth.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

/** A peer that answers as the test says, for what no stand-in does. */
async function peer(t: Test, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guard = openGuardedFetch({ allow: [url], timeoutMs: 20_000 });
  t.teardown(async () => {
    await guard.close();
    server.close();
  });
  const tools: ChannelTools = { ...guard, now: Date.now, saveSecrets: async () => {} };
  return { url, tools };
}
const answerJson = (status: number, body: unknown, headers = {}): RequestListener => {
  return (req, res) => {
    req.resume();
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
};
const X_SECRETS = { consumerKey: 'k', consumerSecret: 'ks', accessToken: '1-t', accessSecret: 'ts' };

t.test('x: its own refusals', async (t) => {
  const problem = (type: string, detail: string, status = 403) => ({ type, detail, title: 'x', status });
  const say = async (status: number, body: unknown, headers = {}) => {
    const { url, tools } = await peer(t, answerJson(status, body, headers));
    return failureOf(
      openChannel('x', { ...X_SECRETS, api: url }, tools).publish(draftOf(), { id: 'k', at: 0 }, never),
    );
  };
  t.match(await say(402, { title: 'CreditsDepleted', type: 'https://api.twitter.com/2/problems/credits' }), {
    failure: 'auth',
    message: /credits/,
  });
  t.match(await say(403, problem('https://api.twitter.com/2/problems/client-forbidden', 'Enroll your app')), {
    failure: 'auth',
  });
  t.match(
    await say(
      403,
      problem('https://api.twitter.com/2/problems/oauth1-permissions', 'Your client app is not configured'),
    ),
    {
      failure: 'auth',
      message: /permissions/,
    },
  );
  t.match(
    await say(
      403,
      problem('about:blank', 'Your account is suspended and is not permitted to access this feature.'),
    ),
    { failure: 'auth' },
  );
  t.match(
    await say(403, problem('about:blank', 'You are not allowed to create a Tweet with duplicate content.')),
    {
      failure: 'rejected',
      duplicate: true,
      code: 'duplicate',
    },
  );
  t.match(await say(403, problem('about:blank', 'Reply to this conversation is not allowed')), {
    failure: 'rejected',
    duplicate: false,
  });
  t.match(
    await say(503, problem('about:blank', 'Over capacity', 503)),
    { failure: 'unknown' },
    'a bare 503 may have stored it',
  );
  t.match(await say(503, problem('about:blank', 'Over capacity', 503), { 'retry-after': '9' }), {
    failure: 'unsent',
    retryAfterMs: 9_000,
  });
  const reset = String(Math.ceil(Date.now() / 1000) + 600);
  const limited = await say(429, problem('about:blank', 'Too Many Requests', 429), {
    'x-rate-limit-reset': reset,
  });
  t.equal(limited.failure, 'limited');
  t.ok((limited.retryAfterMs ?? 0) > 590_000);
  t.match(await say(201, { data: {} }), { failure: 'unknown', code: 'unreadable' }, 'a yes without an id');
});

t.test('x: only accounts that may edit are said to, and an edit names the post before', async (t) => {
  const asked: { url: string; body: string }[] = [];
  const { url, tools } = await peer(t, async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    asked.push({ url: req.url ?? '', body });
    const data = req.url?.includes('users/me')
      ? { id: '7', username: 'northwindpay', subscription_type: 'Premium', protected: true }
      : { id: '1002', text: 'x', edit_history_tweet_ids: ['1001', '1002'] };
    res
      .writeHead(req.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ data }));
  });
  const channel = openChannel('x', { ...X_SECRETS, api: `${url}/` }, tools);
  t.match(await channel.verify(never), {
    can: { edit: 'new_id', editWindowMs: 30 * 60_000 },
    note: /protected/,
  });
  const edited = await channel.edit!(
    { id: '1001', url: null },
    draftOf({ text: 'Corrected.' }),
    { id: 'k', at: 0 },
    never,
  );
  t.equal(edited.id, '1002', 'an edit is a new post');
  t.same(JSON.parse(asked.at(-1)?.body ?? ''), {
    text: 'Corrected.',
    edit_options: { previous_post_id: '1001' },
  });
});

t.test('x: an answer with errors instead of posts is not an absence', async (t) => {
  const { url, tools } = await peer(t, (req, res) => {
    const body = req.url?.includes('users/me')
      ? { data: { id: '7', username: 'northwindpay' } }
      : { errors: [{ title: 'Authorization Error', type: 'https://api.twitter.com/2/problems/internal' }] };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const channel = openChannel('x', { ...X_SECRETS, api: url }, tools);
  t.match(await failureOf(channel.find!(draftOf(), { id: 'k', at: 0 }, never)), { failure: 'unsent' });
  t.match(await failureOf(channel.read!({ id: '1', url: null }, never)), { failure: 'unsent' });
});

t.test('x: file names that X takes for links are found and read all the same', async (t) => {
  const stand = await connect(t, { network: 'x' });
  const draft = { text: 'main.py & status.io fail for <some> of you' };
  const key = keyOf(stand);
  const post = await stand.channel.publish(draft, key, never);
  t.equal((await stand.channel.find!(draft, key, never))?.id, post.id);
  t.ok(sameWords((await stand.channel.read!(post, never))?.text ?? '', draft.text));
  const said = await stand.hear('northwindpay is down again, says nobody to them');
  const error = await failureOf(
    stand.channel.publish(draftOf({ inReplyTo: { id: said.id, url: null } }), keyOf(stand), never),
  );
  t.match(error, { failure: 'rejected', message: /not allowed/ }, 'who did not name us cannot be answered');
});

t.test('mastodon: only Mastodon itself is trusted to know a repeat', async (t) => {
  const is = (version: string, source_url?: string) =>
    softwareOf({ version, ...(source_url === undefined ? {} : { source_url }) });
  t.equal(is('4.5.3', 'https://github.com/mastodon/mastodon'), 'Mastodon');
  t.equal(is('4.5.3+glitch', 'https://github.com/glitch-soc/mastodon'), 'Mastodon');
  t.equal(is('3.5.19'), 'Mastodon', 'before it named its source');
  t.equal(is('0.19.2', 'https://codeberg.org/superseriousbusiness/gotosocial'), 'GoToSocial');
  t.equal(is('1.0.0', 'https://codeberg.org/superseriousbusiness/gotosocial'), 'GoToSocial');
  t.equal(is('2.7.2 (compatible; Akkoma 3.15.1)'), 'Akkoma');
  t.equal(is('2.7.2 (compatible; Pleroma 2.9.0)'), 'Pleroma');
  t.equal(is('3.5.3 (compatible; Pixelfed 0.12.6)'), 'Pixelfed');
  for (const odd of [softwareOf({}), is('nightly'), is('4.2.0', 'https://example.com/fork')])
    t.not(odd, 'Mastodon');
});

t.test('mastodon: an old server, a token with too little, a server typed without https', async (t) => {
  const { url, tools } = await peer(t, (req, res) => {
    const [status, body] = req.url?.includes('/api/v2/')
      ? [404, { error: 'Record not found' }]
      : req.url?.includes('/api/v1/instance')
        ? [200, { uri: 'old.example', version: '2.7.2 (compatible; Pleroma 2.5.0)', max_toot_chars: 5000 }]
        : req.url?.includes('verify_credentials')
          ? [200, { id: '1', username: 'ops', acct: 'ops', url: 'https://old.example/@ops' }]
          : [403, { error: 'This action is outside the authorized scopes' }];
    req.resume();
    res.writeHead(Number(status), { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const channel = openChannel('mastodon', { instance: `${url}/`, accessToken: 't' }, tools);
  t.match(await channel.verify(never), {
    account: '@ops@old.example',
    limits: { max: 5000, unit: 'codepoints' },
    can: { idempotent: 'none' },
    note: /Pleroma/,
  });
  t.match(await failureOf(channel.publish(draftOf(), { id: 'k', at: 0 }, never)), {
    failure: 'auth',
    message: /scopes/,
  });
  const bare = openChannel('mastodon', { instance: 'localhost', accessToken: 't' }, tools);
  t.match(
    await failureOf(bare.verify(never)),
    { failure: 'rejected', code: 'private_address' },
    'https is meant',
  );
});

t.test('html becomes words', async (t) => {
  const cases: [string, string][] = [
    ['<p>One<br />two</p><p>three</p>', 'One\ntwo\n\nthree'],
    [
      '<p>a &amp;lt;b&amp;gt; &#39;c&#x27; &nbsp;d &bogus; &#0; &#x110000;</p>',
      "a &lt;b&gt; 'c' \u00a0d &bogus; &#0; &#x110000;",
    ],
    ['<p>x<script>alert(1)</script><style>p{}</style>y<img src=x onerror=alert(1)></p>', 'xy'],
    ['<p>a<script>alert(1)', 'a'],
    [
      '<a href="https://a.example/x?a=1&amp;b=2"><span class="invisible">https://</span><span>a.example/x?a=1&amp;b=2</span></a>',
      'https://a.example/x?a=1&b=2',
    ],
    ['plain\r\ntext', 'plain text'],
    ['', ''],
  ];
  for (const [html, text] of cases) t.equal(textOfHtml(html), text);
  t.same(
    linksOfHtml(
      `<a class="x" href="https://a.example/?a=1&amp;b=2">l</a> <a href='https://b.example'>m</a> <a>n</a>`,
    ),
    ['https://a.example/?a=1&b=2', 'https://b.example'],
  );
  for (const bomb of ['<', '<a ', '<p', '&', '</p ', '<script>', '<br ', '\n ']) {
    const growth = growthOfFour((share) => {
      textOfHtml(bomb.repeat(20_000 * share));
      linksOfHtml(bomb.repeat(20_000 * share));
    });
    t.ok(growth < 10, `${JSON.stringify(bomb)}: four times as long takes ${growth.toFixed(1)} times`);
  }
});

t.test('our own post among others', async (t) => {
  t.ok(sameWords('@mira Main  text http://a.example/ end', 'Main text https://a.example end'));
  t.notOk(sameWords('We fixed it', 'We fixed it not'));
  const link = 'https://status.example.com/u/7f3k2';
  const listed = [
    { text: 'newer', links: [] },
    { text: `part two ${link}`, links: [link] },
    { text: `part one ${link}`, links: [link] },
  ];
  t.equal(pickOurs(listed, { text: `part one ${link}`, link })?.text, `part one ${link}`);
  t.equal(
    pickOurs(listed, { text: 'newer', link })?.text,
    'newer',
    'a part that does not carry the link goes by its words',
  );
  t.equal(pickOurs(listed, { text: 'never posted' }), undefined);
});

t.test('webhook: every try has the same id and body, and a signature that holds', async (t) => {
  const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
  const got: { headers: Record<string, string>; body: string }[] = [];
  const { url, tools } = await peer(t, async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    if (req.method === 'POST') got.push({ headers: req.headers as Record<string, string>, body });
    res.writeHead(204).end();
  });
  let now = Date.now();
  const channel = openChannel(
    'webhook',
    { url: `${url}/hook?token=t`, secret },
    { ...tools, now: () => now },
  );
  t.match(await channel.verify(never), { account: new URL(url).host });
  t.equal(got.length, 0, 'a check is not a message');
  const draft = draftOf({
    payload: { type: 'incident.updated', incident: { id: 'inc_1' } },
    subject: 'Payments',
  });
  const key = { id: 'dlv_9', at: now - 5_000 };
  t.same(await channel.publish(draft, key, never), { id: 'dlv_9', url: null });
  now += 60_000;
  await channel.publish(draft, key, never);
  const [first, second] = got;
  t.equal(first?.body, second?.body);
  t.equal(first?.headers['webhook-id'], 'dlv_9');
  t.not(first?.headers['webhook-timestamp'], second?.headers['webhook-timestamp']);
  for (const one of got)
    t.match(new Webhook(secret).verify(one.body, one.headers), {
      type: 'incident.updated',
      timestamp: new Date(key.at).toISOString(),
      data: { text: draft.text, link: draft.link, subject: 'Payments', incident: { id: 'inc_1' } },
    });
  await channel.publish(draftOf({ recipient: `${url}/other` }), { id: 'dlv_10', at: now }, never);
  t.equal(got.length, 3, "a subscriber's own address");
  const inside = draftOf({ recipient: 'https://169.254.169.254/' });
  t.match(await failureOf(channel.publish(inside, { id: 'dlv_11', at: now }, never)), {
    failure: 'rejected',
    code: 'private_address',
  });
});

t.test('webhook: gone, overloaded, misconfigured', async (t) => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const say = async (status: number, headers = {}) => {
    const { url, tools } = await peer(t, answerJson(status, {}, headers));
    return failureOf(
      openChannel('webhook', { url, secret }, tools).publish(draftOf(), { id: 'k', at: 0 }, never),
    );
  };
  t.match(await say(410), { failure: 'rejected', code: 'disabled' });
  t.match(await say(502, { 'retry-after': '30' }), { failure: 'limited', retryAfterMs: 30_000 });
  t.match(await say(504), { failure: 'unknown' });
  t.match(await say(302, { location: 'https://example.com' }), { failure: 'rejected', code: 'redirect' });
  const { url, tools } = await peer(t, answerJson(410, {}));
  t.match(await failureOf(openChannel('webhook', { url, secret }, tools).verify(never)), {
    code: 'disabled',
  });
  t.throws(() => openChannel('webhook', { url, secret: 'whsec_%%%' }, tools), {
    failure: 'auth',
    message: /Signing secret/,
  });
});

t.test('the list of networks', async (t) => {
  const { tools } = await peer(t, answerJson(500, {}));
  const names = listKinds().map((one) => one.kind);
  t.same(names.slice(0, 3), ['x', 'mastodon', 'bluesky'], 'in the order people see them');
  t.equal(new Set(names).size, names.length, 'each once');
  for (const kind of listKinds()) {
    t.equal(findKind(kind.kind), kind);
    t.match(kind.checkedOn, /^\d{4}-\d\d-\d\d$/);
    t.match(kind.promise, /^[A-Z].*\.$/);
    t.equal(kind.can.idempotent === 'window', kind.can.idempotentMs !== undefined, 'a window has a length');
    for (const field of kind.fields)
      t.match(field.help, /\.$/, `${kind.kind} ${field.name} says where to find it`);
    for (const field of kind.fields.filter((one) => one.required))
      t.throws(
        () => openChannel(kind.kind, {}, tools),
        { code: 'invalid', field: kind.fields[0]?.name, message: /missing/ },
        field.name,
      );
  }
  t.throws(() => openChannel('googleplus', {}, tools), {
    code: 'gone',
    message: /2 April 2019.*5 July 2023.*Bluesky/,
  });
  t.throws(() => findKind('googleplus').open({}, tools), DomainError);
  t.same(findKind('googleplus').retired?.instead, ['mastodon', 'bluesky', 'threads']);
  t.notOk(activeKinds().some((one) => one.lifecycle === 'retired'));
  t.throws(() => findKind('friendster'), { code: 'not_found' });
});

t.test('mastodon: only the instance itself can say that a post is gone', async (t) => {
  const stand = await connect(t, { network: 'mastodon' });
  const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
  // A proxy in front of a server that is away has never heard of any post.
  const page = { kind: 'status', code: 404, body: '<h1>404 Not Found</h1>' } as const;
  stand.sim.world.faults.set([
    { network: 'mastodon', operation: 'read', ...page },
    { network: 'mastodon', operation: 'remove', ...page },
  ]);
  t.match(await failureOf((async () => stand.channel.read!(post, never))()), { status: 404 });
  t.match(await failureOf((async () => stand.channel.remove!(post, never))()), { status: 404 });
  stand.sim.world.faults.set([]);
  await stand.channel.remove!(post, never);
  t.equal(await stand.channel.read!(post, never), null);
  await stand.channel.remove!(post, never);
});
