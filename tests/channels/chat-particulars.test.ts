import t from 'tap';
import { ChannelError } from '../../src/channels/contract.ts';
import { clientIdOf } from '../../src/channels/google-chat-message.ts';
import { linkRuns } from '../../src/channels/link-runs.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { cardOf } from '../../src/channels/teams-card.ts';
import { growthOfFour } from '../growth.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const HOUR = 3_600_000;
const CHAT = [
  'telegram',
  'discord',
  'discord_webhook',
  'slack',
  'slack_webhook',
  'teams',
  'google_chat',
  'google_chat_webhook',
  'matrix',
];

/** The parts of a credential that nobody may see: long pieces of an address or of a key file, or the whole. */
function piecesOf(secret: string): string[] {
  if (secret.startsWith('{'))
    return [JSON.parse(secret).private_key, JSON.parse(secret).private_key.slice(60, 120)];
  if (!URL.canParse(secret) || !secret.startsWith('http')) return [secret, secret.slice(-20)];
  const url = new URL(secret);
  return [...url.pathname.split('/'), ...url.searchParams.values()].filter((piece) => piece.length > 23);
}

t.test('no part of a secret is in a receipt, a verified account or an error', async (t) => {
  for (const network of CHAT) {
    const stand = await connect(t, { network }, { rates: 'open' });
    const pieces = Object.values(stand.account.secrets).flatMap(piecesOf);
    t.ok(pieces.length > 0, `${network} has secrets`);
    const told: unknown[] = [await stand.channel.verify(never)];
    const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
    told.push(post, await stand.channel.read?.(post, never), await stand.channel.poll?.(null, never));
    const kinds = ['status', 'drop_after', 'html_200', 'expired_token', 'redirect', 'error_after'] as const;
    for (const kind of kinds) {
      stand.sim.world.faults.set([{ kind, code: 500, operation: 'any', network }]);
      for (const work of [
        stand.reopen().verify(never),
        stand.reopen().publish(draftOf(), keyOf(stand), never),
      ])
        told.push(await work.catch((error) => error));
    }
    await stand.sim.close();
    told.push(await failureOf(stand.reopen().publish(draftOf(), keyOf(stand), never)));
    const words = told.map((one) =>
      one instanceof ChannelError
        ? `${one.message} ${one.code} ${one.stack} ${one.cause} ${JSON.stringify(one)} ${JSON.stringify(one.cause)}`
        : JSON.stringify(one),
    );
    for (const piece of pieces)
      t.notOk(words.join('\n').includes(piece), `${network}: ${piece.slice(0, 4)}…`);
  }
});

t.test('an address that is not whole is refused without repeating it', async (t) => {
  const { tools } = await scripted(t, () => ({}));
  for (const kind of CHAT.filter((one) => /webhook|teams/.test(one))) {
    for (const url of ['https://hooks.example.com/s3cret', 'not an address s3cret'])
      t.throws(
        () => openChannel(kind, { url }, tools),
        { failure: 'auth', code: 'bad_address', message: /^(?!.*s3cret).*whole address/ },
        kind,
      );
  }
  t.throws(
    () => openChannel('teams', { url: 'https://northwind.webhook.office.com/webhookb2/x' }, tools),
    { failure: 'auth', message: /Microsoft switched those off in May 2026/ },
    'the old connectors are named',
  );
});

t.test('addresses in words', async (t) => {
  const runs = (text: string) => linkRuns(text).map((run) => (run.isLink ? [run.text] : run.text));
  t.same(runs('See https://a.example/x?a=1&b=2, (https://b.example/c_(d)).'), [
    'See ',
    ['https://a.example/x?a=1&b=2'],
    ', (',
    ['https://b.example/c_(d)'],
    ').',
  ]);
  t.same(runs('javascript:alert(1) data:x ftp://a.b https:// a@b.example'), [
    'javascript:alert(1) data:x ftp://a.b https:// a@b.example',
  ]);
  t.same(runs(''), []);
  for (const bomb of [')', '.', '(', 'https://a', ']('])
    t.ok(
      growthOfFour((share) => linkRuns(`https://a${bomb.repeat(30_000 * share)}`)) < 10,
      `no text makes it slow: ${bomb}`,
    );
});

t.test('teams: a card that changes no word', async (t) => {
  const words =
    'Payments *fail* [x](https://evil.example) <at>all</at>\n\n– we roll back\nMore: https://status.example.com/u/1.';
  const text = JSON.stringify(cardOf(words));
  t.notOk(text.includes('"TextBlock"'), 'it would read markup');
  type Run = { text: string; selectAction?: { url: string } };
  type Card = { attachments: [{ content: { body: { spacing: string; inlines: Run[] }[] } }] };
  const { body } = (JSON.parse(text) as Card).attachments[0].content;
  t.same(
    body.map(({ spacing, inlines }) => [spacing, inlines.map((run) => run.text).join('')]),
    [
      ['none', 'Payments *fail* [x](https://evil.example) <at>all</at>'],
      ['large', '– we roll back'],
      ['small', 'More: https://status.example.com/u/1.'],
    ],
  );
  const links = body.flatMap(({ inlines }) => inlines).filter((run) => run.selectAction);
  t.equal(links.length, 2);
  for (const run of links) t.equal(run.text, run.selectAction?.url, 'a link says where it goes');
});

