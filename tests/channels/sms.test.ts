import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { segmentsOf, smartEncoded } from '../../src/channels/sms-text.ts';
import { measure, smsSafe } from '../../src/templates/measure.ts';
import { assertNoneIsRead } from './altered.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

t.test('sms: Twilio’s own test numbers, and the numbers that people type', async (t) => {
  const stand = await connect(t, { network: 'sms' });
  const to = (recipient: string) =>
    failureOf(stand.channel.publish(draftOf({ recipient }), keyOf(stand), never));
  for (const [number, code] of [
    ['+15005550001', '21211'],
    ['+15005550002', '21612'],
    ['+15005550003', '21408'],
    ['+15005550009', '21614'],
  ] as const)
    t.match(await to(number), { failure: number.endsWith('2') ? 'auth' : 'rejected', code });
  t.match(await to('+15005550004'), { failure: 'rejected', code: '21610', message: /answered STOP/ });
  for (const typed of [
    '5551234',
    '+1555',
    'mira',
    '+15551234567, +15551234568',
    '+15551234567\nTo: x',
    '',
    '+0155512345',
  ])
    t.match(await to(typed), { failure: 'rejected', code: 'bad_recipient' }, JSON.stringify(typed));
  t.equal(stand.posts().length, 0);
  await stand.channel.publish(draftOf({ recipient: '0044 20 7946-0958' }), keyOf(stand), never);
  t.equal(stand.posts()[0]?.raw['to'], '+442079460958', 'a number as people write it');
  const bare = stand.reopen({ to: '' });
  t.match(await failureOf(bare.publish(draftOf(), keyOf(stand), never)), { code: 'no_recipient' });
  t.match(await failureOf(stand.reopen({ from: '+15550000000' }).publish(draftOf(), keyOf(stand), never)), {
    failure: 'auth',
    code: '21660',
  });
  t.throws(() => stand.reopen({ from: 'not a sender!' }), { code: 'invalid', field: 'from' });
  t.throws(() => stand.reopen({ maxSegments: '11' }), { code: 'invalid', field: 'maxSegments' });
  t.match(await stand.channel.verify(never), { note: 'Balance 41.20 USD' });
});

t.test('sms: what a message costs is counted as the phone company counts', async (t) => {
  t.equal(segmentsOf('We’re investigating – “soon”…'), 1, 'a typist’s quotes cost nothing');
  t.equal(smartEncoded('We’re “here”'), 'We\'re "here"');
  t.equal(smartEncoded('We’re here 🚧'), 'We’re here 🚧', 'a text that needs UCS-2 anyway stays as it is');
  t.equal(segmentsOf('€'.repeat(80)), 1);
  t.equal(segmentsOf('€'.repeat(81)), 2);
  t.equal(segmentsOf(`${'x'.repeat(69)}я`), 1);
  t.equal(segmentsOf(`${'x'.repeat(70)}я`), 2);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      t.equal(smartEncoded(text), smsSafe(text), 'the words are prepared and sent by one rule');
      return segmentsOf(text) === measure(text, { unit: 'segments', max: 10 });
    }),
    { numRuns: 200 },
  );
  const stand = await connect(t, { network: 'sms' });
  const short = stand.reopen({ maxSegments: '1' });
  t.match(await short.verify(never), { limits: { unit: 'segments', max: 1 } });
  t.match(await failureOf(short.publish({ text: 'x'.repeat(161) }, keyOf(stand), never)), {
    failure: 'rejected',
    code: 'too_long',
    message: /2 segments, 1 are allowed/,
  });
  await short.publish({ text: `We’re sorry ${'x'.repeat(148)}` }, keyOf(stand), never);
  t.ok(
    stand.posts()[0]?.text.startsWith('We’re'),
    'the approved words leave as they are; Twilio encodes them',
  );
  const form = new URLSearchParams(String(stand.sent.at(-1)?.request.body));
  t.same(Object.fromEntries(form), {
    To: '+15551234567',
    From: stand.account.settings['from'],
    Body: stand.posts()[0]?.text,
    SmartEncoded: 'true',
    StatusCallback: 'https://status.example.com/hooks/sms',
  });
});

t.test('sms: queued is not delivered, and what failed is not there', async (t) => {
  const stand = await connect(t, { network: 'sms' });
  const send = async (recipient: string) => {
    const draft = draftOf({ recipient });
    const key = keyOf(stand);
    const post = await stand.channel.publish(draft, key, never);
    return { draft, key, post };
  };
  const queued = await send('+15551277777');
  t.match(await failureOf(stand.channel.read!(queued.post, never)), { failure: 'unsent', code: 'queued' });
  t.equal(
    (await stand.channel.find!(queued.draft, queued.key, never))?.id,
    queued.post.id,
    'but it is there',
  );
  const sent = await send('+15551239999');
  t.equal((await stand.channel.read!(sent.post, never))?.text, sent.draft.text);
  const dead = await send('+1555130003');
  t.equal(await stand.channel.read!(dead.post, never), null);
  t.equal(await stand.channel.find!(dead.draft, dead.key, never), null, 'so it may be sent again');
  t.match(await failureOf(stand.channel.read!({ id: '../Calls', url: null }, never)), { code: 'bad_id' });
});

