import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { segmentsOf, smartEncoded } from '../../src/channels/sms-text.ts';
import type { Inbound } from '../../src/domain/channel.ts';
import { relayLink } from '../../src/domain/relay.ts';
import { measure, smsSafe } from '../../src/templates/measure.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

/** A call from a network that was altered by one bit, anywhere; none may be read. */
function assertNoneIsRead(
  t: Test,
  body: string,
  headers: Record<string, string>,
  read: (headers: Record<string, string>, body: Uint8Array) => Inbound[],
) {
  const bytes = Buffer.from(body);
  let accepted = 0;
  for (let n = 0; n < 1_000; n++) {
    const bit = (n * 7_919) % (bytes.length * 8);
    const bent = Buffer.from(bytes);
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      read(headers, bent);
      accepted++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'bad_signature') throw error;
    }
  }
  t.equal(accepted, 0, '1000 altered calls, none read');
}

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

t.test('web push: what a browser gets', async (t) => {
  const stand = await connect(t, { network: 'web_push' });
  const at = stand.sim.world.now();
  const words = { subject: 'Card payments', incident: 'inc_7', text: 'Cards “fail”.\nWe’re on it 🚧' };
  const draft = draftOf(words);
  await stand.channel.publish(draft, { id: 'dlv_1', at }, never);
  await stand.channel.publish(draftOf({ ...words, text: 'Fixed.' }), { id: 'dlv_2', at }, never);
  await stand.channel.publish(draftOf({ ...words, incident: 'inc_8' }), { id: 'dlv_3', at }, never);
  const [first, second, other] = stand.posts();
  const { topic } = first?.raw ?? {};
  t.same(first?.raw['payload'], {
    id: 'dlv_1',
    at,
    tag: topic,
    title: 'Card payments',
    body: 'Cards “fail”.\nWe’re on it 🚧',
    url: draft.link,
    lang: 'en',
  });
  t.match(first?.raw, { urgency: 'high', ttl: '86400', topic: /^[\w-]{32}$/ });
  t.equal(second?.raw['topic'], topic, 'a newer update takes the place of the older one');
  t.not(other?.raw['topic'], topic, 'another incident does not');
  t.match(await failureOf(stand.channel.publish({ text: '"'.repeat(3_000) }, keyOf(stand), never)), {
    failure: 'rejected',
    code: 'too_long',
  });
});

t.test('web push: a subscriber’s service can stop or slow nobody else', async (t) => {
  const stand = await connect(t, { network: 'web_push' });
  const { keys } = JSON.parse(stand.account.settings['to'] ?? '') as { keys: object };
  const answer = async (status: number, headers: Record<string, string> = {}, text = '') => {
    const { url, tools } = await scripted(t, () => ({ status, headers, text }));
    const channel = openChannel('web_push', stand.values, tools);
    const endpoint = `${url}/very-secret-endpoint`;
    const own = JSON.stringify({ endpoint, keys });
    const error = await failureOf(channel.publish(draftOf({ recipient: own }), { id: 'k', at: 0 }, never));
    t.notMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /very-secret|p256dh/);
    const fixed = openChannel('web_push', { ...stand.values, to: own }, tools);
    return { error, fixed: await failureOf(fixed.publish(draftOf(), { id: 'k', at: 0 }, never)) };
  };
  for (const status of [404, 410])
    t.match((await answer(status)).error, { failure: 'rejected', code: 'gone', status });
  const refused = await answer(403, {}, 'VAPID credentials mismatch');
  t.match([refused.error, refused.fixed], [{ failure: 'rejected', code: 'vapid' }, { failure: 'auth' }]);
  t.match((await answer(401)).error, { failure: 'rejected' });
  t.match((await answer(400, {}, 'UnauthorizedRegistration')).error, { failure: 'rejected', code: 'vapid' });
  const slow = await answer(429, { 'retry-after': '3600' });
  t.match([slow.error, slow.fixed], [{ failure: 'unsent', retryAfterMs: 3_600_000 }, { failure: 'limited' }]);
  t.match((await answer(413)).error, { failure: 'rejected', code: 'too_long' });
  t.match((await answer(500)).error, { failure: 'unknown' });
  const { tools } = await scripted(t, () => ({ status: 201 }));
  const channel = openChannel('web_push', stand.values, tools);
  for (const endpoint of ['https://169.254.169.254/x', 'http://push.example/x', 'https://localhost/x']) {
    const inside = JSON.stringify({ endpoint, keys });
    t.match(
      await failureOf(channel.publish(draftOf({ recipient: inside }), { id: 'k', at: 0 }, never)),
      { failure: 'rejected', code: /private_address|insecure/ },
      endpoint,
    );
  }
  const offCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 9)]).toString('base64url');
  for (const recipient of [
    'not json',
    '{}',
    '[]',
    JSON.stringify({ endpoint: 'https://push.example/x' }),
    JSON.stringify({ endpoint: 'https://push.example/x', keys: { ...keys, p256dh: 'AAAA' } }),
    JSON.stringify({ endpoint: 'https://push.example/x', keys: { ...keys, p256dh: offCurve } }),
    JSON.stringify({ endpoint: 'https://push.example/x', keys, pad: 'x'.repeat(5_000) }),
  ])
    t.match(
      await failureOf(channel.publish(draftOf({ recipient }), { id: 'k', at: 0 }, never)),
      { failure: 'rejected', code: 'bad_recipient' },
      recipient.slice(0, 60),
    );
});

