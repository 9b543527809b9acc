import { Agent } from 'node:http';
import t from 'tap';
import { ApiResponseError, TwitterApi } from 'twitter-api-v2';
import type { Account } from '../../src/simulator/facts.ts';
import { ask, misfits, open } from './ask.ts';

/** X's own client library, pointed at the stand-in. */
function libraryFor(account: Account, accessSecret = account.secrets['accessSecret']!): TwitterApi {
  const client = new TwitterApi(
    {
      appKey: account.secrets['consumerKey']!,
      appSecret: account.secrets['consumerSecret']!,
      accessToken: account.secrets['accessToken']!,
      accessSecret,
    },
    { httpAgent: new Agent() },
  );
  client.v2['setPrefix'](`${account.settings['api']}/2/`);
  return client;
}

/** The library sends JSON only to paths that begin with /2/, so we say it. */
async function tweet(
  client: TwitterApi,
  text: string,
  inReplyTo?: string,
): Promise<{ id: string; text: string }> {
  const reply = inReplyTo === undefined ? {} : { reply: { in_reply_to_tweet_id: inReplyTo } };
  const { data } = await client.v2.post<{ data: { id: string; text: string } }>(
    'tweets',
    { text, ...reply },
    { forceBodyMode: 'json' },
  );
  return data;
}

async function refusal(work: Promise<unknown>): Promise<ApiResponseError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApiResponseError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

t.test('a signed client posts, reads, finds, answers and removes', async (t) => {
  const { sim, clock, of } = await open(t);
  const account = of('x');
  const client = libraryFor(account);
  t.equal((await client.v2.me()).data.username, account.handle);

  const text = 'Card payments fail & retry <now>: https://status.northwind.example/u/7f3k2 and main.py';
  const first = await tweet(client, text);
  t.match(first.id, /^\d{19}$/);
  t.match(
    first.text,
    /^Card payments fail &amp; retry &lt;now&gt;: https:\/\/t\.co\/\w{10} and https:\/\/t\.co\/\w{10}$/,
  );

  clock.now += 1000;
  const second = await tweet(client, 'More in ten minutes.', first.id);
  const page = await client.v2.userTimeline(account.id, {
    max_results: 5,
    'tweet.fields': ['entities', 'created_at', 'conversation_id', 'referenced_tweets'],
  });
  t.same(
    page.tweets.map((one) => one.id),
    [second.id, first.id],
    'newest first',
  );
  t.equal(page.tweets[0]?.conversation_id, first.id);
  t.same(page.tweets[0]?.referenced_tweets, [{ type: 'replied_to', id: first.id }]);
  const urls = page.tweets[1]?.entities?.urls ?? [];
  t.same(
    urls.map((one) => one.expanded_url),
    ['https://status.northwind.example/u/7f3k2', 'http://main.py'],
  );
  for (const one of urls) {
    t.equal(
      Array.from(first.text).slice(one.start, one.end).join(''),
      one.url,
      'indices count code points of the text',
    );
  }
  t.same(
    (await client.v2.userTimeline(account.id, { since_id: first.id, max_results: 5 })).tweets.map(
      (one) => one.id,
    ),
    [second.id],
  );

  t.same((await client.v2.deleteTweet(second.id)).data, { deleted: true });
  t.equal((await refusal(client.v2.deleteTweet(second.id))).code, 404, 'a second removal is a 404');
  const gone = await client.v2.singleTweet(second.id);
  t.equal(gone.data, undefined);
  t.equal(gone.errors?.[0]?.title, 'Not Found Error', 'a post that is gone is a 200 with an error in it');
  t.equal(sim.world.posts('x').length, 2, 'the truth keeps what was removed');
});

