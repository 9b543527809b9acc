import t from 'tap';
import { facetsOf } from '../../src/channels/facets.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { tidOf } from '../../src/channels/tid.ts';
import { growthOfFour } from '../growth.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

const HOUR = 3_600_000;

t.test('where a post will be is known before it is sent', async (t) => {
  const at = Date.parse('2026-11-21T12:00:00.123Z');
  const tid = tidOf({ id: 'dlv_1', at });
  t.match(tid, /^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/);
  t.equal(tid, tidOf({ id: 'dlv_1', at }), 'the same for ever');
  const parts = new Set(Array.from({ length: 500 }, (_, i) => tidOf({ id: `dlv_${i}`, at })));
  t.equal(parts.size, 500, 'others made in the same millisecond are elsewhere');
  t.ok(tid < tidOf({ id: 'dlv_0', at: at + 1 }), 'and later ones come later');
  const digits = '234567abcdefghijklmnopqrstuvwxyz';
  const value = [...tid].reduce((n, c) => (n << 5n) | BigInt(digits.indexOf(c)), 0n);
  t.equal(Number(value >> 10n) / 1000 - at < 1, true, 'the time can be read from it');
});

t.test('links and hashtags are marked by bytes, names never', async (t) => {
  const marked = (text: string) => {
    const bytes = Buffer.from(text);
    return facetsOf(text).map(({ index, features: [feature] }) => {
      const words = bytes.subarray(index.byteStart, index.byteEnd).toString();
      return feature.$type.endsWith('#link') && 'uri' in feature
        ? [words, feature.uri]
        : [words, 'tag' in feature ? feature.tag : ''];
    });
  };
  const link = 'https://status.example.com/u/1';
  t.same(marked(`👨‍👩‍👧 é — see ${link}.`), [[link, link]], 'after emoji and accents, without the full stop');
  t.same(marked(`(${link})`), [[link, link]]);
  t.same(marked(`“${link}”, ${link}!`), [
    [link, link],
    [link, link],
  ]);
  t.same(marked('https://en.wikipedia.org/wiki/A_(b) x'), [
    ['https://en.wikipedia.org/wiki/A_(b)'.slice(0), 'https://en.wikipedia.org/wiki/A_(b)'],
  ]);
  t.same(marked('#outage, #zahlung–zwei #1 # #2026 #a1 x#no'), [
    ['#outage', 'outage'],
    ['#zahlung–zwei', 'zahlung–zwei'],
    ['#a1', 'a1'],
  ]);
  t.same(marked('@mira.test @everyone javascript:alert(1) data:x ftp://a.b mira@x.test https://'), []);
  t.same(marked(`${link}#frag #tag`), [
    [`${link}#frag`, `${link}#frag`],
    ['#tag', 'tag'],
  ]);
  const growth = growthOfFour((share) => {
    const n = 6_000 * share;
    facetsOf(`${'#1'.repeat(n)} ${'#'.repeat(n)} https://${'('.repeat(n)}`);
  });
  t.ok(growth < 10, `no text makes it slow: ${growth.toFixed(1)} times as long`);
});

t.test('one renewal for many, saved before it is used', async (t) => {
  const stand = await connect(t, { network: 'bluesky' });
  await stand.channel.verify(never);
  t.equal(stand.saved.length, 1);
  stand.sim.world.skip(3 * HOUR);
  stand.sent.length = 0;
  const keys = Array.from({ length: 20 }, (_, i) => keyOf(stand, `parallel_${i}`));
  await Promise.all(keys.map((key) => stand.channel.publish(draftOf(), key, never)));
  t.equal(stand.live().length, 20);
  const count = (nsid: string) => stand.sent.filter(({ url }) => url.endsWith(nsid)).length;
  t.equal(count('refreshSession'), 1, 'the refresh token works once, and was used once');
  t.equal(count('createSession'), 0);
  t.equal(stand.saved.length, 2);
  const { accessJwt } = JSON.parse(stand.saved[1]?.['session'] ?? '{}');
  const used = stand.sent.filter(
    ({ request }) => request.headers?.['authorization'] === `Bearer ${accessJwt}`,
  );
  t.equal(used.length, 20, 'all went out with the one that was saved');

  stand.sent.length = 0;
  const restarted = stand.reopen();
  await restarted.publish(draftOf(), keyOf(stand, 'after restart'), never);
  t.equal(count('createSession') + count('refreshSession'), 0, 'a restart goes on with the saved session');

  stand.sim.world.skip(100 * 24 * HOUR);
  stand.sent.length = 0;
  await restarted.publish(draftOf(), keyOf(stand, 'much later'), never);
  t.equal(count('createSession'), 1, 'when the refresh token is too old, the password opens a new session');
});

