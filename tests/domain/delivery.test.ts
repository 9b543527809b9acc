import t from 'tap';
import type { DeliveryEvent, DeliveryFacts, DeliveryRules } from '../../src/domain/delivery.ts';
import { LEASE_MS, settleMs } from '../../src/domain/delivery-times.ts';
import { DELIVERY_STATES, type DeliveryState } from '../../src/domain/words.ts';
import { at, failed, move, NOW, rules, tick } from './facts.ts';

/** Every event, and where it leads from each state; from any state that is not named it is refused. */
const TABLE: [DeliveryEvent, Partial<Record<DeliveryState, DeliveryState>>][] = [
  [{ type: 'claimed', by: 'me' }, { pending: 'leased' }],
  [{ type: 'sending', by: 'me' }, { leased: 'sending' }],
  [
    { type: 'accepted' },
    {
      pending: 'accepted',
      sending: 'accepted',
      unknown: 'accepted',
      reconciling: 'accepted',
      accepted: 'accepted',
      held: 'accepted',
      manual: 'accepted',
    },
  ],
  [failed('rejected'), { sending: 'refused' }],
  [failed('auth'), { sending: 'pending' }],
  [failed('limited'), { sending: 'pending' }],
  [failed('unsent'), { sending: 'pending' }],
  [failed('unknown'), { sending: 'unknown' }],
  [{ type: 'lost' }, { leased: 'pending', sending: 'unknown', reconciling: 'unknown', accepted: 'accepted' }],
  [
    { type: 'looking', by: 'me' },
    { unknown: 'reconciling', accepted: 'accepted' },
  ],
  [
    { type: 'seen' },
    { reconciling: 'delivered', accepted: 'delivered', held: 'delivered', unknown: 'delivered' },
  ],
  [
    { type: 'absent', began: tick.mono },
    { reconciling: 'unknown', accepted: 'accepted' },
  ],
  [
    { type: 'look_failed', message: 'timeout' },
    { reconciling: 'unknown', accepted: 'accepted' },
  ],
  [{ type: 'superseded' }, { pending: 'superseded', manual: 'superseded' }],
  [
    { type: 'cancelled', reason: 'Closed.' },
    { pending: 'cancelled', leased: 'cancelled', manual: 'cancelled' },
  ],
  [
    { type: 'quarantined' },
    {
      pending: 'unknown',
      leased: 'unknown',
      sending: 'unknown',
      unknown: 'unknown',
      reconciling: 'unknown',
      accepted: 'accepted',
    },
  ],
  [
    { type: 'confirmed_by_person' },
    {
      held: 'manual_confirmed',
      unknown: 'manual_confirmed',
      accepted: 'manual_confirmed',
      dead: 'manual_confirmed',
      refused: 'manual_confirmed',
      manual: 'manual_confirmed',
      cancelled: 'manual_confirmed',
    },
  ],
  [
    { type: 'resend_by_person' },
    { held: 'pending', dead: 'pending', refused: 'pending', cancelled: 'pending' },
  ],
  [{ type: 'amended' }, { pending: 'superseded', manual: 'superseded' }],
  [{ type: 'pointless', reason: 'It was never there.' }, { pending: 'skipped' }],
  [
    { type: 'given_up_by_person', reason: 'Not needed.' },
    {
      held: 'cancelled',
      dead: 'cancelled',
      refused: 'cancelled',
      manual: 'cancelled',
      pending: 'cancelled',
      unknown: 'cancelled',
    },
  ],
];

t.test('every event from every state', async (t) => {
  for (const [event, to] of TABLE) {
    const name = 'failure' in event ? `failed ${event.failure}` : event.type;
    for (const state of DELIVERY_STATES) {
      const next = to[state];
      if (next === undefined)
        t.throws(
          () => move(at(state), event),
          { name: 'DomainError', code: 'conflict' },
          `${name} from ${state} is refused`,
        );
      else {
        const after = move(at(state), event);
        t.equal(after.state, next, `${name}: ${state} → ${next}`);
        const working = ['leased', 'sending', 'reconciling'].includes(next) || event.type === 'looking';
        t.equal(
          after.leaseBy !== null,
          working,
          `${name}: ${state} → ${next} ${working ? 'has' : 'gives back'} its lease`,
        );
      }
    }
  }
});