t.test('answers have the fields of the API description', async (t) => {
  const { of, sim } = await open(t);
  const account = of('x');
  const token = account.extra['bearer']!;
  const made = await ask(`${sim.url}/x/2/tweets`, {
    token,
    body: { text: 'We are looking into it #ops @northwindpay' },
  });
  t.equal(made.status, 201);
  t.same(
    misfits(made.json, { data: { id: 'string', text: 'string', edit_history_tweet_ids: ['string'] } }),
    [],
  );
  const list = await ask(
    `${sim.url}/x/2/users/${account.id}/tweets?tweet.fields=entities,created_at,author_id&expansions=author_id`,
    { token },
  );
  t.same(
    misfits(list.json, {
      data: [
        {
          id: 'string',
          text: 'string',
          created_at: 'time',
          author_id: 'string',
          entities: { hashtags: [{ start: 'number', end: 'number', tag: 'string' }] },
        },
      ],
      includes: { users: [{ id: 'string', name: 'string', username: 'string' }] },
      meta: { result_count: 'number', newest_id: 'string', oldest_id: 'string' },
    }),
    [],
  );
  for (const name of ['limit', 'remaining', 'reset'])
    t.match(list.headers.get(`x-rate-limit-${name}`), /^\d+$/);
  t.equal(Object.keys(list.json.data[0]).includes('conversation_id'), false, 'only the fields asked for');
  const empty = await ask(`${sim.url}/x/2/users/${account.id}/tweets?since_id=${made.json.data.id}`, {
    token,
  });
  t.same(empty.json, { meta: { result_count: 0 } }, 'an empty page has no data');
  t.equal((await ask(`${sim.url}/x/2/users/${account.id}/tweets?max_results=4`, { token })).status, 400);
});

t.test('the limit is 280 weighted, links count 23', async (t) => {
  const { of, sim } = await open(t);
  const post = (text: string) =>
    ask(`${sim.url}/x/2/tweets`, { token: of('x').extra['bearer']!, body: { text } });
  t.equal((await post('a'.repeat(280))).status, 201);
  const long = await post('a'.repeat(281));
  t.equal(long.status, 400);
  t.match(long.json, { title: 'Bad Request', status: 400, detail: /^Your Tweet text is too long\./ });
  t.equal((await post('語'.repeat(141))).status, 400, 'CJK weighs two');
  t.equal((await post(`${'a'.repeat(256)} https://status.northwind.example/${'p'.repeat(200)}`)).status, 201);
  t.equal((await post(`${'a'.repeat(257)} https://status.northwind.example/${'p'.repeat(200)}`)).status, 400);
  t.equal((await post(`${'e\u0301'.repeat(280)}`)).status, 201, 'counted after NFC');
  t.equal((await post('  ')).status, 400);
  const form = await ask(`${sim.url}/x/2/tweets`, {
    token: of('x').extra['bearer']!,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'text=Hello',
  });
  t.equal(form.status, 400, 'only JSON');
  const strange = await ask(`${sim.url}/x/2/tweets`, {
    token: of('x').extra['bearer']!,
    body: { text: 'Hello', status: 'Hello' },
  });
  t.match(strange, {
    status: 400,
    json: { errors: [{ message: /^\$\.status: is not defined in the schema/ }] },
  });
});

t.test('the same words again are refused in X own words, until the first are gone', async (t) => {
  const { of, sim } = await open(t);
  const token = of('x').extra['bearer']!;
  const post = () => ask(`${sim.url}/x/2/tweets`, { token, body: { text: 'We are looking into it.' } });
  const first = await post();
  const again = await post();
  t.equal(again.status, 403);
  t.equal(
    again.text,
    '{"detail":"You are not allowed to create a Tweet with duplicate content.","type":"about:blank","title":"Forbidden","status":403}',
  );
  t.equal(sim.world.posts('x').length, 1);
  await ask(`${sim.url}/x/2/tweets/${first.json.data.id}`, { method: 'DELETE', token });
  t.equal((await post()).status, 201);
});