t.test('sms: calls from Twilio', async (t) => {
  const address = 'https://mycompany.com/myapp.php?foo=1&bar=2';
  const { tools, url } = await scripted(t, () => ({ status: 500 }));
  const values = { accountSid: 'AC1', authToken: '12345', from: '+15550006245', webhook: address, api: url };
  const channel = openChannel('sms', values, tools);
  const form = new URLSearchParams({
    MessageSid: `SM${'a'.repeat(32)}`,
    SmsStatus: 'received',
    From: '+15551234567',
    To: '+15550006245',
    Body: 'is my money safe? ünïcode & = +',
    NumMedia: '0',
  });
  const sign = (fields: URLSearchParams, at = address, token = '12345') =>
    createHmac('sha1', token)
      .update(
        at +
          [...fields]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .flat()
            .join(''),
      )
      .digest('base64');
  const body = form.toString();
  const headers = { 'x-twilio-signature': sign(form) };
  t.match(channel.receive!(headers, Buffer.from(body)), [
    {
      id: `SM${'a'.repeat(32)}`,
      text: 'is my money safe? ünïcode & = +',
      author: { id: '+15551234567' },
      post: { raw: { from: '+15551234567' } },
    },
  ]);
  // The examples of https://www.twilio.com/docs/usage/security, the older and the newer one.
  for (const [caller, signature] of [
    ['+14158675310', 'GvWf1cFY/Q7PnoempGyD5oXAezc='],
    ['+12349013030', '0/KCTR6DLpKmkAf8muzZqo1nDgQ='],
  ] as const) {
    const example = new URLSearchParams({
      CallSid: 'CA1234567890ABCDE',
      Caller: caller,
      Digits: '1234',
      From: caller,
      To: '+18005551212',
    });
    const theirs = { 'x-twilio-signature': signature };
    t.same(channel.receive!(theirs, Buffer.from(example.toString())), [], 'their own example holds');
  }
  const status = new URLSearchParams({ MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' });
  t.same(channel.receive!({ 'x-twilio-signature': sign(status) }, Buffer.from(status.toString())), []);
  for (const bad of [
    {},
    { 'x-twilio-signature': '' },
    { 'x-twilio-signature': sign(form, address, 'other') },
    { 'x-twilio-signature': sign(form, `${address}x`) },
  ])
    t.throws(() => channel.receive!(bad as Record<string, string>, Buffer.from(body)), {
      code: 'bad_signature',
    });
  const unset = openChannel('sms', { ...values, webhook: '' }, tools);
  t.throws(() => unset.receive!({ 'x-twilio-signature': sign(form, '') }, Buffer.from(body)), {
    code: 'bad_signature',
  });
  // Percent-encoding has several spellings of one value, and the signature is over the value.
  const plain = new URLSearchParams({
    Body: 'abcdefgh',
    MessageSid: 'SM1',
    SmsStatus: 'received',
  }).toString();
  const signed = { 'x-twilio-signature': sign(new URLSearchParams(plain)) };
  assertNoneIsRead(t, plain, signed, (h, b) => channel.receive!(h, b));
});

t.test('sms: Twilio’s refusals', async (t) => {
  const say = async (status: number, json: unknown) => {
    const { url, tools } = await scripted(t, () => ({ status, json }));
    const values = {
      accountSid: 'AC1',
      authToken: 'tok',
      from: '+15550006245',
      to: '+15551234567',
      api: url,
    };
    return failureOf(openChannel('sms', values, tools).publish(draftOf(), { id: 'k', at: 0 }, never));
  };
  t.match(await say(401, { code: 20003, message: 'Authenticate', status: 401 }), {
    failure: 'auth',
    code: '20003',
  });
  t.match(await say(400, { code: 21660, message: 'Mismatch' }), { failure: 'auth' });
  t.match(await say(429, { code: 20429, message: 'Too Many Requests' }), { failure: 'limited' });
  t.match(await say(429, { code: 21611, message: 'queue full' }), { failure: 'limited', code: '21611' });
  t.match(await say(400, { code: 63038, message: 'daily limit' }), { failure: 'limited' });
  t.match(await say(500, { code: 20500, message: 'Internal' }), { failure: 'unknown' });
  t.match(await say(201, { status: 'queued' }), { failure: 'unknown', code: 'unreadable' });
  const { url, tools } = await scripted(t, () => ({ json: { sid: 'AC1', status: 'suspended' } }));
  const suspended = openChannel(
    'sms',
    { accountSid: 'AC1', authToken: 't', from: '+15550006245', api: url },
    tools,
  );
  t.match(await failureOf(suspended.verify(never)), { failure: 'auth', message: /suspended/ });
});
