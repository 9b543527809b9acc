import t from 'tap';
import { oneLine, readAddress, readSender } from '../../src/channels/mail-address.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { growthOfFour } from '../growth.ts';
import { FROM, header, headersOf, key, relay } from './mail-relay.ts';
import { draftOf, never } from './stand-in.ts';

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
    const growth = growthOfFour((share) => {
      const text = shape.slice(0, shape.length * share);
      readAddress(text);
      readSender(text);
      oneLine(text);
    });
    t.ok(growth < 10, `100 KB of ${JSON.stringify(shape.slice(0, 4))}: ${growth.toFixed(1)} times as long`);
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
