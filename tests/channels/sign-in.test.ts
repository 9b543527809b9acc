import t from 'tap';
import { findKind, openChannel } from '../../src/channels/registry.ts';
import { type Begun, beginSignIn, finishSignIn } from '../../src/channels/sign-in/oauth.ts';
import type { Account } from '../../src/simulator/facts.ts';
import { clientOf } from '../../src/simulator/sign-in.ts';
import { connect, draftOf, failureOf, keyOf, never, type Stand } from './stand-in.ts';

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
const BACK = 'https://status.northwind.example/desk/connections/back';

/** What a person enters before they are sent away: their app's name and secret, and what only this network wants. */
function enteredFor(account: Account): Record<string, string> {
  const { id, secret } = clientOf(account);
  const api: Record<string, string> =
    account.network === 'mastodon'
      ? { instance: account.settings['instance'] ?? '' }
      : { api: account.settings['api'] ?? '' };
  const more: Record<string, Record<string, string>> = {
    mastodon: {},
    reddit: { subreddit: account.settings['subreddit'] ?? '' },
    discord: { botToken: account.secrets['botToken'] ?? '' },
  };
  const kind = findKind(account.network);
  return {
    ...api,
    ...(account.network === 'mastodon' ? {} : { clientId: id, [kind.signIn?.clientSecret ?? '']: secret }),
    ...more[account.network],
  };
}

/** A person at the network's page: clicks, and is sent back. */
async function click(url: string, how: Record<string, string>) {
  const at = new URL(url);
  for (const [name, value] of Object.entries(how)) at.searchParams.set(name, value);
  const answer = await fetch(at, { redirect: 'manual', headers: BROWSER });
  const back = new URL(answer.headers.get('location') ?? 'about:blank');
  return {
    at: `${back.origin}${back.pathname}`,
    state: back.searchParams.get('state'),
    returned: {
      code: back.searchParams.get('code') ?? undefined,
      error: back.searchParams.get('error') ?? undefined,
      errorDescription: back.searchParams.get('error_description') ?? undefined,
    },
  };
}

async function begin(stand: Stand, more: Record<string, string> = {}) {
  const { account, tools } = stand;
  const kind = findKind(account.network);
  const entered = { ...enteredFor(account), ...more };
  const about = { redirect: BACK, state: 'a-state-nobody-guesses' };
  const { url, begun } = await beginSignIn(kind, entered, about, tools, never);
  return { kind, url, begun };
}
const finish = (stand: Stand, begun: Begun, returned: Parameters<typeof finishSignIn>[2]) =>
  finishSignIn(findKind(stand.account.network), begun, returned, stand.tools, never);

const WAYS = ['x', 'mastodon', 'facebook', 'instagram', 'threads', 'linkedin', 'reddit', 'slack', 'discord'];

for (const network of WAYS)
  t.test(`${network}: signing in gives an account that posts`, async (t) => {
    const stand = await connect(t, { network });
    const { kind, url, begun } = await begin(stand);
    const asked = new URL(url).searchParams;
    t.equal(asked.get('redirect_uri'), BACK);
    t.equal(asked.get('response_type'), 'code');
    t.notOk(url.includes(clientOf(stand.account).secret), 'the secret is in no address');
    t.equal(asked.get('code_challenge_method'), kind.signIn?.pkce ? 'S256' : null);
    const page = await (await fetch(url, { headers: BROWSER })).text();
    for (const scope of kind.signIn?.scopes ?? []) t.ok(page.includes(scope));

    const back = await click(url, { choose: stand.account.handle });
    t.equal(back.at, BACK);
    t.equal(back.state, 'a-state-nobody-guesses');
    const accounts = await finish(stand, begun, back.returned);
    const mine =
      accounts.find((one) => [stand.account.id, stand.account.settings['channel']].includes(one.id)) ??
      accounts[0];
    t.ok(mine?.name);
    const channel = openChannel(network, { ...mine?.values, signedIn: '1' }, stand.tools);
    const verified = await channel.verify(never);
    t.ok(verified.account);
    const draft = draftOf();
    await channel.publish(draft, keyOf(stand), never);
    t.ok(stand.live()[0]?.text.includes(draft.text), 'and it posts');

    t.match(await failureOf(finish(stand, begun, back.returned)), {
      failure: 'auth',
      message: /Start again/,
    });
    const denied = await click((await begin(stand)).url, { deny: '1' });
    t.match(await failureOf(finish(stand, begun, denied.returned)), {
      failure: 'rejected',
      code: 'access_denied',
      message: /choose “Allow”/,
    });
  });

