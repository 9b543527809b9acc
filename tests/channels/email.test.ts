import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import t, { type Test } from 'tap';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { oneLine, readAddress, readSender } from '../../src/channels/mail-address.ts';
import { openChannel } from '../../src/channels/registry.ts';
import type { Draft, Key } from '../../src/domain/channel.ts';
import { DomainError } from '../../src/domain/error.ts';
import { listen, portOf } from './sockets.ts';
import { draftOf, failureOf, never } from './stand-in.ts';

interface Got {
  from: string;
  to: string[];
  raw: string;
}
const FROM = 'Northwind Status <status@northwind.example>';
const PASSWORD = 'correct-horse-battery';

/** A real mail server, and a channel that sends through it. */
async function relay(t: Test, options: SMTPServerOptions = {}, more: { trusted?: boolean } = {}) {
  const got: Got[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    allowInsecureAuth: true,
    onAuth(auth, _session, done) {
      logins.push(`${auth.username} ${auth.password}`);
      if (auth.password === PASSWORD) done(null, { user: auth.username ?? '' });
      else done(Object.assign(new Error(`Bad password ${auth.password}`), { responseCode: 535 }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        got.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map((one) => one.address),
          raw: Buffer.concat(chunks).toString('latin1'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const port = (server.server.address() as AddressInfo).port;
  const address = `${options.secure === true ? 'smtps' : 'smtp'}://127.0.0.1:${port}`;
  const trusted = more.trusted ?? true;
  const guard = openGuardedFetch({
    allow: trusted ? [`smtp://127.0.0.1:${port}`] : [],
    timeoutMs: 3_000,
    ...(trusted ? {} : { isPublic: () => true }),
  });
  t.teardown(async () => {
    await guard.close();
    await new Promise<void>((done) => server.close(() => done()));
  });
  const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
  const open = (values: Record<string, string> = {}) =>
    openChannel('email', { server: address, from: FROM, to: 'all@lists.example', ...values }, tools);
  return { got, logins, open, address, tools };
}

/** Header names and values as a mail program reads them: unfolded, in order. */
function headersOf(raw: string): [string, string][] {
  return (raw.split('\r\n\r\n')[0] ?? '')
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
const header = (raw: string, name: string) => headersOf(raw).find(([one]) => one === name)?.[1];
const AT = Date.parse('2026-11-21T14:12:00Z');
const key: Key = { id: 'dlv_01', at: AT };

t.test('what a mail looks like', async (t) => {
  const { got, open } = await relay(t);
  const channel = open({ unsubscribe: 'https://status.example.com/stop?t=abc' });
  const draft = draftOf({
    subject: 'Identified: Card payments – “delayed”',
    html: '<p>Hi</p>',
    incident: 'inc_7',
  });
  const post = await channel.publish(draft, key, never);
  t.same(post, { id: '<dlv_01@northwind.example>', url: null });
  await channel.publish(draft, key, never);
  const [first, second] = got;
  t.same(first, second, 'the same bytes on every try, so a store that knows the id shows one');
  t.same(first?.to, ['all@lists.example']);
  t.equal(first?.from, 'status@northwind.example');
  const raw = first?.raw ?? '';
  t.same(
    headersOf(raw).map(([name]) => name),
    [
      'Auto-Submitted',
      'Content-Language',
      'List-Unsubscribe',
      'List-Unsubscribe-Post',
      'From',
      'To',
      'In-Reply-To',
      'References',
      'Subject',
      'Message-ID',
      'Date',
      'MIME-Version',
      'Content-Type',
    ],
  );
  t.match(Object.fromEntries(headersOf(raw)), {
    From: 'Northwind Status <status@northwind.example>',
    To: 'all@lists.example',
    'Message-ID': '<dlv_01@northwind.example>',
    'In-Reply-To': '<incident.inc_7@northwind.example>',
    References: '<incident.inc_7@northwind.example>',
    Date: 'Sat, 21 Nov 2026 14:12:00 +0000',
    'Auto-Submitted': 'auto-generated',
    'Content-Language': 'en',
    'List-Unsubscribe': '<https://status.example.com/stop?t=abc>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'Content-Type': /^multipart\/alternative/,
  });
  t.match(raw, /Content-Type: text\/plain; charset=utf-8/);
  t.match(raw, /Content-Type: text\/html; charset=utf-8/);
});

t.test('threads: our own posts are named to the list, never to a subscriber', async (t) => {
  const { got, open } = await relay(t);
  const channel = open();
  const root = { id: '<dlv_00@northwind.example>', url: null };
  const thread = draftOf({ incident: 'inc_7', root, inReplyTo: root });
  await channel.publish(thread, key, never);
  t.equal(header(got[0]?.raw ?? '', 'In-Reply-To'), root.id);
  t.equal(header(got[0]?.raw ?? '', 'References'), `<incident.inc_7@northwind.example> ${root.id}`);
  const own = {
    ...thread,
    recipient: 'mira@customer.example',
    unsubscribe: 'https://status.example.com/stop?t=m',
  };
  await channel.publish(own, { ...key, id: 'dlv_02' }, never);
  const raw = got[1]?.raw ?? '';
  t.same(got[1]?.to, ['mira@customer.example']);
  t.equal(header(raw, 'To'), 'mira@customer.example');
  t.equal(header(raw, 'References'), '<incident.inc_7@northwind.example>');
  t.equal(header(raw, 'List-Unsubscribe'), '<https://status.example.com/stop?t=m>');
  t.notMatch(raw, /lists\.example/, 'nobody else is named');
  await channel.publish({ ...own, unsubscribe: 'http://127.0.0.1/stop' }, { ...key, id: 'dlv_03' }, never);
  t.equal(header(got[2]?.raw ?? '', 'List-Unsubscribe-Post'), undefined, 'one click needs https');
});

/** What people try, to end a header, a command, a mail, or to name a second recipient. */
const PAYLOADS = [
  '\r\nBcc: evil@x.example',
  '\nBcc: evil@x.example',
  '\rBcc: evil@x.example',
  '\r\n Bcc: evil@x.example',
  '\r\n\r\n<h1>another body</h1>',
  '\r\n.\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\n',
  '\n.\n',
  '\r.\r',
  '\r\n.\n',
  '\n.\r\n',
  '\r\n.\r\nQUIT\r\n',
  '\0',
  '\0\r\nBcc: evil@x.example',
  '\u000b\u000cBcc: evil@x.example',
  '\u0085Bcc: evil@x.example',
  '\u2028Bcc: evil@x.example',
  '\u2029Bcc: evil@x.example',
  '\u560a\u560dBcc: evil@x.example',
  '\u010d\u010aBcc: evil@x.example',
  '%0d%0aBcc: evil@x.example',
  '\\r\\nBcc: evil@x.example',
  '=?UTF-8?Q?=0D=0ABcc:_evil@x.example?=',
  '=?UTF-8?B?DQpCY2M6IGV2aWxAeC5leGFtcGxl?=',
  '=0D=0ABcc: evil@x.example',
  ', evil@x.example',
  '; evil@x.example',
  ' evil@x.example',
  '> <evil@x.example',
  '<evil@x.example>',
  '" <evil@x.example> "',
  '(evil@x.example)',
  'friends: evil@x.example;',
  ' SIZE=1 BODY=8BITMIME',
  '> NOTIFY=SUCCESS ORCPT=rfc822;evil@x.example',
  '@evil.example',
  '@[127.0.0.1]',
  '"@evil.example',
  '\u202egnp.exe',
  '\u200b\u200d\ufeff',
  '👩‍💻 ünïcode 日本語 العربية',
  '＠evil.example',
  '﹫evil.example',
  `${'x'.repeat(1_200)}`,
  `${'x '.repeat(5_000)}`,
  '{{text}} <%= text %> #{text}',
];

/** Where each goes in: every value that comes from outside, and ids that should not but could. */
const PLACES: Record<
  string,
  (evil: string) => { draft?: Partial<Draft>; values?: Record<string, string>; id?: string }
> = {
  recipient: (evil) => ({ draft: { recipient: `mira@customer.example${evil}` } }),
  'recipient from the front': (evil) => ({ draft: { recipient: `${evil}mira@customer.example` } }),
  'the list': (evil) => ({ values: { to: `all@lists.example${evil}` } }),
  'name of the sender': (evil) => ({ values: { from: `Northwind${evil} <status@northwind.example>` } }),
  subject: (evil) => ({ draft: { subject: `Card payments${evil}` } }),
  text: (evil) => ({ draft: { text: `Card payments fail.${evil}` } }),
  html: (evil) => ({ draft: { html: `<p>${evil}</p>` } }),
  language: (evil) => ({ draft: { language: `en${evil}` } }),
  unsubscribe: (evil) => ({ draft: { unsubscribe: `https://status.example.com/stop?t=${evil}` } }),
  incident: (evil) => ({ draft: { incident: `inc_1${evil}` } }),
  'what it answers': (evil) => ({ draft: { inReplyTo: { id: `<a@b.example>${evil}`, url: null } } }),
  key: (evil) => ({ id: `dlv${evil}` }),
};

const EXPECTED = new Set([
  'Auto-Submitted',
  'Content-Language',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'From',
  'To',
  'Subject',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Date',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
]);

t.test('500 ways to add a recipient, a header or a mail: none does', async (t) => {
  const wrong: string[] = [];
  let sent = 0;
  const tryAll = async ([place, put]: [string, (typeof PLACES)[string]]) => {
    // Without TLS, whose handshakes would take most of the time.
    const { got, open } = await relay(t, { hideSTARTTLS: true });
    for (const [n, evil] of PAYLOADS.entries()) {
      const { draft = {}, values = {}, id = `dlv_${n}` } = put(evil);
      const before = got.length;
      const say = (what: string) => wrong.push(`${place} ${JSON.stringify(evil.slice(0, 60))}: ${what}`);
      let refused = false;
      try {
        await open(values).publish(draftOf({ subject: 'Update', ...draft }), { id, at: AT }, never);
      } catch (error) {
        refused = error instanceof DomainError || (error as { failure?: string }).failure === 'rejected';
        if (!refused) say(String(error));
      }
      const mails = got.slice(before);
      if (mails.length !== (refused ? 0 : 1)) say(`${mails.length} mails`);
      const mail = mails[0];
      if (mail === undefined) continue;
      sent++;
      // An accepted address is the typed one, letter for letter.
      const to = draft.recipient?.trim() ?? (values['to']?.trim() || 'all@lists.example');
      for (const what of strangeIn(mail, to)) say(what);
    }
  };
  await Promise.all(Object.entries(PLACES).map(tryAll));
  const cases = Object.keys(PLACES).length * PAYLOADS.length;
  t.ok(cases >= 500, `${cases} cases`);
  t.ok(sent > 250, `${sent} of them are only words, and arrive`);
  t.same(wrong, []);
});

/** What a mail has that nobody asked for. */
function strangeIn(mail: Got, to: string): string[] {
  const strange: string[] = [];
  if (mail.to.length !== 1 || mail.to[0] !== to) strange.push(`went to ${JSON.stringify(mail.to)}`);
  if (mail.from !== 'status@northwind.example') strange.push(`came from ${mail.from}`);
  if (/[^\r]\n|\r[^\n]|\0/.test(mail.raw)) strange.push('a bare line break or NUL');
  const names = headersOf(mail.raw).map(([name]) => name);
  if (new Set(names).size !== names.length) strange.push(`a header twice: ${names}`);
  for (const name of names) if (!EXPECTED.has(name)) strange.push(`header ${name}`);
  if (header(mail.raw, 'To') !== to) strange.push(`To: ${header(mail.raw, 'To')}`);
  const from = header(mail.raw, 'From') ?? '';
  if (!/^("?[^<>]*"? )?<status@northwind\.example>$/.test(from)) strange.push(`From: ${from}`);
  const id = header(mail.raw, 'Message-ID') ?? '';
  if (!/^<[\w.-]+@northwind\.example>$/.test(id)) strange.push(`Message-ID: ${id}`);
  for (const line of mail.raw.split('\r\n'))
    if (line.length > 998) strange.push(`a line of ${line.length} characters`);
  return strange;
}

t.test('addresses', async (t) => {
  for (const [typed, address] of [
    ['mira@customer.example', 'mira@customer.example'],
    [' a.b+c@münchen.example ', 'a.b+c@xn--mnchen-3ya.example'],
    ["o'hara@x.example", "o'hara@x.example"],
  ] as const)
    t.equal(readAddress(typed), address);
  for (const typed of [
    '',
    'mira',
    '@x.example',
    'a@',
    'a..b@x.example',
    '.a@x.example',
    'a b@x.example',
    'ä@x.example',
    '"a"@x.example',
    'a@x.example.',
    'a@x..example',
    'a@-x.example',
    'a@b@x.example',
    'a@x.example:25',
    'a@x.example/x',
    'a@%6c.example',
    `${'a'.repeat(65)}@x.example`,
    `a@${'x.'.repeat(130)}example`,
  ])
    t.equal(readAddress(typed), undefined, typed);
  t.same(readSender('"Northwind, Inc." <a@x.example>'), { name: 'Northwind, Inc.', address: 'a@x.example' });
  t.same(readSender('a@x.example'), { name: '', address: 'a@x.example' });
  t.equal(oneLine('a\r\n b\u2028c\u202ed 👩‍💻'), 'a b c d 👩‍💻', 'and emoji stay whole');
  for (const shape of [
    'a@'.repeat(50_000),
    `${'<'.repeat(100_000)}`,
    ` ${'\t'.repeat(99_999)}`,
    'a.'.repeat(50_000),
  ]) {
    const began = performance.now();
    readAddress(shape);
    readSender(shape);
    oneLine(shape);
    t.ok(
      performance.now() - began < 30,
      `100 KB of ${JSON.stringify(shape.slice(0, 4))} in ${Math.round(performance.now() - began)} ms`,
    );
  }
  const { tools } = await relay(t);
  for (const server of [
    'http://mail.example',
    'smtp://u:p@mail.example',
    'smtp://mail.example/x',
    'smtp://a b',
    '',
  ])
    t.throws(
      () => openChannel('email', { server, from: FROM }, tools),
      { code: 'invalid', field: 'server' },
      server,
    );
  t.throws(() => openChannel('email', { server: 'mail.example', from: 'nobody' }, tools), {
    code: 'invalid',
    field: 'from',
  });
});

t.test('what the server says, and what may be done then', async (t) => {
  const say = async (responseCode: number, words: string, at: 'onMailFrom' | 'onRcptTo' | 'onData') => {
    const refuse = (...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      if (at === 'onData') (args[0] as NodeJS.ReadableStream).resume();
      done(Object.assign(new Error(words), { responseCode }));
    };
    const { open, got } = await relay(t, { [at]: refuse });
    const error = await failureOf(open().publish(draftOf(), key, never));
    t.equal(got.length, 0);
    return error;
  };
  t.match(await say(550, '5.1.1 User unknown', 'onRcptTo'), {
    failure: 'rejected',
    code: '5.1.1',
    status: 550,
  });
  t.match(await say(552, '5.3.4 Message too big', 'onData'), { failure: 'rejected', status: 552 });
  t.match(await say(550, '5.7.1 Spam', 'onData'), { failure: 'rejected' });
  t.match(await say(550, '5.7.1 Not your sender', 'onMailFrom'), {
    failure: 'auth',
    message: /as this sender/,
  });
  t.match(await say(530, '5.7.0 Log in first', 'onMailFrom'), { failure: 'auth' });
  t.match(await say(451, '4.3.0 Local error', 'onData'), { failure: 'unsent', code: '4.3.0' });
  t.match(await say(451, '4.7.1 Greylisted, come back in 5 minutes', 'onRcptTo'), {
    // Not `limited`: one recipient's greylisting must not hold up all the others.
    failure: 'unsent',
    retryAfterMs: 300_000,
  });
  t.match(await say(450, '4.7.1 Error: too much mail from 127.0.0.1', 'onMailFrom'), { failure: 'limited' });
  t.match(await say(421, '4.3.2 Too many connections', 'onRcptTo'), { failure: 'limited' });
});

t.test('a password goes only where it should, and into no error', async (t) => {
  const { open, logins, got } = await relay(t);
  await open({ user: 'status', password: PASSWORD }).publish(draftOf(), key, never);
  t.same(logins, [`status ${PASSWORD}`]);
  t.equal(got.length, 1);
  const error = await failureOf(
    open({ user: 'status', password: 'wrong-secret-9' }).publish(draftOf(), key, never),
  );
  t.equal(error.failure, 'auth');
  t.match(error.message, /It said: .*Bad password …/, 'the server repeats it; we do not');
  const words = `${error.message} ${error.stack} ${error.cause} ${JSON.stringify(error)}`;
  t.notMatch(words, /wrong-secret-9/);
  await open({ user: 'status', password: PASSWORD }).verify(never);
  t.equal(got.length, 1, 'a check is not a mail');
  const bare = await relay(t, { disabledCommands: ['AUTH'] });
  const none = bare.open({ user: 'status', password: PASSWORD });
  t.match(await failureOf(none.publish(draftOf(), key, never)), { failure: 'auth' });
});

t.test('without encryption nothing is said to a server that is not allowed by name', async (t) => {
  const plain = await relay(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }, { trusted: false });
  const secret = { user: 'status', password: PASSWORD };
  const error = await failureOf(plain.open(secret).publish(draftOf(), key, never));
  t.match(error, { failure: 'unsent', message: /encryption/ });
  const forged = await relay(t, {}, { trusted: false });
  t.match(await failureOf(forged.open(secret).publish(draftOf(), key, never)), { failure: 'unsent' });
  const forgedFromStart = await relay(t, { secure: true }, { trusted: false });
  t.match(await failureOf(forgedFromStart.open(secret).publish(draftOf(), key, never)), {
    failure: 'unsent',
  });
  for (const one of [plain, forged, forgedFromStart]) t.same([one.logins, one.got], [[], []]);
  const relayed = await relay(t, { secure: true });
  await relayed.open(secret).publish(draftOf(), key, never);
  t.equal(relayed.got.length, 1, 'a relay that is allowed by name may have a certificate of its own');
});

t.test('the guard holds for mail too', async (t) => {
  const canary = await listen(
    t,
    createTcpServer(() => t.fail('somebody connected')),
  );
  const port = portOf(canary);
  const guard = openGuardedFetch({
    // A web address of the same machine opens no door for mail, nor does another port.
    allow: [`http://127.0.0.1:${port}`, `smtp://127.0.0.1:${port + 1}`],
    resolve: async (name) => [{ address: name === 'both.example' ? '127.0.0.1' : '10.0.0.7', family: 4 }],
  });
  t.teardown(() => guard.close());
  const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
  for (const host of [
    '127.0.0.1',
    'localhost',
    'both.example',
    'inside.example',
    '[::1]',
    '0.0.0.0',
    '169.254.169.254',
  ])
    for (const scheme of ['smtp', 'smtps']) {
      const channel = openChannel('email', { server: `${scheme}://${host}:${port}`, from: FROM }, tools);
      const error = await failureOf(channel.verify(never));
      t.match(error, { failure: 'rejected', code: 'private_address' }, `${scheme} ${host}`);
    }
});

t.test('a server that misbehaves', async (t) => {
  const speak = async (script: (socket: Socket) => void) => {
    const server = await listen(t, createTcpServer(script));
    const address = `smtp://127.0.0.1:${portOf(server)}`;
    const guard = openGuardedFetch({ allow: [address], timeoutMs: 400 });
    t.teardown(() => guard.close());
    const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
    return failureOf(
      openChannel('email', { server: address, from: FROM, to: 'a@x.example' }, tools).publish(
        draftOf(),
        key,
        never,
      ),
    );
  };
  t.match(await speak((s) => s.end()), { failure: 'unsent' }, 'hangs up');
  t.match(await speak(() => {}), { failure: 'unsent' }, 'says nothing');
  t.match(
    await speak((s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    { failure: 'unsent' },
    'speaks HTTP',
  );
  t.match(
    await speak((s) => s.end('554 5.7.1 You are blocked\r\n')),
    { failure: 'auth' },
    'does not want us',
  );
  const flood = (s: Socket) => {
    const pour = setInterval(() => s.write(`250-${'x'.repeat(60_000)}\r\n`), 1);
    s.on('close', () => clearInterval(pour));
  };
  t.match(await speak(flood), { failure: 'unsent' }, 'never ends its answer');
  const cutInData = (s: Socket) => {
    s.write('220 x\r\n');
    s.on('data', (chunk) => {
      if (/^DATA/m.test(chunk.toString())) s.write('354 go\r\n');
      else if (/^\.\r$/m.test(chunk.toString())) s.destroy();
      else s.write('250 ok\r\n');
    });
  };
  t.match(await speak(cutInData), { failure: 'unknown' }, 'hangs up after the last dot');
});