t.test('web push: keys', async (t) => {
  const stand = await connect(t, { network: 'web_push' });
  const other = await connect(t, { network: 'web_push', handle: 'theo-phone' });
  const swapped = stand.reopen({ privateKey: other.account.secrets['privateKey'] ?? '' });
  t.match(await failureOf(swapped.verify(never)), { failure: 'auth', code: 'bad_keys' });
  t.match(await failureOf(stand.reopen({ subject: 'ops' }).verify(never)), { code: 'bad_subject' });
  t.match(await failureOf(stand.reopen({ to: '{}' }).verify(never)), { code: 'bad_recipient' });
  t.match(await failureOf(stand.reopen({ to: '' }).publish(draftOf(), keyOf(stand), never)), {
    code: 'no_recipient',
  });
  const subscription = JSON.parse(stand.account.settings['to'] ?? '') as { endpoint: string; keys: object };
  const send = (changed: object) =>
    failureOf(
      stand.channel.publish(
        draftOf({ recipient: JSON.stringify({ ...subscription, ...changed }) }),
        keyOf(stand),
        never,
      ),
    );
  t.match(await send({ endpoint: subscription.endpoint.replace('mira', 'nobody') }), { code: 'gone' });
  const { keys } = JSON.parse(other.account.settings['to'] ?? '') as { keys: object };
  t.match(await send({ keys }), { failure: 'rejected', status: 400 }, 'words for another browser');
  const ended = await connect(t, { network: 'web_push', options: { gone: true } });
  t.match(await failureOf(ended.channel.publish(draftOf(), keyOf(ended), never)), {
    failure: 'rejected',
    code: 'gone',
    status: 410,
  });
});

