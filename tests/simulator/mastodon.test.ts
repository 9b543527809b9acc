import t from 'tap';
import { ask, type Loose, misfits, open, type Shape } from './ask.ts';

/** Required fields of the Mastodon API's entities (OpenAPI 4.7). */
const ACCOUNT: Shape = {
  acct: 'string',
  avatar: 'string',
  avatar_static: 'string',
  bot: 'boolean',
  created_at: 'time',
  display_name: 'string',
  emojis: ['string'],
  fields: ['string'],
  followers_count: 'number',
  following_count: 'number',
  group: 'boolean',
  header: 'string',
  header_static: 'string',
  id: 'string',
  indexable: 'boolean',
  locked: 'boolean',
  note: 'string',
  statuses_count: 'number',
  uri: 'string',
  username: 'string',
};
const STATUS: Shape = {
  account: ACCOUNT,
  content: 'string',
  created_at: 'time',
  emojis: ['string'],
  favourites_count: 'number',
  id: 'string',
  media_attachments: ['string'],
  mentions: [{ acct: 'string', id: 'string', url: 'string', username: 'string' }],
  reblogs_count: 'number',
  replies_count: 'number',
  sensitive: 'boolean',
  spoiler_text: 'string',
  tags: [{ name: 'string', url: 'string' }],
  uri: 'string',
  url: 'string',
  visibility: 'string',
  in_reply_to_id: 'string?',
  edited_at: 'string?',
};
const INSTANCE: Shape = {
  api_versions: {},
  contact: {},
  description: 'string',
  domain: 'string',
  icon: ['string'],
  languages: ['string'],
  registrations: {},
  rules: ['string'],
  source_url: 'string',
  thumbnail: {},
  title: 'string',
  usage: {},
  version: 'string',
  configuration: {
    statuses: {
      max_characters: 'number',
      characters_reserved_per_url: 'number',
      max_media_attachments: 'number',
    },
  },
};

t.test('entities have the fields of the API description', async (t) => {
  const { of } = await open(t);
  const { settings, secrets } = of('mastodon');
  const token = secrets['accessToken']!;
  const base = settings['instance']!;
  const instance = await ask(`${base}/api/v2/instance`);
  t.same(misfits(instance.json, INSTANCE), []);
  t.match(instance.json.configuration.statuses, { max_characters: 500, characters_reserved_per_url: 23 });
  const me = await ask(`${base}/api/v1/accounts/verify_credentials`, { token });
  t.same(
    misfits(me.json, { ...(ACCOUNT as object), role: { id: 'string' }, source: { privacy: 'string' } }),
    [],
  );
  const made = await ask(`${base}/api/v1/statuses`, {
    token,
    body: { status: 'Looking into it #ops', language: 'en' },
  });
  t.equal(made.status, 200);
  t.same(misfits(made.json, STATUS), []);
  t.match(made.headers.get('x-ratelimit-reset'), /^\d{4}-\d\d-\d\dT/, 'the reset is a time');
  t.same(misfits((await ask(`${base}/api/v1/accounts/${me.json.id}/statuses`)).json, [STATUS]), []);
});

t.test('content is HTML: links in three spans, breaks, paragraphs, nothing of ours unescaped', async (t) => {
  const { of } = await open(t);
  const { settings, secrets } = of('mastodon');
  const made = await ask(`${settings['instance']}/api/v1/statuses`, {
    token: secrets['accessToken']!,
    body: {
      status:
        'Payments <fail> & retry.\nMore: https://www.northwind.example/incidents/2026/card-payments-7f3k2.\n\nThank you #ops @northwindpay',
    },
  });
  t.equal(
    made.json.content,
    '<p>Payments &lt;fail&gt; &amp; retry.<br />More: <a href="https://www.northwind.example/incidents/2026/card-payments-7f3k2" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">https://www.</span><span class="ellipsis">northwind.example/incidents/20</span><span class="invisible">26/card-payments-7f3k2</span></a>.</p>' +
      `<p>Thank you <a href="${settings['instance']}/tags/ops" class="mention hashtag" rel="tag">#<span>ops</span></a> <span class="h-card" translate="no"><a href="${settings['instance']}/@northwindpay" class="u-url mention">@<span>northwindpay</span></a></span></p>`,
  );
});

t.test('an Idempotency-Key is kept for one hour, and by Mastodon only', async (t) => {
  const { sim, clock } = await open(t, {
    accounts: [
      { network: 'mastodon' },
      { network: 'mastodon', handle: 'northwind_gts', options: { software: 'gotosocial' } },
    ],
  });
  for (const account of sim.accounts) {
    const post = async (key: string) =>
      (
        await ask(`${account.settings['instance']}/api/v1/statuses`, {
          token: account.secrets['accessToken']!,
          headers: { 'idempotency-key': key },
          body: { status: 'Looking into it.' },
        })
      ).json.id as string;
    const kept = account.options['software'] !== 'gotosocial';
    const first = await post('k1');
    t.equal((await post('k1')) === first, kept, 'the same key at once');
    clock.now += 3_599_999;
    t.equal((await post('k1')) === first, kept, 'just inside the hour');
    t.not(await post('k2'), first, 'another key');
    clock.now += 1;
    t.not(await post('k1'), first, 'after the hour');
    const truth = sim.world.posts('mastodon').filter((one) => one.account === account.id);
    t.equal(truth.length, kept ? 3 : 5);
    t.same(truth.map((one) => one.key).slice(-1), ['k1'], 'the truth shows the key that came');
  }
});