t.test('wrong credentials, an app-only token, a spent window', async (t) => {
  const { of, sim, clock } = await open(t);
  const account = of('x');
  t.equal((await refusal(libraryFor(account, 'wrong').v2.me())).code, 401, 'the signature is checked');
  const nobody = await ask(`${sim.url}/x/2/users/me`, { token: 'nobody' });
  t.equal(nobody.status, 401);
  t.same(nobody.json, { title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' });
  const app = await ask(`${sim.url}/x/2/users/me`, { token: account.extra['appBearer']! });
  t.equal(app.status, 403);
  t.equal(app.json.title, 'Unsupported Authentication');

  const token = account.extra['bearer']!;
  for (let n = 0; n < 100; n++) await ask(`${sim.url}/x/2/tweets`, { token, body: { text: `Line ${n}` } });
  const full = await ask(`${sim.url}/x/2/tweets`, { token, body: { text: 'One too many' } });
  t.equal(full.status, 429);
  t.equal(full.headers.get('x-rate-limit-remaining'), '0');
  const reset = Number(full.headers.get('x-rate-limit-reset')) * 1000;
  t.ok(reset > clock.now && reset <= clock.now + 15 * 60_000 + 1000);
  clock.now = reset;
  t.equal((await ask(`${sim.url}/x/2/tweets`, { token, body: { text: 'Now' } })).status, 201);
});

t.test('edits are for subscribers, make a new id, and end after 30 minutes', async (t) => {
  const { sim, clock } = await open(t, {
    accounts: [{ network: 'x' }, { network: 'x', handle: 'premium', options: { subscription: 'Premium' } }],
  });
  const [plain, premium] = sim.accounts as [Account, Account];
  const post = async (account: Account, text: string, previous?: string) =>
    ask(`${sim.url}/x/2/tweets`, {
      token: account.extra['bearer']!,
      body: { text, ...(previous === undefined ? {} : { edit_options: { previous_post_id: previous } }) },
    });
  const types = await Promise.all(
    [plain, premium].map((one) =>
      ask(`${sim.url}/x/2/users/me?user.fields=subscription_type`, { token: one.extra['bearer']! }),
    ),
  );
  t.same(
    types.map((one) => one.json.data.subscription_type),
    ['None', 'Premium'],
  );
  const first = (await post(plain, 'Wrong')).json.data;
  t.equal((await post(plain, 'Right', first.id)).status, 403);

  const wrong = (await post(premium, 'Wrong time')).json.data;
  clock.now += 1000;
  const right = (await post(premium, 'Right time', wrong.id)).json.data;
  t.same(right.edit_history_tweet_ids, [wrong.id, right.id]);
  const shown = await ask(`${sim.url}/x/2/users/${premium.id}/tweets`, { token: premium.extra['bearer']! });
  t.same(
    shown.json.data.map((one: { text: string }) => one.text),
    ['Right time'],
  );
  t.match(
    (await ask(`${sim.url}/x/premium/status/${wrong.id}`)).text,
    /Right time/,
    'the old link leads to the new words',
  );
  t.notMatch((await ask(`${sim.url}/x/@premium`)).text, /Wrong time/);
  t.equal((await post(premium, 'Again', wrong.id)).status, 403, 'only the newest version');
  clock.now += 30 * 60_000;
  t.equal((await post(premium, 'Too late', right.id)).status, 403);
  await ask(`${sim.url}/x/2/tweets/${right.id}`, { method: 'DELETE', token: premium.extra['bearer']! });
  t.ok(
    sim.world.posts('x').every((one) => one.account !== premium.id || one.deletedAt !== null),
    'all versions go together',
  );
});

t.test('customers who name us are heard; only they may be answered', async (t) => {
  const { of, sim, clock } = await open(t);
  const account = of('x');
  const token = account.extra['bearer']!;
  const hear = async (text: string) =>
    (
      await ask(`${sim.url}/_sim/mentions`, {
        body: { network: 'x', text, author: { handle: 'mira', name: 'Mira' } },
      })
    ).json;
  const named = await hear('@northwindpay my card was charged twice');
  clock.now += 1000;
  const aside = await hear('northwind is down again');
  const heard = await ask(
    `${sim.url}/x/2/users/${account.id}/mentions?expansions=author_id&tweet.fields=created_at`,
    { token },
  );
  t.same(
    heard.json.data.map((one: { id: string }) => one.id),
    [named.id],
  );
  t.equal(heard.json.includes.users[0].username, 'mira');
  const answer = (to: string, text: string) =>
    ask(`${sim.url}/x/2/tweets`, { token, body: { text, reply: { in_reply_to_tweet_id: to } } });
  t.equal((await answer(named.id, 'We will refund it today.')).status, 201);
  const refused = await answer(aside.id, 'We hear you.');
  t.equal(refused.status, 403);
  t.match(refused.json.detail, /not been mentioned or otherwise engaged/);
  t.match((await answer('999', 'Hello?')).json.detail, /deleted or not visible/);
});
