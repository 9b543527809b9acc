import type { Test } from 'tap';
import { sameWords } from '../../src/channels/same-words.ts';
import { measure } from '../../src/templates/measure.ts';
import { type Claims, type Opening, repeatable } from './contract-claims.ts';
import { draftOf, failureOf, keyOf, never } from './stand-in.ts';

const MINUTE = 60_000;
/** One black pixel. */
const PICTURE = {
  bytes: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
    'base64',
  ),
  mime: 'image/png',
  alt: 'Failed payments a minute since 14:05',
};
const HOSTILE =
  '@everyone @here <!channel> <@U123> @mira_oduya.test <script>alert(1)</script> &amp; &lt;b&gt; \u202eevil\u202c zero\u200bwidth [x](javascript:alert(1)) {{text}} =cmd|x #ok раураl.com';

/** The part of the contract that is about words that go out: which fit, what arrives, and what a repeat does. */
export function postingContract(t: Test, claims: Claims, { open }: Opening): void {
  const { can, spec } = claims;

  t.test('it says who we are, what fits and what can be done, and publishes nothing', async (t) => {
    const stand = await open(t);
    const verified = await stand.channel.verify(never);
    t.match(verified.account, claims.account);
    t.same(verified.limits, claims.limits);
    t.same(verified.can, can);
    t.equal(stand.posts().length, 0);
    const { channel } = stand;
    t.equal(channel.find !== undefined, can.find, 'find is there when it is claimed');
    t.equal(channel.read !== undefined, can.read, 'read too');
    t.equal(channel.remove !== undefined, can.remove, 'remove too');
    t.equal(channel.poll !== undefined, can.inbound === 'poll' || can.inbound === 'both', 'poll too');
    if (can.edit !== 'none') t.ok(channel.edit, 'edit too');
  });

  t.test('each look at an account asks the network, whatever an earlier one has shown', async (t) => {
    const stand = await open(t);
    // A login, which is a write, and a token that was renewed are good for the second look too.
    const look = async () => {
      await stand.channel.verify(never);
      const reads = stand.sent.splice(0).filter(({ request }) => (request.method ?? 'GET') === 'GET');
      return reads.map(({ url }) => url).filter((url) => !url.includes('/refresh_access_token'));
    };
    const first = await look();
    t.same(await look(), first);
  });

  t.test('it publishes exactly the words, once, and says where', async (t) => {
    const stand = await open(t);
    const draft = draftOf();
    const post = await stand.channel.publish(draft, keyOf(stand), never);
    const [there, ...others] = stand.posts();
    t.same(others, []);
    t.ok(there?.text.includes(draft.text), 'the words are there, byte for byte');
    if (can.read) {
      t.equal(post.id, there?.id);
      if (claims.unlinked) return;
      // Some networks name the link only when they are asked for it.
      const page = await fetch(post.url ?? (await stand.channel.read!(post, never))?.url ?? '');
      t.equal(page.status, 200, 'its link opens');
      t.ok((await page.text()).includes(draft.link));
    }
  });

  t.test('the longest text that fits is taken, one more is refused', async (t) => {
    const stand = await open(t);
    const fill = (n: number) => {
      const end = draftOf().text;
      if (claims.longest !== undefined) return claims.longest(end);
      return `${'x'.repeat(n - measure(end, claims.limits) - 1)} ${end}`;
    };
    const fits = fill(claims.limits.max);
    t.equal(measure(fits, claims.limits), claims.limits.max);
    await stand.channel.publish(draftOf({ text: fits }), keyOf(stand), never);
    t.equal(stand.posts().length, 1);
    if (can.idempotent === 'receiver') return; // A receiver of data has no limit that it enforces.
    t.match(await failureOf(stand.channel.publish(draftOf({ text: `x${fits}` }), keyOf(stand), never)), {
      failure: 'rejected',
    });
    const { bytes } = claims.limits;
    if (bytes !== undefined) {
      const family = '👨‍👩‍👧‍👦'.repeat(Math.ceil(bytes / 25) + 1);
      t.ok(measure(family, claims.limits) <= claims.limits.max, 'short enough in characters, not in bytes');
      const error = await failureOf(stand.channel.publish({ text: family }, keyOf(stand), never));
      t.equal(error.failure, 'rejected');
    }
    t.equal(stand.posts().length, 1);
  });

  if (can.idempotent !== 'receiver')
    t.test('no words and pictures are refused before anything is sent', async (t) => {
      const stand = await open(t);
      for (const text of ['', '   \n', '\u200b\u202e'])
        t.match(await failureOf(stand.channel.publish({ text }, keyOf(stand), never)), {
          failure: 'rejected',
          code: 'empty',
        });
      if (can.altText && !claims.pictured) return t.equal(stand.sent.length, 0);
      const media = [{ bytes: new Uint8Array(3), mime: 'image/png', alt: 'A chart' }];
      t.match(await failureOf(stand.channel.publish(draftOf({ media }), keyOf(stand), never)), {
        failure: 'rejected',
        code: 'media',
      });
      t.equal(stand.sent.length, 0);
    });

  if (can.altText && !claims.pictured)
    t.test('pictures go with the words, described, and are uploaded once for one post', async (t) => {
      const stand = await open(t);
      await stand.channel.verify(never);
      const draft = draftOf({ media: [PICTURE, { ...PICTURE, alt: 'The same, by region' }] });
      const key = keyOf(stand);
      const uploads = () =>
        stand.sent.filter(({ request }) => request.safe === true && (request.method ?? 'GET') !== 'GET')
          .length;
      // The answer to the post gets lost, as it may at any time.
      stand.sim.world.faults.set([
        { network: spec.network, kind: 'status', code: 503, operation: 'publish', retryAfter: 1, times: 1 },
      ]);
      t.match(await failureOf(stand.channel.publish(draft, key, never)), { failure: 'unsent' });
      const before = uploads();
      await stand.channel.publish(draft, key, never);
      t.equal(uploads(), before, 'the second try shows what the first has uploaded');
      const [there, ...others] = stand.posts();
      t.same(others, []);
      t.match(there?.raw['media'], [
        { alt: 'Failed payments a minute since 14:05', mime: 'image/png', size: PICTURE.bytes.length },
        { alt: 'The same, by region', mime: 'image/png', size: PICTURE.bytes.length },
      ]);
      t.ok(there?.text.includes(draft.text));

      stand.sent.length = 0;
      for (const wrong of [
        { ...PICTURE, alt: ' ' },
        { ...PICTURE, mime: 'image/svg+xml' },
        { ...PICTURE, bytes: new Uint8Array(0) },
        { ...PICTURE, bytes: new Uint8Array(12_000_000) },
        { ...PICTURE, alt: 'x'.repeat(3_000) },
      ])
        t.match(await failureOf(stand.channel.publish(draftOf({ media: [wrong] }), keyOf(stand), never)), {
          failure: 'rejected',
          code: 'media',
        });
      t.match(
        await failureOf(
          stand.channel.publish(draftOf({ media: Array(11).fill(PICTURE) }), keyOf(stand), never),
        ),
        { code: 'media' },
      );
      t.equal(stand.sent.length, 0, 'refused before anything is sent');
    });

  t.test(`a repeat with the same key: ${can.idempotent}`, async (t) => {
    const stand = await open(t);
    const draft = draftOf();
    const key = keyOf(stand);
    const first = await stand.channel.publish(draft, key, never);
    if (repeatable(can)) {
      const second = await stand.channel.publish(draft, key, never);
      t.equal(second.id, first.id);
      t.equal(stand.live().length, 1, 'one post');
      t.equal(stand.posts()[0]?.receipts, 2, 'that was asked for twice');
    }
    if (can.idempotent === 'window') {
      stand.sim.world.skip((can.idempotentMs ?? 0) - MINUTE);
      await stand.channel.publish(draft, key, never);
      t.equal(stand.live().length, 1, 'still one at the end of the window');
      stand.sim.world.skip(2 * MINUTE);
      await stand.channel.publish(draft, key, never);
      t.equal(stand.live().length, claims.remembers ? 1 : 2, 'two after it: the claim ends there');
    }
    if (can.idempotent === 'always') {
      stand.sim.world.skip(400 * 24 * 60 * MINUTE);
      t.equal((await stand.reopen().publish(draft, key, never)).id, first.id);
      t.equal(stand.live().length, 1, 'still one after a year and a restart');
    }
    if (can.idempotent === 'none') {
      const again = await stand.channel.publish(draft, key, never).catch((error) => error);
      const refused = again instanceof Error;
      if (refused) t.match(again, { failure: 'rejected', duplicate: true });
      t.equal(
        stand.live().length,
        refused ? 1 : 2,
        'the network makes a second, or refuses the words: it knows no key',
      );
    }
  });

  t.test('hostile words go out as words and come back as words', async (t) => {
    const stand = await open(t);
    const text = `${HOSTILE}\r\nX-Injected: 1 https://status.example.com/u/evil1`;
    const post = await stand.channel.publish(
      { text, link: 'https://status.example.com/u/evil1' },
      keyOf(stand),
      never,
    );
    const there = stand.posts()[0]?.text ?? '';
    const stored = there.startsWith('{') ? String(JSON.parse(there).data.text) : there;
    const line = claims.folds ? /\s+/g : /\r\n/g;
    const end = claims.folds ? ' ' : '\n';
    t.equal(stored.replace(line, end), text.replace(line, end), 'nothing added, nothing lost');
    if (can.read) t.ok(sameWords((await stand.channel.read!(post, never))?.text ?? '', text));
    for (const { request } of stand.sent) t.notOk(Object.keys(request.headers ?? {}).includes('x-injected'));
  });
}
