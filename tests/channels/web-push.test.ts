import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { scripted } from './peer.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

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