t.test('whatsapp: free words for a day, a template after', async (t) => {
  const stand = await connect(t, { network: 'whatsapp' });
  const said = await stand.hear('is my money safe?');
  const body = Buffer.from(JSON.stringify(said.raw['webhook']));
  const secret = stand.account.secrets['appSecret'] ?? '';
  const signed = (bytes: Uint8Array) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`,
  });
  const [item] = stand.channel.receive!(signed(body), body);
  t.match(item, {
    id: said.id,
    text: 'is my money safe?',
    author: { name: 'Mira Oduya', handle: /^\+1555/ },
  });
  const answer = draftOf({ text: 'Yes.\nIt is safe.', inReplyTo: item!.post });
  await stand.channel.publish(answer, keyOf(stand), never);
  t.match(stand.posts()[0], {
    text: 'Yes.\nIt is safe.',
    parent: said.id,
    raw: { template: null, to: item!.author.id },
  });
  t.match(
    await failureOf(stand.channel.publish({ ...answer, text: 'x'.repeat(4_097) }, keyOf(stand), never)),
    {
      code: 'too_long',
    },
  );
  stand.sim.world.skip(24 * 3_600_000 + 1_000);
  await stand.channel.publish(answer, keyOf(stand), never);
  t.match(
    stand.posts()[1],
    { text: 'Yes. It is safe.', parent: said.id, raw: { template: 'status_update' } },
    'a day later on one line of a template',
  );
  const bare = stand.reopen({ template: '' });
  t.match(await failureOf(bare.publish(answer, keyOf(stand), never)), {
    failure: 'rejected',
    code: '131047',
  });
  t.match(await failureOf(bare.publish(draftOf(), keyOf(stand), never)), {
    failure: 'rejected',
    code: 'no_template',
  });
  t.equal(stand.posts().length, 2);
  const own = draftOf({ inReplyTo: { id: stand.posts()[0]!.id, url: null } });
  await stand.channel.publish(own, keyOf(stand), never);
  t.equal(stand.posts()[2]?.raw['to'], '15551234567', 'a follow-up to our own message goes to the recipient');
  t.match(await failureOf(stand.reopen({ template: 'paused' }).publish(draftOf(), keyOf(stand), never)), {
    failure: 'rejected',
    code: '132015',
    message: /paused/,
  });
  t.match(await failureOf(stand.reopen({ templateLanguage: 'xx' }).publish(draftOf(), keyOf(stand), never)), {
    code: '132001',
  });
  t.match(
    await failureOf(stand.channel.publish(draftOf({ recipient: '+15551131026' }), keyOf(stand), never)),
    {
      failure: 'rejected',
      code: '131026',
    },
  );
});

t.test('whatsapp: calls from Meta', async (t) => {
  const stand = await connect(t, { network: 'whatsapp' });
  const secret = stand.account.secrets['appSecret'] ?? '';
  const read = (value: unknown) => {
    const body = Buffer.from(JSON.stringify(value));
    const mac = createHmac('sha256', secret).update(body).digest('hex');
    return stand.channel.receive!({ 'x-hub-signature-256': `sha256=${mac}` }, body);
  };
  const phone_number_id = stand.account.settings['phoneNumberId'];
  const change = (value: object) => ({
    object: 'whatsapp_business_account',
    entry: [{ changes: [{ field: 'messages', value: { metadata: { phone_number_id }, ...value } }] }],
  });
  const message = { id: 'wamid.1', timestamp: '1795269600', type: 'text', text: { body: 'hello' } };
  const nameless = change({
    contacts: [{ profile: { name: 'Mira', username: 'mira.o' }, user_id: 'US.13491208655302741918' }],
    messages: [message],
  });
  const [item] = read(nameless);
  t.match(item, {
    at: 1_795_269_600_000,
    author: { id: 'US.13491208655302741918', handle: '@mira.o', name: 'Mira' },
    post: { raw: { user: 'US.13491208655302741918' } },
  });
  const later = { ...item!.post, raw: { ...item!.post.raw, at: 0 } };
  await stand.channel.publish(draftOf({ inReplyTo: later }), keyOf(stand), never);
  t.match(JSON.parse(String(stand.sent.at(-1)?.request.body)), {
    recipient: 'US.13491208655302741918',
    to: undefined,
  });
  const from = { contacts: [{ wa_id: '15551112222', profile: {} }] };
  const kinds: [object, string | undefined][] = [
    [{ type: 'button', button: { text: 'Yes', payload: 'y' } }, 'Yes'],
    [
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: '1', title: 'Refunds' } } },
      'Refunds',
    ],
    [{ type: 'image', image: { id: '1', caption: 'look' } }, 'look'],
    [{ type: 'audio', audio: { id: '1' } }, '[audio]'],
    [{ type: 'location', location: { latitude: 1 } }, '[location]'],
    [{ type: 'reaction', reaction: { emoji: '👍' } }, undefined],
    [{ type: 'system', system: { body: 'changed number' } }, undefined],
  ];
  for (const [kind, words] of kinds)
    t.equal(
      read(change({ ...from, messages: [{ ...message, ...kind, from: '15551112222' }] }))[0]?.text,
      words,
    );
  t.same(read(change({ statuses: [{ id: 'wamid.9', status: 'failed', errors: [{ code: 131047 }] }] })), []);
  t.same(
    read(
      change({ ...from, metadata: { phone_number_id: 'another' }, messages: [{ ...message, from: '1' }] }),
    ),
    [],
  );
  t.same(read({ object: 'page', entry: [] }), []);
  const body = JSON.stringify(nameless);
  const mac = createHmac('sha256', secret).update(body).digest('hex');
  assertNoneIsRead(t, body, { 'x-hub-signature-256': `sha256=${mac}` }, (h, b) =>
    stand.channel.receive!(h, b),
  );
});

t.test('whatsapp: Meta’s codes', async (t) => {
  const say = async (code: number, status = 400) => {
    const json = { error: { message: `(#${code}) words`, type: 'OAuthException', code } };
    const { url, tools } = await scripted(t, () => ({ status, json }));
    const values = {
      phoneNumberId: '1',
      accessToken: 't',
      appSecret: 's',
      template: 'x',
      to: '+15551234567',
      api: url,
    };
    return failureOf(openChannel('whatsapp', values, tools).publish(draftOf(), { id: 'k', at: 0 }, never));
  };
  t.match(await say(131056), { failure: 'limited', retryAfterMs: 6_000 });
  t.match(await say(130429, 429), { failure: 'limited', code: '130429' });
  t.match(await say(131048), { failure: 'limited', retryAfterMs: 3_600_000 });
  t.match(await say(131047), { failure: 'rejected', message: /24 hours/ });
  t.match(await say(131049), { failure: 'rejected' });
  t.match(await say(131031), { failure: 'auth', message: /locked/ });
  t.match(await say(131042), { failure: 'auth', message: /paying/ });
  t.match(await say(190, 401), { failure: 'auth' });
  t.match(await say(131000, 500), { failure: 'unknown' });
  t.match(await say(4), { failure: 'limited' });
});