t.test('GoToSocial: its own limits, version, ids, refusals and markup', async (t) => {
  const { sim } = await open(t, { accounts: [{ network: 'mastodon', options: { software: 'gotosocial' } }] });
  const account = sim.accounts[0]!;
  const base = account.settings['instance']!;
  const token = account.secrets['accessToken']!;
  const instance = (await ask(`${base}/api/v2/instance`)).json;
  t.equal(instance.version, '0.19.2');
  t.match(instance.configuration.statuses, { max_characters: 5000, characters_reserved_per_url: 25 });
  const nameless = await ask(`${base}/api/v2/instance`, { headers: { 'user-agent': '' } });
  t.equal(nameless.status, 418, 'callers must say who they are');
  const post = (body: Loose) => ask(`${base}/api/v1/statuses`, { token, body });
  const long = await post({ status: 'a'.repeat(4990), spoiler_text: 'b'.repeat(11) });
  t.equal(long.status, 400);
  t.equal(
    long.json.error,
    'Bad Request: status too long, 5001 characters provided (including spoiler/content warning) but limit is 5000',
  );
  const made = await post({ status: 'One\ntwo' });
  t.match(made.json.id, /^[0-9A-HJKMNP-TV-Z]{26}$/, 'a ULID');
  t.equal(made.json.content, '<p>One<br>two</p>');
  const reply = await post({ status: 'Three', in_reply_to_id: made.json.id });
  t.equal(reply.json.in_reply_to_id, made.json.id);
  await ask(`${base}/api/v1/statuses/${made.json.id}`, { method: 'DELETE', token });
  t.equal(
    (await ask(`${base}/api/v1/statuses/${reply.json.id}`)).json.in_reply_to_id,
    null,
    'an answer forgets what is gone',
  );
});

t.test('limits, edits, removals and wrong tokens', async (t) => {
  const { of } = await open(t);
  const { settings, secrets } = of('mastodon');
  const base = settings['instance']!;
  const token = secrets['accessToken']!;
  const post = (body: Loose) => ask(`${base}/api/v1/statuses`, { token, body });
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';
  t.equal((await post({ status: family.repeat(500) })).status, 200, '500 graphemes');
  const long = await post({ status: 'a'.repeat(495), spoiler_text: 'b'.repeat(6) });
  t.equal(long.status, 422);
  t.equal(long.text, '{"error":"Validation failed: Text character limit of 500 exceeded"}');
  t.equal(
    (await post({ status: `${'a'.repeat(476)} https://status.northwind.example/${'p'.repeat(300)}` })).status,
    200,
  );
  t.equal((await post({ status: '' })).json.error, "Validation failed: Text can't be blank");
  t.equal((await post({ status: 'x', in_reply_to_id: '1' })).status, 404);
  const denied = await ask(`${base}/api/v1/statuses`, { token: 'nobody', body: { status: 'x' } });
  t.equal(denied.status, 401);
  t.equal(denied.text, '{"error":"The access token is invalid"}');

  const form = await ask(`${base}/api/v1/statuses`, {
    token,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'status=Form+words',
  });
  const at = `${base}/api/v1/statuses/${form.json.id}`;
  const edited = await ask(at, { method: 'PUT', token, body: { status: 'Corrected words' } });
  t.equal(edited.json.id, form.json.id);
  t.same(misfits(edited.json.edited_at, 'time'), []);
  t.equal((await ask(at)).json.content, '<p>Corrected words</p>');
  t.equal(
    (await ask(at, { method: 'DELETE', token })).json.text,
    'Corrected words',
    'a removal gives the source back',
  );
  t.equal((await ask(at, { method: 'DELETE', token })).status, 404);
  t.equal((await ask(at)).text, '{"error":"Record not found"}');
});

t.test('lists page by min_id and max_id; notifications tell of mentions and answers', async (t) => {
  const { of, sim, clock } = await open(t);
  const account = of('mastodon');
  const base = account.settings['instance']!;
  const token = account.secrets['accessToken']!;
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    clock.now += 1000;
    ids.push((await ask(`${base}/api/v1/statuses`, { token, body: { status: `Line ${n}` } })).json.id);
  }
  const list = async (query: string) =>
    ((await ask(`${base}/api/v1/accounts/${account.id}/statuses?${query}`)).json as Loose[]).map(
      (one) => one.id,
    );
  t.same(await list('limit=2'), [ids[4], ids[3]]);
  t.same(await list(`limit=2&min_id=${ids[0]}`), [ids[2], ids[1]], 'min_id gives the ones right above');
  t.same(await list(`limit=2&since_id=${ids[0]}`), [ids[4], ids[3]], 'since_id gives the newest');
  t.same(await list(`max_id=${ids[2]}`), [ids[1], ids[0]]);

  await ask(`${sim.url}/_sim/mentions`, {
    body: {
      network: 'mastodon',
      text: '@northwindpay is my card safe?',
      inReplyTo: ids[4],
      author: { handle: 'mira@social.example', name: 'Mira' },
    },
  });
  const told = await ask(`${base}/api/v1/notifications?types[]=mention`, { token });
  t.same(
    misfits(told.json, [
      {
        id: 'string',
        type: 'string',
        created_at: 'time',
        group_key: 'string',
        account: ACCOUNT,
        status: STATUS,
      },
    ]),
    [],
  );
  t.match(told.json[0], {
    type: 'mention',
    account: { acct: 'mira@social.example' },
    status: { in_reply_to_id: ids[4] },
  });
  t.match(told.headers.get('link'), /rel="next".*min_id=.*rel="prev"/);
  t.same((await ask(`${base}/api/v1/notifications?min_id=${told.json[0].id}`, { token })).json, []);
  t.equal((await ask(`${base}/api/v1/statuses/${ids[4]}/context`)).json.descendants.length, 1);
});