t.test('teams: what would be taken and never shown is refused; a flow that is off says so', async (t) => {
  const stand = await connect(t, { network: 'teams' });
  const lines = { text: Array.from({ length: 400 }, (_, n) => `Line ${n}`).join('\n') };
  t.match(await failureOf(stand.channel.publish(lines, keyOf(stand), never)), {
    failure: 'rejected',
    code: 'too_long',
    message: /never show it/,
  });
  t.equal(stand.sent.length, 0);
  t.match(await stand.channel.verify(never), { note: /Send a test/ });
  const echo = await scripted(t, ({ path }) => ({
    status: 400,
    json: { error: { code: 'Bad', message: path } },
  }));
  const url = `${echo.url}/workflows/1/triggers/manual/paths/invoke?sig=s3cret`;
  const echoed = await failureOf(
    openChannel('teams', { url }, echo.tools).publish(draftOf(), keyOf(stand), never),
  );
  t.match(
    echoed,
    { failure: 'rejected', code: 'Bad', message: /^(?!.*s3cret)/ },
    'it repeats its own address',
  );
  t.match(await stand.channel.publish(draftOf(), keyOf(stand, 'dlv_7'), never), { id: 'dlv_7', url: null });
  for (const state of ['off', 'deleted']) {
    const off = await connect(t, { network: 'teams', options: { state } });
    t.match(await failureOf(off.channel.publish(draftOf(), keyOf(off), never)), {
      failure: 'auth',
      message: /switched off or deleted.*owner has left/,
    });
  }
});

t.test('google chat: a space is never mentioned, and the words come back as they were', async (t) => {
  for (const network of ['google_chat', 'google_chat_webhook']) {
    const stand = await connect(t, { network });
    const text = `<users/all> <users/123> <https://evil.example|our page> 3 < 4 <b> ${draftOf().link}`;
    const post = await stand.channel.publish({ text }, keyOf(stand), never);
    t.same(stand.posts()[0]?.raw['pings'], [], network);
    t.notMatch(stand.posts()[0]?.text, /<https:[^>]*\|/, 'nor is a link hidden behind words');
    t.match(stand.posts()[0]?.text, /3 < 4 <b>/);
    if (stand.channel.read) t.equal((await stand.channel.read(post, never))?.text, text);
  }
});

t.test('google chat: one token for many, renewed in time and when it is refused', async (t) => {
  const stand = await connect(t, { network: 'google_chat' }, { rates: 'open' });
  const asked = () => stand.sent.filter(({ url }) => url.endsWith('/token')).length;
  await Promise.all(
    Array.from({ length: 5 }, (_, n) => stand.channel.publish(draftOf(), keyOf(stand, `dlv_${n}`), never)),
  );
  t.equal(asked(), 1);
  stand.sim.world.skip(HOUR);
  await stand.channel.publish(draftOf(), keyOf(stand, 'later'), never);
  t.equal(asked(), 2);
  const posts = stand.sent.filter(({ url }) => url.includes('/messages?')).length;
  t.equal(posts, 6, 'before it ends: none was refused for an old token');
  stand.sim.world.faults.set([
    { kind: 'expired_token', operation: 'publish', network: 'google_chat', times: 1 },
  ]);
  await stand.channel.publish(draftOf(), keyOf(stand, 'refused'), never);
  t.equal(asked(), 3, 'a refused token is renewed once');
  t.equal(stand.live().length, 7);
  stand.sim.world.faults.set([{ kind: 'drop_after', operation: 'session', network: 'google_chat' }]);
  t.match(
    await failureOf(stand.reopen().publish(draftOf(), keyOf(stand, 'no token'), never)),
    { failure: 'unsent' },
    'without a token nothing was sent',
  );
  t.equal(stand.live().length, 7);
});

t.test('google chat: a post whose request was forgotten is still not made twice', async (t) => {
  const stand = await connect(t, { network: 'google_chat' });
  await stand.channel.verify(never);
  const draft = draftOf();
  const key = keyOf(stand);
  const authorization = stand.sent.at(-1)?.request.headers?.['authorization'] ?? '';
  const query = `requestId=other&messageId=${clientIdOf(key)}`;
  const made = await fetch(`${stand.account.base}/v1/${stand.account.settings['space']}/messages?${query}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ text: draft.text }),
  });
  const { name } = (await made.json()) as { name: string };
  t.equal((await stand.channel.publish(draft, key, never)).id, name);
  t.equal(stand.posts().length, 1);
});

t.test('google chat: a webhook keeps to its thread, and says which half of it is wrong', async (t) => {
  const stand = await connect(t, { network: 'google_chat_webhook' });
  const url = new URL(stand.account.secrets['url'] ?? '');
  url.searchParams.set('key', 'AIzaWrong');
  t.match(await failureOf(stand.reopen({ url: url.href }).verify(never)), { failure: 'auth' });
  t.match(await failureOf(stand.reopen({ url: url.href }).publish(draftOf(), keyOf(stand), never)), {
    failure: 'auth',
    message: /copy the link again/,
  });
  const root = await stand.channel.publish(draftOf(), keyOf(stand), never);
  t.match(root.raw, { thread: /^spaces\/\w+\/threads\/\w+$/ });
  t.equal((await fetch(root.url ?? '')).status, 200);
  t.match(await stand.channel.verify(never), { account: 'Service status' });
  t.equal(stand.posts().length, 1, 'asking posts nothing');
});
