import type { Test } from 'tap';
import { sameWords } from '../../src/channels/same-words.ts';
import type { Abilities, Limits } from '../../src/domain/channel.ts';
import type { AccountSpec } from '../../src/simulator/facts.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import { measure } from '../../src/templates/measure.ts';
import { readingContract } from './contract-reading.ts';
import {
  connect,
  draftOf,
  failureOf,
  failWithGone,
  keyOf,
  never,
  type Stand,
  TIMEOUT_MS,
} from './stand-in.ts';

/** What the suite has to be told about one kind of account; everything else is read from what the channel claims. */
export interface Claims {
  spec: AccountSpec;
  /** What `verify` must say. */
  account: RegExp;
  limits: Limits;
  can: Abilities;
  /** Makes the network refuse by its own rate limit, in its own spelling; gives the failure. */
  exhaust?: (stand: Stand) => Promise<unknown>;
  /** Within how many ms that limit ends at the latest. */
  windowMs?: number;
  /** Anybody may read on this network, so an old token does not matter there. */
  openReads?: boolean;
  /** Statuses that say, on this network, that the connection itself is refused or gone. */
  dead?: readonly number[];
  /** Every answer hangs below the first post of its thread, whichever post it answers. */
  flat?: boolean;
  /** It takes an answer to a post that is gone. */
  takesOrphans?: boolean;
  /** It asks us to wait without saying how long. */
  silentLimit?: boolean;
  /** Its yes is a status without a body. */
  bodiless?: boolean;
  /** It states waits in whole steps of this many ms. */
  waitStepMs?: number;
  /** What it tells of those who speak; by default a handle and a name. */
  tells?: 'names' | 'handles' | 'ids';
  /** Every post is a picture of its own link. */
  pictured?: boolean;
  /** How it says no, and how its answers get lost, where it does not speak HTTP. */
  wire?: Wire;
  /** The longest text that fits and ends so, where that is not `limits.max` letters. */
  longest?: (end: string) => string;
  /** Its posts have no address that could be opened. */
  unlinked?: boolean;
  /** It has no threads: who wrote is answered by address. */
  addressed?: boolean;
  /** A first post is known for longer than the window, which is that of answers. */
  remembers?: boolean;
  /** Its posts are one line: line breaks and runs of spaces become one space. */
  folds?: boolean;
  /** Secrets that only check what comes in. */
  inboundSecrets?: readonly string[];
}

interface Loss {
  fault: Omit<Fault, 'network'>;
  /** Whether the network has the post all the same. */
  there: boolean;
}
export interface Wire {
  refusals: readonly number[];
  /** Asks us to wait. */
  busy: number;
  /** Is not available, and has done nothing. */
  away: number;
  lost: readonly Loss[];
  /** It can send us elsewhere. */
  redirects: boolean;
}
const HTTP: Wire = {
  refusals: [400, 403, 404, 422],
  busy: 429,
  away: 503,
  redirects: true,
  lost: [
    { fault: { kind: 'drop_after' }, there: true },
    { fault: { kind: 'error_after', code: 502 }, there: true },
    { fault: { kind: 'error_after', code: 500 }, there: true },
    { fault: { kind: 'delay', ms: TIMEOUT_MS * 3, after: true }, there: true },
    { fault: { kind: 'slow_body', ms: TIMEOUT_MS * 3 }, there: true },
    { fault: { kind: 'drop_before' }, there: false },
    { fault: { kind: 'html_200' }, there: false },
    { fault: { kind: 'status', code: 500 }, there: false },
    { fault: { kind: 'status', code: 504 }, there: false },
  ],
};

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