t.test('a permission that was unticked is named', async (t) => {
  for (const [network, without] of [
    ['x', 'tweet.write'],
    ['mastodon', 'write:statuses'],
    ['facebook', 'pages_manage_posts'],
    ['slack', 'chat:write'],
  ] as const) {
    const stand = await connect(t, { network });
    const { url, begun } = await begin(stand);
    const back = await click(url, { choose: stand.account.handle, without });
    const failed = await failureOf(finish(stand, begun, back.returned));
    t.match(failed, { failure: 'auth', code: 'missing_scope' });
    t.ok(failed.message.includes(without));
  }
});

t.test('a wrong secret, another verifier, another address: each is said', async (t) => {
  const stand = await connect(t, { network: 'x' });
  const wrong = await begin(stand, { clientSecret: 'mistyped' });
  const away = await click(wrong.url, { choose: stand.account.handle });
  t.match(await failureOf(finish(stand, wrong.begun, away.returned)), { message: /ID and secret again/ });

  const thief = await begin(stand);
  const stolen = await click(thief.url, { choose: stand.account.handle });
  t.match(await failureOf(finish(stand, { ...thief.begun, verifier: 'guessed' }, stolen.returned)), {
    failure: 'auth',
  });
  const other = await begin(stand);
  const moved = await click(other.url, { choose: stand.account.handle });
  const elsewhere = { ...other.begun, redirect: 'https://evil.example/back' };
  t.match(await failureOf(finish(stand, elsewhere, moved.returned)), { message: /letter for letter/ });
  t.match(await failureOf(finish(stand, other.begun, {})), { code: 'no_code' });
});

t.test('somebody who runs several pages has the choice, and each has its own token', async (t) => {
  const stand = await connect(t, { network: 'facebook' });
  const second = stand.sim.world.addAccount({
    network: 'facebook',
    handle: 'northwindshop',
    name: 'Shop',
    // One app for both.
    secrets: { appSecret: stand.account.secrets['appSecret'] ?? '' },
  });
  const { url, begun } = await begin(stand);
  const accounts = await finish(stand, begun, (await click(url, { choose: stand.account.handle })).returned);
  t.same(accounts.map((one) => one.name).toSorted(), ['Northwind Pay', 'Shop']);
  const shop = accounts.find((one) => one.id === second.id);
  const channel = openChannel('facebook', { ...shop?.values, signedIn: '1' }, stand.tools);
  t.equal((await channel.verify(never)).account, 'Shop');
});

t.test('a token of X is renewed before it ends, once for many, and the new one is saved first', async (t) => {
  const stand = await connect(t, { network: 'x' }, { rates: 'open' });
  const { url, begun } = await begin(stand);
  const [mine] = await finish(stand, begun, (await click(url, { choose: stand.account.handle })).returned);
  const values: Record<string, string> = { ...mine?.values, signedIn: '1' };
  const channel = openChannel('x', values, stand.tools);
  stand.sim.world.skip(2 * 3_600_000);
  stand.sent.length = 0;
  await Promise.all([1, 2, 3].map((n) => channel.publish(draftOf(), keyOf(stand, `renewed ${n}`), never)));
  t.equal(stand.live().length, 3);
  t.equal(stand.sent.filter(({ url }) => url.endsWith('/oauth2/token')).length, 1);
  t.equal(stand.saved.length, 1);
  t.not(stand.saved[0]?.['refreshToken'], values['refreshToken'], 'it works once, so the next one is kept');
  const restarted = openChannel('x', { ...values, ...stand.saved[0] }, stand.tools);
  await restarted.publish(draftOf(), keyOf(stand, 'restarted'), never);
  t.equal(stand.saved.length, 1);

  // Somebody has used the refresh token meanwhile: nothing is posted, and a person is told what to do.
  stand.sim.world.skip(2 * 3_600_000);
  const lost = openChannel('x', values, stand.tools);
  t.match(await failureOf(lost.publish(draftOf(), keyOf(stand, 'lost'), never)), {
    failure: 'auth',
    message: /Sign in again/,
  });
  t.equal(stand.live().length, 4);
});