t.test('where a request goes that may have arrived, by what the network can do', async (t) => {
  const kinds: [string, Partial<DeliveryRules>, DeliveryState][] = [
    ['always idempotent', { idempotent: 'always' }, 'pending'],
    ['the receiver drops repeats', { idempotent: 'receiver', find: false, read: false }, 'pending'],
    ['remembers the key for a while, readable', { idempotent: 'window' }, 'unknown'],
    ['remembers the key for a while, unreadable', { idempotent: 'window', find: false }, 'held'],
    ['readable', {}, 'unknown'],
    ['unreadable, public', { find: false }, 'held'],
    ['unreadable, an alert', { find: false, whenUnverifiable: 'resend' }, 'pending'],
  ];
  for (const [name, more, to] of kinds)
    for (const event of [failed('unknown'), { type: 'lost' } as const]) {
      const after = move(at('sending'), event, { ...rules, ...more });
      t.equal(after.state, to, `${name}: ${event.type} → ${to}`);
      t.equal(after.mayBeThere, true, `${name}: it is remembered that it may be there`);
    }
  const tries = move(at('sending', { attempts: 12 }), failed('unknown'));
  t.equal(tries.state, 'held', 'nobody tries for ever');
  t.match(tries.reason, /12 tries/);
  const old = at('sending', { attempts: 3, createdAt: NOW - 25 * 3_600_000 });
  t.equal(
    move({ ...old, attempts: 1 }, failed('unknown')).state,
    'unknown',
    'a clock that jumped a day is no reason to give up the first look',
  );
  t.equal(
    move(old, failed('unknown'), { ...rules, idempotent: 'always' }).state,
    'held',
    'nor on news of yesterday',
  );
});

t.test('a refusal after an uncertain try is not the end of it', async (t) => {
  const unsure = at('sending', { mayBeThere: true, attempts: 2 });
  t.equal(
    move(unsure, failed('rejected', { duplicate: true })).state,
    'unknown',
    'a duplicate is looked for',
  );
  t.equal(move(unsure, failed('rejected')).state, 'unknown', 'and so is any other');
  t.equal(move(unsure, failed('rejected'), { ...rules, find: false }).state, 'held');
  t.equal(
    move(unsure, failed('rejected'), { ...rules, find: false, idempotent: 'receiver' }).state,
    'refused',
  );
  t.equal(
    move(at('sending'), failed('rejected', { duplicate: true })).state,
    'refused',
    'a first try is simply refused',
  );
  const yesterday = { attempts: 90, createdAt: NOW - 25 * 3_600_000 };
  t.equal(move({ ...unsure, ...yesterday }, failed('unsent')).state, 'held');
  t.equal(move(at('sending', yesterday), failed('unsent')).state, 'dead');
  const hour = move(at('sending', { attempts: 60, createdAt: NOW - 3_600_000 }), failed('unsent'));
  t.match(hour, { state: 'pending', nextAt: NOW + 60_000 }, 'an outage of an hour does not end it');
});

t.test('what may be there is neither superseded nor called cancelled', async (t) => {
  t.throws(() => move(at('pending', { mayBeThere: true }), { type: 'superseded' }), { code: 'conflict' });
  for (const state of ['pending', 'leased'] as const)
    t.equal(move(at(state, { mayBeThere: true }), { type: 'cancelled', reason: 'Closed.' }).state, 'held');
});

