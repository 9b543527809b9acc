import t from 'tap';
import { isTerminal, needsPerson } from '../../src/domain/delivery.ts';
import { rulesOf } from '../../src/domain/delivery-rules.ts';
import { backoffMs, isDue, LEASE_MS, LONGEST_WAIT_MS, leaseIsOver } from '../../src/domain/delivery-times.ts';
import { HOLD_BACK_MS, holdsBack } from '../../src/domain/delivery-waits.ts';
import { DELIVERY_STATES } from '../../src/domain/words.ts';
import { at, failed, move, NOW, rules } from './facts.ts';

t.test('a network may make us wait, but not for long, and never less than a second', async (t) => {
  const waits: [number | undefined, number][] = [
    [undefined, 4_000],
    [90_000, 90_000],
    [0, 1_000],
    [-5, 1_000],
    [1e12, LONGEST_WAIT_MS],
  ];
  for (const [retryAfterMs, wait] of waits) {
    const after = move(at('sending'), failed('limited', retryAfterMs === undefined ? {} : { retryAfterMs }));
    t.match(after, { state: 'pending', nextAt: NOW + wait, attempts: 0 }, `${retryAfterMs} → ${wait}`);
  }
  t.match(
    move(at('sending'), failed('auth')),
    { nextAt: NOW, attempts: 0 },
    'a refused account costs no attempt',
  );
  t.match(move(at('sending'), failed('unsent', { retryAfterMs: 60_000 })), {
    nextAt: NOW + 60_000,
    attempts: 1,
  });
  t.match(move(at('sending'), failed('unsent', { retryAfterMs: 1e12 })), { nextAt: NOW + LONGEST_WAIT_MS });
  t.same([0, 1, 2, 3, 10, 11, 1_000].map(backoffMs), [
    1_000,
    1_000,
    2_000,
    4_000,
    512_000,
    LONGEST_WAIT_MS,
    LONGEST_WAIT_MS,
  ]);
});

t.test('clocks that jumped do not keep a delivery waiting', async (t) => {
  t.equal(isDue({ nextAt: NOW }, NOW), true);
  t.equal(isDue({ nextAt: NOW + 1 }, NOW), false);
  t.equal(isDue({ nextAt: NOW + LONGEST_WAIT_MS }, NOW), false);
  t.equal(isDue({ nextAt: NOW + 86_400_000 }, NOW), true, 'no wait is that long: the clock was put back');
  t.throws(() => move(at('pending', { nextAt: NOW + 1 }), { type: 'claimed', by: 'me' }), {
    code: 'conflict',
  });
  t.throws(() => move(at('unknown', { nextAt: NOW + 1 }), { type: 'looking', by: 'me' }), {
    code: 'conflict',
  });
  t.equal(leaseIsOver({ leaseUntil: NOW + LEASE_MS }, NOW), false);
  t.equal(leaseIsOver({ leaseUntil: NOW }, NOW), true);
  t.equal(leaseIsOver({ leaseUntil: null }, NOW), true);
  t.equal(leaseIsOver({ leaseUntil: NOW + 86_400_000 }, NOW), true);
});

t.test('which earlier delivery keeps a later one waiting, which need a person, which are over', async (t) => {
  const waits = new Set(['pending', 'leased', 'sending', 'unknown', 'reconciling']);
  const over = new Set([
    'delivered',
    'refused',
    'dead',
    'superseded',
    'cancelled',
    'skipped',
    'manual_confirmed',
  ]);
  const person = new Set(['held', 'manual', 'dead', 'refused']);
  for (const state of DELIVERY_STATES) {
    if (state !== 'held')
      t.equal(holdsBack({ state, heldAt: null }, NOW), waits.has(state), `${state} holds back`);
    t.equal(isTerminal(state), over.has(state), `${state} is over`);
    t.equal(needsPerson(state), person.has(state), `${state} needs a person`);
  }
  t.equal(holdsBack({ state: 'held', heldAt: NOW - HOLD_BACK_MS + 1 }, NOW), true);
  t.equal(
    holdsBack({ state: 'held', heldAt: NOW - HOLD_BACK_MS }, NOW),
    false,
    'five minutes, then it lets go',
  );
  t.equal(holdsBack({ state: 'held', heldAt: null }, NOW), false);
  const correction = { state: 'pending', heldAt: null, way: 'wait' } as const;
  t.equal(holdsBack({ ...correction, createdAt: NOW - HOLD_BACK_MS + 1 }, NOW), true);
  t.equal(
    holdsBack({ ...correction, createdAt: NOW - HOLD_BACK_MS }, NOW),
    false,
    'so does what waits for it',
  );
  t.equal(holdsBack({ state: 'held', heldAt: NOW + 3_600_000 }, NOW), false, 'nor by a clock that was ahead');
});

t.test(
  'a person who asks for it again starts the count anew; a copy of the database asks first',
  async (t) => {
    const again = move(at('held', { attempts: 12, mayBeThere: true }), { type: 'resend_by_person' });
    t.match(again, { state: 'pending', attempts: 0, heldAt: null, nextAt: NOW });
    const copied = move(at('pending'), { type: 'quarantined' });
    t.match(copied, { state: 'unknown', mayBeThere: true, absences: 0 }, 'it is looked for');
    const blind = { ...rules, find: false, idempotent: 'none' } as const;
    const unreadable = move(at('pending'), { type: 'quarantined' }, blind);
    t.match(unreadable, { state: 'held', heldAt: NOW, mayBeThere: true }, 'or a person looks');
    const dropsRepeats = { ...blind, idempotent: 'receiver' } as const;
    const safe = move(at('pending'), { type: 'quarantined' }, dropsRepeats);
    t.match(safe, { state: 'pending', mayBeThere: true }, 'or the receiver drops it');
  },
);

t.test('rules come from what the network can do', async (t) => {
  const can = {
    replies: true,
    edit: 'none',
    remove: true,
    idempotent: 'none',
    find: true,
    read: false,
    inbound: 'none',
    altText: false,
    lagMs: 7,
    whenUnverifiable: 'hold',
    everyUpdate: false,
  } as const;
  t.match(rulesOf(can), { find: true, read: false, lagMs: 7, timeoutMs: 30_000, maxAgeMs: 24 * 3_600_000 });
  t.equal(
    rulesOf({ ...can, everyUpdate: true }, 5).maxAgeMs,
    76 * 3_600_000,
    'programs are tried for three days',
  );
});
