import fc from 'fast-check';
import t from 'tap';
import { type DeliveryRules, isTerminal } from '../../src/domain/delivery.ts';
import { LONGEST_WAIT_MS } from '../../src/domain/delivery-times.ts';
import { type Fate, Simulation } from './network.ts';

const TIMEOUT = 30_000;
const HOUR = 3_600_000;
const BASE = { timeoutMs: TIMEOUT, skewMs: 2_000, maxAttempts: 12, maxAgeMs: 24 * HOUR, everyUpdate: false };
const look = { find: true, read: true, lagMs: 20_000, whenUnverifiable: 'hold' } as const;
const blind = { find: false, read: false, lagMs: 0 } as const;

/** One for each guarantee that a network can give. */
const NETWORKS: Record<string, DeliveryRules> = {
  'always idempotent (Bluesky)': { ...BASE, ...look, idempotent: 'always' },
  'idempotent for an hour (Mastodon)': { ...BASE, ...look, idempotent: 'window' },
  'idempotent for an hour, unreadable': {
    ...BASE,
    ...blind,
    idempotent: 'window',
    whenUnverifiable: 'hold',
  },
  'readable (X)': { ...BASE, ...look, idempotent: 'none' },
  'findable at once, not readable': { ...BASE, ...look, read: false, lagMs: 0, idempotent: 'none' },
  'unverifiable, held (Telegram)': { ...BASE, ...blind, idempotent: 'none', whenUnverifiable: 'hold' },
};

const node = fc.nat({ max: 1 });
// The edges are where the trouble is: at once, and at the last moment.
const within = fc.oneof(fc.constantFrom(0, TIMEOUT), fc.integer({ min: 0, max: TIMEOUT }));
const fate: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(within, within)
      .map(([a, b]) => ({ kind: 'ok' as const, after: Math.min(a, b), answers: Math.max(a, b) })),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('reply_lost' as const), after: within, answers: within }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('request_lost' as const), answers: within }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refused' as const),
      failure: fc.constantFrom('limited' as const, 'unsent' as const, 'auth' as const),
      answers: within,
      retryAfterMs: fc.integer({ min: -1_000, max: 10 * HOUR }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refused' as const),
      failure: fc.constant('rejected' as const),
      answers: within,
    }),
  },
);
const pause = fc.oneof(
  fc.integer({ min: 0, max: 15_000 }),
  fc.integer({ min: 15_000, max: 60_000 }),
  fc.integer({ min: 120_000, max: 3 * HOUR }),
);
const leap = fc.oneof(
  fc.integer({ min: -24 * HOUR, max: 24 * HOUR }),
  fc.integer({ min: -5 * 60_000, max: 5 * 60_000 }),
);

/** One move of the world, with a name that a counterexample can be read by. */
interface Step {
  toString(): string;
  take(s: Simulation): void;
}
const step = <T>(weight: number, name: string, of: fc.Arbitrary<T>, take: (s: Simulation, v: T) => void) => ({
  weight,
  arbitrary: of.map(
    (v): Step => ({ toString: () => `${name} ${JSON.stringify(v)}`, take: (s) => take(s, v) }),
  ),
});
const machine = [
  step(6, 'send', fc.tuple(node, fate), (s, [n, f]) => s.claim(n) && s.go(n, f)),
  step(1, 'claim', node, (s, n) => s.claim(n)),
  step(1, 'go', fc.tuple(node, fate), (s, [n, f]) => s.go(n, f)),
  step(6, 'pass', pause, (s, ms) => s.pass(ms)),
  step(6, 'look', fc.tuple(node, fc.nat({ max: 3 }), within), (s, [n, luck, ms]) =>
    s.startLook(n, luck > 0, ms),
  ),
  step(6, 'wait and look', fc.tuple(node, within), (s, [n, ms]) => s.waitAndLook(n, ms)),
  step(2, 'jump', leap, (s, ms) => s.jump(ms)),
  step(2, 'crash', node, (s, n) => s.crash(n)),
  step(4, 'sweep', node, (s, n) => s.sweep(n)),
];
const none = fc.constant(null);
const editors = [
  step(1, 'supersede', none, (s) => s.apply({ type: 'superseded' })),
  step(1, 'cancel', none, (s) => s.apply({ type: 'cancelled', reason: 'The incident was closed.' })),
  step(1, 'quarantine', none, (s) => s.apply({ type: 'quarantined' })),
];
const people = [
  step(1, 'confirm', none, (s) => s.apply({ type: 'confirmed_by_person' })),
  step(2, 'resend', none, (s) => s.apply({ type: 'resend_by_person' })),
  step(1, 'give up', none, (s) => s.apply({ type: 'given_up_by_person', reason: 'Not needed.' })),
];
const story = (...kinds: { weight: number; arbitrary: fc.Arbitrary<Step> }[]) =>
  fc.array(fc.oneof(...kinds), { maxLength: 60, size: 'max' });

