import fc from 'fast-check';
import t from 'tap';
import { type DeliveryRules, isTerminal } from '../../src/domain/delivery.ts';
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
const within = fc.integer({ min: 0, max: TIMEOUT });
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

type Step = (s: Simulation) => void;
const named = (name: string, step: Step) => Object.assign(step, { toString: () => name });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(node, fate)
      .map(([n, f]) => named(`send ${n} ${JSON.stringify(f)}`, (s) => s.send(n, f))),
  },
  { weight: 6, arbitrary: pause.map((ms) => named(`pass ${ms}`, (s) => s.pass(ms))) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(node, fc.boolean(), within)
      .map(([n, works, ms]) =>
        named(`look ${n} ${works} ${ms}`, (s) => s.startLook(n, works || ms % 2 === 0, ms)),
      ),
  },
  { weight: 2, arbitrary: leap.map((ms) => named(`jump ${ms}`, (s) => s.jump(ms))) },
  { weight: 2, arbitrary: node.map((n) => named(`crash ${n}`, (s) => s.crash(n))) },
  { weight: 4, arbitrary: node.map((n) => named(`sweep ${n}`, (s) => s.sweep(n))) },
);

const run = (rules: DeliveryRules, steps: readonly Step[], check: (s: Simulation) => void): Simulation => {
  const s = new Simulation(rules);
  for (const one of steps) {
    one(s);
    check(s);
  }
  return s;
};
const told = (s: Simulation, what: string) =>
  new Error(`${what}\n  ${s.seen.join('\n  ')}\n posts ${s.posts}`);

for (const [name, rules] of Object.entries(NETWORKS))
  t.test(`${name}: one post, whatever happens`, async () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        run(rules, steps, (s) => {
          if (s.posts.length > 1) throw told(s, 'posted twice');
          if (s.d.state === 'delivered' && s.landed() === 0) throw told(s, 'delivered, but not there');
          if ((s.d.state === 'refused' || s.d.state === 'dead') && s.landed() > 0)
            throw told(s, `${s.d.state}, but it is there`);
        });
      }),
      { numRuns: 30_000 },
    );
  });
void isTerminal;