t.test(
  'sending is written with its attempt, only by the owner, and only while the lease outlives the request',
  async (t) => {
    const leased = at('leased', { absences: 2, absentBy: 'me', absentMono: 3 });
    const sending = move(leased, { type: 'sending', by: 'me' });
    t.match(sending, {
      attempts: 1,
      sentAt: NOW,
      firstSentAt: NOW,
      absences: 0,
      absentBy: null,
      absentMono: null,
    });
    t.equal(move({ ...leased, firstSentAt: 7 }, { type: 'sending', by: 'me' }).firstSentAt, 7);
    t.throws(() => move(leased, { type: 'sending', by: 'other' }), { code: 'conflict' });
    const short = { ...leased, leaseUntil: NOW + rules.timeoutMs + 4_999 };
    t.throws(() => move(short, { type: 'sending', by: 'me' }), { code: 'conflict' });
    t.throws(() => move({ ...leased, leaseUntil: null }, { type: 'sending', by: 'me' }), {
      code: 'conflict',
    });
    t.equal(
      move({ ...leased, leaseUntil: NOW + rules.timeoutMs + 5_000 }, { type: 'sending', by: 'me' }).state,
      'sending',
    );
    t.match(move(at('pending'), { type: 'claimed', by: 'me' }), {
      leaseBy: 'me',
      leaseUntil: NOW + LEASE_MS,
    });
  },
);

t.test('a network that cannot be read back gives delivered at once, and says so', async (t) => {
  const after = move(at('sending'), { type: 'accepted' }, { ...rules, read: false });
  t.equal(after.state, 'delivered');
  t.match(after.reason, /cannot be read back/);
});

t.test('two looks, a settle time apart, and only then again', async (t) => {
  const settle = settleMs(rules);
  t.equal(settle, 42_000, 'timeout, lag and skew');
  const look = (d: DeliveryFacts, began: number, boot = 'me', now = NOW) =>
    move({ ...d, state: 'reconciling', leaseBy: boot }, { type: 'absent', began }, rules, {
      now,
      mono: began + 100,
      boot,
    });
  const first = look(at('reconciling'), 1_000);
  t.match(first, { state: 'unknown', absences: 1, absentBy: 'me', absentMono: 1_000, nextAt: NOW + 10_000 });
  const early = look(first, 1_000 + settle - 1);
  t.match(early, { state: 'unknown', absences: 2, absentMono: 1_000, nextAt: NOW + settle });
  t.match(look(early, 1_000 + settle), { state: 'pending', mayBeThere: false, nextAt: NOW });
  t.equal(look(first, 1_000 + settle, 'other').state, 'unknown', 'another run reads another clock');
  t.match(look(first, 1_000 + settle, 'other'), {
    absences: 1,
    absentBy: 'other',
    absentMono: 1_000 + settle,
  });
  t.equal(look(first, 1_000 + settle, 'me', NOW - 86_400_000).state, 'pending', 'the wall clock has no say');
  const slow = move({ ...first, state: 'reconciling' }, { type: 'absent', began: 20_000 }, rules, {
    ...tick,
    mono: 1_000 + settle,
  });
  t.equal(slow.state, 'unknown', 'an answer that took long shows what was there when it was asked for');
  const instant = { ...rules, timeoutMs: 0, lagMs: 0, skewMs: 0 };
  const one = move(at('reconciling'), { type: 'absent', began: 5 }, instant);
  t.equal(one.state, 'unknown', 'one look is never enough, even where nothing has to settle');
  t.equal(move({ ...one, state: 'reconciling' }, { type: 'absent', began: 5 }, instant).state, 'pending');
});

t.test('what was accepted and is not shown waits for a person and is never sent again', async (t) => {
  const first = move(at('accepted'), { type: 'absent', began: 0 });
  t.match(first, { state: 'accepted', absences: 1 });
  const second = move(first, { type: 'absent', began: settleMs(rules) });
  t.match(second, { state: 'held', heldAt: NOW });
  t.equal(move(second, { type: 'seen' }).state, 'delivered');
  const later = at('accepted', { createdAt: NOW - 25 * 3_600_000 });
  t.equal(
    move(later, { type: 'look_failed', message: 'timeout' }).state,
    'held',
    'nor is it looked for for ever',
  );
});