/** Plays a story and checks after every step; a failure shows what happened. */
function play(
  rules: DeliveryRules,
  steps: readonly Step[],
  check: (s: Simulation) => string | false,
): Simulation {
  const s = new Simulation(rules);
  for (const one of steps) {
    one.take(s);
    const wrong = check(s);
    if (wrong) throw new Error(`${wrong}\n${s.seen.join('\n')}\nposts at ${s.posts}, now ${s.time}`);
  }
  return s;
}

const RUNS = { numRuns: 400 };
// Rare timings hide the worst bugs: a slow look that a post overtakes shows up once in some thousand stories.
const MANY = { numRuns: 4_000 };

for (const [name, rules] of Object.entries(NETWORKS)) {
  t.test(`${name}: one post, and the truth about it, whatever happens`, async () => {
    fc.assert(
      fc.property(story(...machine, ...editors), (steps) => {
        play(rules, steps, ({ d, posts, time }) => {
          const there = posts.filter((at) => at <= time).length;
          if (posts.length > 1) return 'posted twice';
          if (d.state === 'delivered' && there === 0) return 'delivered, but not there';
          if ((d.state === 'refused' || d.state === 'dead') && there > 0)
            return `${d.state}, but it is there`;
          if ((d.state === 'superseded' || d.state === 'cancelled') && posts.length > 0)
            return `${d.state}, but it went out`;
          return false;
        });
      }),
      MANY,
    );
  });

  t.test(`${name}: comes to rest once the network and the clock behave`, async () => {
    fc.assert(
      fc.property(story(...machine), (steps) => {
        const s = play(rules, steps, () => false);
        // A wait that a network asked for, the skew of a clock put back, and the looks after it.
        s.settle(2 * LONGEST_WAIT_MS + 5 * 60_000);
        if (!isTerminal(s.d.state) && s.d.state !== 'held')
          throw new Error(`still ${s.d.state}\n${s.seen.slice(-20).join('\n')}`);
      }),
      RUNS,
    );
  });
}

t.test('only a person who says so can make a second post, one each time', async () => {
  for (const [name, rules] of Object.entries(NETWORKS))
    fc.assert(
      fc.property(story(...machine, ...editors, ...people), (steps) => {
        play(rules, steps, (s) => {
          const asked = s.seen.filter((line) => line.includes('resend_by_person')).length;
          return s.posts.length > 1 + asked && `${name}: posted ${s.posts.length} times, asked ${asked}`;
        });
      }),
      RUNS,
    );
});

for (const idempotent of ['receiver', 'none'] as const)
  t.test(
    `a direct alert that cannot be looked up goes out again rather than not at all (${idempotent})`,
    async () => {
      const rules: DeliveryRules = { ...BASE, ...blind, idempotent, whenUnverifiable: 'resend' };
      const s = new Simulation(rules);
      s.claim(0);
      s.go(0, { kind: 'request_lost', answers: 10 });
      s.crash(0);
      s.settle(60_000);
      t.equal(s.d.state, 'delivered');
      t.equal(s.landed(), 1);
    },
  );