t.test('by hand: nothing leaves, and the composer opens with our words alone', async (t) => {
  const { tools, asked } = await scripted(t, () => ({}));
  const values = {
    network: 'Nextdoor',
    relay: 'Dana Cole, +1 555 0134',
    composer: 'https://x.example/c?t={text}&u={link}',
  };
  const channel = openChannel('manual', values, tools);
  t.match(await channel.verify(never), {
    account: 'Nextdoor, by Dana Cole, +1 555 0134',
    limits: { max: 2_000 },
  });
  t.match(await failureOf(channel.publish(draftOf(), { id: 'k', at: 0 }, never)), {
    failure: 'rejected',
    code: 'manual',
    message: /by hand, by Dana Cole/,
  });
  t.equal(asked.length, 0);
  t.match(await openChannel('manual', { ...values, max: '300' }, tools).verify(never), {
    limits: { max: 300 },
  });
  t.throws(() => openChannel('manual', { ...values, max: '3' }, tools), { code: 'invalid', field: 'max' });
  for (const composer of [
    'javascript:alert({text})',
    'http://x.example/{text}',
    'https://{text}/',
    'https://x.example/{name}',
  ])
    t.throws(
      () => openChannel('manual', { ...values, composer }, tools),
      { code: 'invalid', field: 'composer' },
      composer,
    );
  t.equal(
    relayLink('https://x.example/c?t={text}&u={link}', {
      text: 'a&u=evil#{link}\n“b” \ud800',
      link: 'https://s.example/u/1',
    }),
    'https://x.example/c?t=a%26u%3Devil%23%7Blink%7D%0A%E2%80%9Cb%E2%80%9D%20%EF%BF%BD&u=https%3A%2F%2Fs.example%2Fu%2F1',
  );
});
