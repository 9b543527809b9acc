import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { ask, misfits, open } from './ask.ts';

/** Speaks SMTP by hand: says each line, gives the last line of each answer. */
async function dial(t: Test, port: number) {
  const socket = createConnection(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return 'closed';
      if (/^\d{3} /.test(value)) return value;
    }
  };
  t.match(await answer(), /^220 /);
  return {
    async say(text: string): Promise<string> {
      socket.write(`${text}\r\n`);
      return answer();
    },
    pour: (text: string) => void socket.write(text),
    closed: () => new Promise((done) => socket.once('close', done)),
  };
}

const b64 = (text: string) => Buffer.from(text).toString('base64');

t.test('the mail server keeps to RFC 5321', async (t) => {
  const { sim, of } = await open(t, { accounts: [{ network: 'email' }] });
  const { user = '', to = '' } = of('email').settings;
  const password = of('email').secrets['password'] ?? '';
  const port = sim.world.ports.get('email') ?? 0;
  const mail = await dial(t, port);
  t.match(await mail.say('EHLO tester'), /^250 AUTH PLAIN LOGIN$/);
  t.match(await mail.say('MAIL FROM:<a@x.example>'), /^530 5\.7\.0/, 'nobody may send without logging in');
  t.match(await mail.say('AUTH CRAM-MD5'), /^504/);
  t.match(await mail.say(`AUTH PLAIN ${b64(`\0${user}\0wrong`)}`), /^535 5\.7\.8/);
  t.match(await mail.say('AUTH LOGIN'), /^334/);
  t.match(await mail.say(b64(user)), /^334/);
  t.match(await mail.say(b64(password)), /^235/);
  t.match(await mail.say(`RCPT TO:<${to}>`), /^503/);
  t.match(await mail.say('MAIL FROM:a@x.example'), /^501/);
  t.match(await mail.say('MAIL FROM:<a@x.example> SIZE=99999999'), /^552/);
  t.match(await mail.say('MAIL FROM:<a@x.example> SIZE=100'), /^250/);
  t.match(await mail.say('RCPT TO:<nobody@x.example>'), /^550 5\.1\.1/);
  t.match(await mail.say('RCPT TO:<full@x.example>'), /^452 4\.2\.2/);
  t.match(await mail.say('RCPT TO:<greylist@x.example>'), /^451 4\.7\.1 .*300 seconds/);
  t.match(await mail.say('RCPT TO:<greylist@x.example>'), /^250/, 'the second time it is let in');
  t.match(await mail.say('RCPT TO:<no address>'), /^501/);
  t.match(await mail.say('DATA'), /^354/);
  const words =
    'From: "N. Pay" <status@n.example>\r\nSubject: =?UTF-8?Q?Caf=C3=A9?=\r\n =?UTF-8?B?IOKciQ==?=\r\nMessage-ID: <1@n>\r\n\r\nfirst\r\n..second starts with a dot\r\n.';
  t.match(await mail.say(words), /^250 2\.0\.0 Ok: queued as /);
  t.match(await mail.say('DATA'), /^554/, 'an envelope serves once');
  t.match(await mail.say('VRFY me'), /^502/);
  const [post] = sim.world.posts('email');
  t.match(post, {
    id: '<1@n>',
    text: 'first\n.second starts with a dot',
    author: { handle: 'status@n.example', name: 'N. Pay' },
    raw: { subject: 'Café ✉', to: ['greylist@x.example'] },
  });
  const page = await fetch(`${sim.url}/email/@${of('email').handle}`);
  t.match(await page.text(), /Café ✉[\s\S]*\.second starts with a dot/);
  t.equal((await fetch(post?.url ?? '')).status, 200);
  t.match(await mail.say('QUIT'), /^221/);
  await mail.closed();
  const flood = await dial(t, port);
  flood.pour('x'.repeat(100_000));
  await flood.closed();
  t.pass('a line without end is not collected');
});

t.test('the mailbox reads what mail programs write', async (t) => {
  const { sim, of } = await open(t, { accounts: [{ network: 'email' }] });
  const mail = await dial(t, sim.world.ports.get('email') ?? 0);
  await mail.say('EHLO tester');
  const { settings, secrets } = of('email');
  await mail.say(`AUTH PLAIN ${b64(`\0${settings['user']}\0${secrets['password']}`)}`);
  const send = async (raw: string) => {
    await mail.say('MAIL FROM:<a@x.example>');
    await mail.say('RCPT TO:<b@x.example>');
    await mail.say('DATA');
    await mail.say(`${raw}\r\n.`);
    return sim.world.posts('email').at(-1);
  };
  const parts = [
    'Content-Type: multipart/alternative; boundary="b 1"',
    '',
    'preamble',
    '--b 1',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'soft =',
    'break, caf=C3=A9, trailing =20',
    '--b 1',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    b64('<p>hi</p>'),
    '--b 1--',
    'epilogue',
  ];
  t.match(await send(parts.join('\r\n')), {
    text: 'soft break, café, trailing  ',
    raw: { html: '<p>hi</p>' },
  });
  t.match(await send('Subject: bare'), { text: '', raw: { subject: 'bare' } });
});