/** Every promise of the contract, held against a network that answers, refuses, breaks and lies as the real one does. */
export function channelContract(t: Test, claims: Claims): void {
  const { can, spec, wire = HTTP } = claims;
  const open = (t: Test, options = {}) => connect(t, spec, { rates: 'open', ...options });
  const faulty = async (t: Test, ...faults: Omit<Fault, 'network'>[]) => {
    const stand = await open(t);
    // The first call may have to log in; a fault is about the call that is tested.
    await stand.channel.verify(never);
    stand.sim.world.faults.set(faults.map((fault) => ({ ...fault, network: spec.network })));
    return stand;
  };
  const repeatable =
    can.idempotent === 'always' || can.idempotent === 'receiver' || can.idempotent === 'window';

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
    if (repeatable) {
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

  t.test('a refusal is a refusal, with the words of the network', async (t) => {
    for (const code of wire.refusals) {
      const stand = await faulty(t, { kind: 'status', code, operation: 'publish' });
      const error = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never));
      const failure = claims.dead?.includes(code) ? 'auth' : 'rejected';
      t.match(error, { failure, status: code, message: /\w{4,}.*\.|It said/ });
      t.equal(stand.posts().length, 0);
    }
    if (!wire.redirects) return;
    const moved = await faulty(t, {
      kind: 'redirect',
      operation: 'publish',
      location: 'http://169.254.169.254/',
    });
    t.match(await failureOf(moved.channel.publish(draftOf(), keyOf(moved), never)), {
      failure: 'rejected',
      code: 'redirect',
    });
  });

  t.test('credentials that are refused stop the connection, not the message', async (t) => {
    const stand = await faulty(t, { kind: 'expired_token', operation: 'publish' });
    const error = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never));
    t.equal(error.failure, 'auth');
    t.equal(stand.posts().length, 0);
    for (const [name, value] of Object.entries(stand.account.secrets)) {
      if (claims.inboundSecrets?.includes(name)) continue;
      const other = value.startsWith('whsec_')
        ? `whsec_${Buffer.alloc(24, 7).toString('base64')}`
        : `${value}x`;
      const wrong = await failureOf(
        stand.reopen({ [name]: other, session: '' }).publish(draftOf(), keyOf(stand), never),
      );
      t.equal(wrong.failure, 'auth', `wrong ${name}`);
    }
    t.equal(stand.posts().length, 0);
  });

  t.test('when it is asked to wait it says how long', async (t) => {
    const stand = await faulty(t, { kind: 'status', code: wire.busy, retryAfter: 37, operation: 'publish' });
    const error = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never));
    t.equal(error.failure, 'limited');
    const wait = error.retryAfterMs ?? 0;
    if (claims.silentLimit)
      t.equal(error.retryAfterMs, undefined, 'when the network does not say, nor do we');
    else {
      const step = claims.waitStepMs ?? 1_000;
      t.ok(wait > 35_000 && wait <= Math.ceil(37_000 / step) * step + 1_000, `${wait} ms`);
    }
    t.equal(stand.posts().length, 0);
    if (claims.exhaust === undefined) return;
    const busy = await open(t, { rates: 'real' });
    const limit = await failureOf(claims.exhaust(busy));
    t.equal(limit.failure, 'limited', 'its own limit');
    if (claims.silentLimit) return;
    const own = limit.retryAfterMs ?? 0;
    const window = claims.windowMs ?? 0;
    t.ok(own > window - MINUTE && own <= window + 1_000, `${own} ms of ${window}`);
  });

  t.test('an answer that is lost or makes no sense is unknown, and a look tells', async (t) => {
    for (const { fault, there } of wire.lost) {
      // To a receiver any 2xx is a yes, whatever the body says.
      if (can.idempotent === 'receiver' && (fault.kind === 'html_200' || fault.kind === 'slow_body'))
        continue;
      if (claims.bodiless && fault.kind === 'slow_body') continue;
      const name = `${fault.kind} ${fault.code ?? ''}`.trim();
      const stand = await faulty(t, { ...fault, operation: 'publish', times: 1 });
      const draft = draftOf();
      const key = keyOf(stand);
      const error = await failureOf(stand.channel.publish(draft, key, never));
      t.equal(error.failure, 'unknown', name);
      t.equal(stand.posts().length, there ? 1 : 0, `${name}: the truth`);
      const found = await stand.channel.find?.(draft, key, never);
      if (can.find) t.equal(found?.id, there ? stand.posts()[0]?.id : undefined, `${name}: what a look says`);
      if (found) t.ok(sameWords(found.text, draft.text), `${name}: and shows the words`);
      if (repeatable) {
        await stand.channel.publish(draft, key, never);
        t.equal(stand.live().length, 1, `${name}: one post after the repeat`);
      }
    }
  });

  t.test('what surely was not sent is unsent', async (t) => {
    const stand = await faulty(t, { kind: 'status', code: wire.away, retryAfter: 20, operation: 'publish' });
    const busy = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never));
    t.match(busy, { failure: 'unsent', retryAfterMs: 20_000 });
    await stand.sim.close();
    t.match(await failureOf(stand.channel.publish(draftOf(), keyOf(stand), never)), {
      failure: 'unsent',
      code: 'ECONNREFUSED',
    });
  });

  t.test('it stops when it is told to', async (t) => {
    const stand = await faulty(t, { kind: 'delay', ms: TIMEOUT_MS * 3, operation: 'any' });
    const stop = new AbortController();
    const work = failureOf(stand.channel.publish(draftOf(), keyOf(stand), stop.signal));
    stop.abort();
    t.match((await work).failure, /^(unsent|unknown)$/);
    const late = await failureOf(stand.channel.publish(draftOf(), keyOf(stand), AbortSignal.abort()));
    t.equal(late.failure, 'unsent');
  });

  readingContract(t, claims, { open, faulty });

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

  t.test('no secret is in any error', async (t) => {
    for (const kind of ['drop_before', 'status', 'html_200', 'expired_token', 'redirect'] as const) {
      const stand = await faulty(t, { kind, code: 500, operation: 'any' });
      const error = await failureOf(
        stand.channel.publish(draftOf(), keyOf(stand), never).then(() => failWithGone()),
      );
      const words = `${error.message} ${error.code} ${error.stack} ${error.cause} ${JSON.stringify(error)}`;
      for (const secret of Object.values(stand.account.secrets)) t.notOk(words.includes(secret), kind);
    }
  });
}
