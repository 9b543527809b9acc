import type { Test } from 'tap';
import { sameWords } from '../../src/channels/same-words.ts';
import { type Claims, HTTP, type Opening, repeatable } from './contract-claims.ts';
import { draftOf, failureOf, failWithGone, keyOf, never, TIMEOUT_MS } from './stand-in.ts';

const MINUTE = 60_000;

/** The part of the contract that is about what goes wrong: refusals, limits, lost answers, and what is said of them. */
export function troubleContract(t: Test, claims: Claims, { open, faulty }: Opening): void {
  const { can, wire = HTTP } = claims;

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
      if (repeatable(can)) {
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
