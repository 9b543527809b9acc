import t, { type Test } from 'tap';
import type { ChannelTools, GuardedRequest } from '../../src/channels/contract.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { agedToken, openPds, PASSWORD } from './pds.ts';
import { draftOf, failureOf, never } from './stand-in.ts';

/** A channel on Bluesky's own server, and what it asked of it. */
async function connect(t: Test) {
  const pds = await openPds(t);
  const guard = openGuardedFetch({ allow: [pds.url] });
  t.teardown(() => guard.close());
  const sent: { url: string; request: GuardedRequest }[] = [];
  const saved: Record<string, string> = {};
  const tools: ChannelTools = {
    now: () => Date.now(),
    fetch: async (url, request) => {
      sent.push({ url, request });
      return guard.fetch(url, request);
    },
    saveSecrets: async (secrets) => {
      Object.assign(saved, secrets);
    },
    agent: guard.agent,
    secureAgent: guard.secureAgent,
    connect: guard.connect,
  };
  const values = { service: pds.url, identifier: pds.handle, password: PASSWORD };
  const open = (more: Record<string, string> = {}) =>
    openChannel('bluesky', { ...values, ...saved, ...more }, tools);
  const ask = async (nsid: string, query: Record<string, string>) =>
    (await (await fetch(`${pds.url}/xrpc/${nsid}?${new URLSearchParams(query)}`)).json()) as Record<
      string,
      unknown
    >;
  /** Every post there is, from whoever asks. */
  const records = async () =>
    (await ask('com.atproto.repo.listRecords', { repo: pds.did, collection: 'app.bsky.feed.post' }))[
      'records'
    ] as { uri: string; cid: string; value: Record<string, unknown> }[];
  return { pds, open, sent, saved, records };
}

t.test('a real Bluesky server takes what we send, once, and shows it', async (t) => {
  const { pds, open, records, saved, sent } = await connect(t);
  const channel = open();
  const verified = await channel.verify(never);
  t.match(verified, { account: `@${pds.handle}`, url: `${pds.url}/profile/${pds.did}` });

  const draft = draftOf({ text: `Card payments fail #outage ${draftOf().link} 👩‍👩‍👧` });
  const key = { id: 'dlv_pds_1', at: Date.now() };
  const post = await channel.publish(draft, key, never);
  const [there] = await records();
  t.equal(there?.uri, post.id);
  t.match(there?.value, {
    text: draft.text,
    langs: ['en'],
    createdAt: new Date(key.at).toISOString(),
    facets: [{}, {}],
  });

  t.test('the same key again is the same post', async (t) => {
    const again = await open().publish(draft, key, never);
    t.same(again, post);
    t.equal((await records()).length, 1);
    t.match(await channel.find!(draft, key, never), { id: post.id, text: draft.text });
  });
  t.test('the same key with other words overwrites nothing', async (t) => {
    const failed = await failureOf(channel.publish(draftOf(), key, never));
    t.match(failed, { failure: 'rejected', duplicate: true, existing: { id: post.id } });
    t.match(await channel.read!(post, never), { text: draft.text });
  });
  t.test('what is too long is refused by the server', async (t) => {
    const long = await failureOf(
      channel.publish({ text: 'x'.repeat(301) }, { id: 'dlv_long', at: Date.now() }, never),
    );
    t.equal(long.failure, 'rejected');
    t.match(long.message, /grapheme too big \(maximum 300, got 301\)/);
    t.equal((await records()).length, 1);
    const longest = await channel.publish(
      { text: '👨‍👩‍👧‍👦'.repeat(100) + 'x'.repeat(200) },
      { id: 'dlv_longest', at: Date.now() },
      never,
    );
    t.match(await channel.read!(longest, never), { id: longest.id });
    await channel.remove!(longest, never);
  });
  t.test('a thread hangs together', async (t) => {
    const second = await channel.publish(
      draftOf({ inReplyTo: post, root: post }),
      { id: 'dlv_2', at: Date.now() },
      never,
    );
    const third = await channel.publish(
      draftOf({ inReplyTo: second, root: post }),
      { id: 'dlv_3', at: Date.now() },
      never,
    );
    const all = new Map((await records()).map((one) => [one.uri, one]));
    const refs = (uri: string) =>
      all.get(uri)?.value['reply'] as Record<string, { uri: string; cid: string }>;
    t.match(refs(third.id), { root: { uri: post.id }, parent: { uri: second.id } });
    t.equal(refs(third.id)['root']?.cid, all.get(post.id)?.cid, 'by the bytes that are there');
  });
  t.test('a picture is shown with its description', async (t) => {
    const bytes = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
      'base64',
    );
    const media = [{ bytes, mime: 'image/png', alt: 'Failed payments a minute' }];
    const shown = draftOf({ media });
    const at = { id: 'dlv_picture', at: Date.now() };
    const first = await channel.publish(shown, at, never);
    const again = await open().publish(shown, at, never);
    t.equal(again.id, first.id, 'a repeat after a restart is the same post');
    const there = (await records()).find((one) => one.uri === first.id);
    t.match(there?.value['embed'], {
      images: [{ alt: 'Failed payments a minute', image: { size: bytes.length } }],
    });
    const { images } = (there?.value['embed'] as
      | { images: { image: { ref: { $link: string } } }[] }
      | undefined) ?? { images: [] };
    const cid = images[0]?.image.ref.$link;
    const blob = await fetch(`${pds.url}/xrpc/com.atproto.sync.getBlob?did=${pds.did}&cid=${cid}`);
    t.same(Buffer.from(await blob.arrayBuffer()), bytes, 'the very bytes');
  });
  t.test('an access token that is over is renewed, once for many, and saved first', async (t) => {
    const session = JSON.parse(saved['session'] ?? '{}') as { accessJwt: string; refreshJwt: string };
    const restarted = open({
      session: JSON.stringify({ ...session, accessJwt: agedToken(session.accessJwt) }),
    });
    sent.length = 0;
    const posts = await Promise.all(
      [4, 5, 6].map((n) => restarted.publish(draftOf(), { id: `dlv_${n}`, at: Date.now() }, never)),
    );
    const count = (nsid: string) => sent.filter(({ url }) => url.endsWith(nsid)).length;
    t.equal(count('refreshSession'), 1);
    t.equal(count('createSession'), 0, 'the password was not needed');
    const now = JSON.parse(saved['session'] ?? '{}') as { accessJwt: string; refreshJwt: string };
    t.not(now.refreshJwt, session.refreshJwt, 'the new refresh token is kept');
    const uris = (await records()).map((one) => one.uri);
    for (const one of posts) t.ok(uris.includes(one.id));
  });
  t.test('it is removed, and stays so', async (t) => {
    await channel.remove!(post, never);
    t.equal(await channel.read!(post, never), null);
    t.equal(await channel.find!(draft, key, never), null);
    await channel.remove!(post, never);
    t.notOk((await records()).some((one) => one.uri === post.id));
  });
  t.test('a wrong password is about us, not about the words', async (t) => {
    const stranger = open({ password: 'wrong', session: '' });
    const failed = await failureOf(stranger.publish(draftOf(), { id: 'dlv_x', at: Date.now() }, never));
    t.equal(failed.failure, 'auth');
  });
});