t.test('a session that cannot be had or kept publishes nothing', async (t) => {
  const stand = await connect(t, { network: 'bluesky' });
  const forgetful = openChannel('bluesky', stand.values, {
    ...stand.tools,
    saveSecrets: async () => {
      throw new Error('disk full');
    },
  });
  t.match(await failureOf(forgetful.publish(draftOf(), keyOf(stand), never)), {
    failure: 'unsent',
    code: 'not_saved',
  });
  stand.sim.world.faults.set([{ kind: 'drop_after', operation: 'session', network: 'bluesky', times: 1 }]);
  t.match(await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never)), { failure: 'unsent' });
  t.equal(stand.posts().length, 0);
  await stand.channel.publish(draftOf(), keyOf(stand), never);
  // The answer to a renewal is lost: the refresh token is spent, and nobody has the new one.
  stand.sim.world.skip(3 * HOUR);
  stand.sim.world.faults.set([{ kind: 'drop_after', operation: 'session', network: 'bluesky', times: 1 }]);
  t.match(await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never)), { failure: 'unsent' });
  await stand.channel.publish(draftOf(), keyOf(stand, 'recovered'), never);
  t.equal(stand.live().length, 2, 'the next try logs in again');
});

t.test('other words in the same place are never overwritten', async (t) => {
  const stand = await connect(t, { network: 'bluesky' });
  const key = keyOf(stand);
  const first = draftOf();
  const post = await stand.channel.publish(first, key, never);
  const error = await failureOf(stand.channel.publish(draftOf({ text: 'Other words' }), key, never));
  t.match(error, { failure: 'rejected', code: 'InvalidSwap', duplicate: true, existing: { id: post.id } });
  t.equal(stand.posts()[0]?.text, first.text);
  t.equal(stand.posts().length, 1);
});

t.test('the record says what the network needs', async (t) => {
  const stand = await connect(t, { network: 'bluesky' });
  const link = 'https://status.example.com/u/card1';
  const key = keyOf(stand);
  const root = await stand.channel.publish(
    { text: 'No link in the words.', link, subject: 'Payments', language: 'de' },
    key,
    never,
  );
  t.match(stand.posts()[0]?.raw['record'], {
    createdAt: new Date(key.at).toISOString(),
    langs: ['de'],
    embed: { external: { uri: link, title: 'Payments' } },
  });
  const said = await stand.hear('how long?', root.id);
  const { items } = await stand.channel.poll!(null, never);
  await stand.channel.publish(draftOf({ inReplyTo: items[0]!.post }), keyOf(stand, 'answer'), never);
  t.match(
    stand.posts().at(-1)?.raw['record'],
    {
      reply: { root: { uri: root.id, cid: root.raw?.['cid'] }, parent: { uri: said.id } },
    },
    "in a customer's branch the root is still the first post",
  );
});

t.test('a renewal outlives its caller, and one that could not be saved is not asked for again', async (t) => {
  const stand = await connect(t, { network: 'bluesky' });
  let broken = false;
  const channel = openChannel('bluesky', stand.values, {
    ...stand.tools,
    saveSecrets: async (secrets) => {
      if (broken) throw new Error('disk full');
      await stand.tools.saveSecrets(secrets);
    },
  });
  await channel.verify(never);
  const count = (nsid: string) => stand.sent.filter(({ url }) => url.endsWith(nsid)).length;
  stand.sent.length = 0;
  stand.sim.world.skip(3 * HOUR);
  const caller = new AbortController();
  stand.sim.world.faults.set([
    { kind: 'delay', ms: 200, after: true, operation: 'session', network: 'bluesky', times: 1 },
  ]);
  const left = failureOf(channel.publish(draftOf(), keyOf(stand, 'left'), caller.signal));
  while (count('refreshSession') === 0) await new Promise((done) => setImmediate(done));
  caller.abort();
  t.match(await left, { failure: 'unsent' });
  await channel.publish(draftOf(), keyOf(stand, 'next'), never);
  t.equal(count('refreshSession'), 1);
  t.equal(count('createSession'), 0, 'logging in is scarce');

  stand.sim.world.skip(3 * HOUR);
  broken = true;
  t.match(await failureOf(channel.publish(draftOf(), keyOf(stand, 'full'), never)), { code: 'not_saved' });
  broken = false;
  await channel.publish(draftOf(), keyOf(stand, 'mended'), never);
  t.equal(count('refreshSession'), 2);
  t.equal(count('createSession'), 0);
});