t.test('Twilio’s shapes', async (t) => {
  const { of } = await open(t, { accounts: [{ network: 'sms' }] });
  const account = of('sms');
  const { accountSid = '', from = '', to = '' } = account.settings;
  const authorization = `Basic ${b64(`${accountSid}:${account.secrets['authToken']}`)}`;
  const root = `${account.base}/2010-04-01/Accounts/${accountSid}`;
  const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const send = (fields: Record<string, string>, headers = form) =>
    ask(`${root}/Messages.json`, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  // From the document's schema api.v2010.account.message.
  const message = {
    account_sid: 'string',
    api_version: 'string',
    body: 'string',
    date_created: 'string',
    date_sent: 'string?',
    date_updated: 'string',
    direction: 'string',
    error_code: 'number?',
    error_message: 'string?',
    from: 'string',
    messaging_service_sid: 'string?',
    num_media: 'string',
    num_segments: 'string',
    price: 'string?',
    price_unit: 'string',
    sid: 'string',
    status: 'string',
    subresource_uris: { media: 'string' },
    to: 'string',
    uri: 'string',
  };
  const made = await send({ To: to, From: from, Body: 'We’re on it – “soon”' });
  t.equal(made.status, 201);
  t.same(misfits(made.json, message), []);
  t.match(made.json, { num_segments: '1', status: 'sent', direction: 'outbound-api' });
  const list = await ask(`${root}/Messages.json?To=${encodeURIComponent(to)}&PageSize=1`, {
    headers: { authorization },
  });
  const page = {
    end: 'number',
    first_page_uri: 'string',
    next_page_uri: 'string?',
    page: 'number',
    page_size: 'number',
    previous_page_uri: 'string?',
    start: 'number',
    uri: 'string',
    messages: [message] as const,
  };
  t.same(misfits(list.json, page), []);
  for (const [fields, code] of [
    [{ To: to, From: from, Body: '' }, 21602],
    [{ To: to, From: from, Body: 'x'.repeat(1_601) }, 21617],
    [{ To: '555', From: from, Body: 'x' }, 21211],
    [{ To: to, From: '+15550001111', Body: 'x' }, 21660],
  ] as const)
    t.match((await send(fields)).json, { code, status: 400, more_info: new RegExp(`/${code}$`) });
  t.match((await send({ To: to }, { ...form, authorization: 'Basic eDp5' })).json, {
    code: 20003,
    status: 401,
  });
});

t.test('Discourse’s shapes', async (t) => {
  const { of } = await open(t, { accounts: [{ network: 'discourse' }] });
  const account = of('discourse');
  const headers = {
    'api-key': account.secrets['apiKey'] ?? '',
    'api-username': account.settings['username'] ?? '',
  };
  const post = (body: object) => ask(`${account.base}/posts.json`, { headers, body });
  const shape = {
    id: 'number',
    name: 'string',
    username: 'string',
    avatar_template: 'string',
    created_at: 'time',
    cooked: 'string',
    post_number: 'number',
    post_type: 'number',
    posts_count: 'number',
    updated_at: 'time',
    reply_to_post_number: 'number?',
    yours: 'boolean',
    topic_id: 'number',
    topic_slug: 'string',
    version: 'number',
    user_id: 'number',
    moderator: 'boolean',
    hidden: 'boolean',
    deleted_at: 'time?',
    user_deleted: 'boolean',
    edit_reason: 'string?',
    post_url: 'string',
  };
  const made = await post({
    title: 'Card payments are failing',
    raw: 'We see failed card payments.',
    external_id: 'x-1',
  });
  t.same(misfits(made.json, shape), []);
  const found = await ask(`${account.base}/t/external_id/X-1.json`, { headers });
  t.equal(found.status, 301);
  t.match(found.headers.get('location'), /\/t\/card-payments-are-failing\/\d+\.json$/);
  t.match((await ask(`${account.base}/t/external_id/none.json`, { headers })).json, {
    error_type: 'not_found',
  });
  for (const [body, words] of [
    [{ title: 'Short', raw: 'We see failed card payments.' }, /Title is too short \(minimum is 15/],
    [{ title: 'Card payments are failing', raw: 'We see failed card payments!' }, /already been used/],
    [{ title: 'Another title that is long', raw: 'short' }, /Body is too short \(minimum is 20/],
    [{ title: 'Another title that is long', raw: 'x'.repeat(32_001) }, /limited to 32000 characters/],
    [
      { title: 'Another title that is long', raw: 'We see failed card payments.', external_id: 'x-1' },
      /taken/,
    ],
  ] as const) {
    const refused = await post(body);
    t.equal(refused.status, 422);
    t.match(refused.json, { action: 'create_post', errors: [words] });
  }
  for (let i = 0; i < 60; i++) await ask(`${account.base}/session/current.json`, { headers });
  const slow = await ask(`${account.base}/session/current.json`, { headers });
  t.equal(slow.status, 429);
  t.match(slow.json, { error_type: 'rate_limit', extras: { wait_seconds: Number } });
  t.ok(Number(slow.headers.get('retry-after')) > 0);
  const wrong = await ask(`${account.base}/session/current.json`, {
    headers: { ...headers, 'api-key': 'x' },
  });
  t.match([wrong.status, wrong.json.error_type], [403, 'invalid_access']);
});
