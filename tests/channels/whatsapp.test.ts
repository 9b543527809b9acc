import { createHmac } from 'node:crypto';
import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { assertNoneIsRead } from './altered.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

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
