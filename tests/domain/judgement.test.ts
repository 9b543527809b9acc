import t from 'tap';
import { advise } from '../../src/domain/advice.ts';
import { apologyBlocks, scoreApology } from '../../src/domain/apology.ts';
import { downtime } from '../../src/domain/downtime.ts';
import { citedIn, figuresIn, lintFacts, saysValue } from '../../src/domain/fact.ts';
import { ownerAt, remindersDue } from '../../src/domain/hand-over.ts';
import { factFindings } from '../../src/domain/lint/fact-rules.ts';
import type { LintFact } from '../../src/domain/lint/lint.ts';
import { peopleFindings } from '../../src/domain/lint/people-rules.ts';
import { lintReply } from '../../src/domain/lint/reply.ts';
import { checkMap } from '../../src/domain/message-map.ts';
import { type OverrideQuestion, whyNoOverride } from '../../src/domain/override.ts';
import { assertProved, bestWay, proofNeeded } from '../../src/domain/proof.ts';
import { mayRead, rolesOn } from '../../src/domain/rights.ts';
import { checkPublishAt } from '../../src/domain/update.ts';

const MINUTE = 60_000;

t.test('a value stands in words by itself, never as a part of another', async (t) => {
  for (const [text, value, is] of [
    ['for 1 in 12 customers', '1 in 12', true],
    ['for 1 in 120 customers', '1 in 12', false],
    ['since 14:09 UTC.', '14:09 UTC', true],
    ['12,400 people', '12,400', true],
    ['112,400 people', '12,400', false],
    ['12 people', '12', true],
    ['12.5 people', '12', false],
    ['at 12:30', '12', false],
    ['in Rotterdam.', 'Rotterdam', true],
    ['in Rotterdamse', 'Rotterdam', false],
  ] as const)
    t.equal(saysValue(text, value), is, `${value} in “${text}”`);
  t.strictSame(figuresIn('12,400 people since 14:09 UTC, 8 % or 1 in 12. See https://x.example/7k2 (3).'), [
    '12,400',
    '14:09',
    '8 %',
    '1 in 12',
    '3',
  ]);
});

t.test('L3 and L10 by the ledger: three hits and three near misses each', async (t) => {
  const fact = (more: Partial<LintFact>): LintFact => ({
    key: 'Affected',
    value: '1 in 12',
    state: 'confirmed',
    ...more,
  });
  const ids = (known: string, facts: LintFact[], unknown = '') =>
    factFindings({ blocks: { known, unknown }, body: '', facts }).map((f) => f.id);
  for (const state of ['unconfirmed', 'disputed', 'withdrawn'] as const)
    t.strictSame(ids('It hits 1 in 12.', [fact({ state })]), ['L3'], state);
  t.strictSame(ids('', [fact({ state: 'unconfirmed' })], 'Is it 1 in 12?'), [], 'a question may name it');
  t.strictSame(ids('It hits 1 in 120.', [fact({ state: 'unconfirmed' })]), [], 'another number is not it');
  t.strictSame(
    ids('It hits 1 in 12.', [fact({}), fact({ key: 'Old', state: 'withdrawn' })]),
    [],
    'borne by another',
  );
  t.strictSame(ids('It hits 1 in 8.', [fact({})]), ['L10'], 'a number in its shape');
  t.strictSame(
    ids('It hits 9 people.', [fact({ value: '12', unit: 'people' })]),
    ['L10'],
    'a bare number with its unit',
  );
  t.strictSame(
    ids('It began 02:40.', [fact({ value: '01:30', before: ['02:40'] })]),
    ['L10'],
    'what it was before',
  );
  t.strictSame(ids('It hits 1 in 12, not 1 in 8.', [fact({})]), [], 'the right one stands beside it');
  t.strictSame(ids('It hits 9 shops.', [fact({ value: '12', unit: 'people' })]), [], 'another unit');
  t.strictSame(
    ids('9 people, 12 shops', [fact({ value: '12', unit: 'shops' }), fact({ value: '9', unit: 'people' })]),
    [],
  );
  const ledger = [
    { id: 'a', key: 'k', value: '1', unit: '', kind: 'number', state: 'withdrawn', supersedesId: null },
    { id: 'b', key: 'k', value: '2', unit: '', kind: 'number', state: 'confirmed', supersedesId: 'a' },
  ] as const;
  t.match(
    lintFacts(ledger),
    [{ value: '2', before: ['1'] }],
    'only the newest is held to, and knows the old',
  );
  t.strictSame(
    citedIn('1 or 2', ledger).map((f) => f.id),
    ['b'],
    'nobody rests on what was withdrawn',
  );
});

t.test('L18: personal data, names and deaths before the gate', async (t) => {
  const of = (known: string, more: object = {}) =>
    peopleFindings({
      blocks: { known },
      body: '',
      facts: [],
      grave: true,
      peopleHarmed: true,
      officialHosts: ['status.pay.example'],
      ...more,
    }).map((f) => f.quote);
  t.strictSame(of('Write to jane.doe@mail.example.'), ['jane.doe@mail.example']);
  t.strictSame(of('The card 4111 1111 1111 1111 was used.'), ['4111 1111 1111 1111']);
  t.strictSame(of('Account DE89 3704 0044 0532 0130 00 is blocked.'), ['DE89 3704 0044 0532 0130 00']);
  t.strictSame(of('Two people died.'), ['died']);
  t.strictSame(
    of('Jane Doe is safe.', {
      facts: [{ key: 'Name of the driver', value: 'Jane Doe', state: 'confirmed' }],
    }),
    ['Jane Doe'],
  );
  t.strictSame(of('Write to help@pay.example.'), [], 'our own address');
  t.strictSame(of('Order 4111 1111 1111 1112 is late.'), [], 'no card: the check digit is wrong');
  t.strictSame(of('Families: +60 3 5550 0218.'), [], 'a phone to call');
  t.strictSame(of('Two people died.', { gateOpen: true }), [], 'those close were told');
  t.strictSame(of('The battery died.', { grave: false, peopleHarmed: false }), [], 'not a grave hour');
});

t.test('L19 and L20: a reply answers here and leaves something to do', async (t) => {
  const ids = (text: string) =>
    lintReply({ text, language: 'en', facts: [], officialHosts: [], grave: false, gateOpen: false }).map(
      (f) => f.id,
    );
  t.strictSame(ids('Please call us on 0800 1.'), ['L19']);
  t.strictSame(ids('Write to us.'), ['L19']);
  t.strictSame(ids('Email us at the office.'), ['L19']);
  t.strictSame(ids('We know. Card payments fail since 14:09.'), ['L20']);
  t.strictSame(ids('That is sad to hear.'), ['L20']);
  t.strictSame(ids('Thank you for telling us!'), ['L20']);
  t.strictSame(ids('Your money is safe. You can call us if it is urgent, or wait for our next update.'), []);
  t.strictSame(ids('Please try again in ten minutes.'), []);
  t.strictSame(ids('We tell you more by 14:40: https://pay.example/u/1'), []);
});

t.test('who must show what, and what is worth how much', async (t) => {
  const ways = { passkey: true, code: true, password: true };
  t.equal(bestWay(ways), 'passkey');
  t.equal(proofNeeded({}, 'A', ways), 'passkey', 'one touch, whatever the class');
  t.equal(proofNeeded({ proofFor: [] }, 'B', ways), 'passkey');
  t.equal(proofNeeded({}, 'B', { ...ways, passkey: false }), null, 'nobody types while customers wait');
  t.equal(proofNeeded({ proofFor: ['B'] }, 'B', { ...ways, passkey: false }), 'code');
  t.equal(proofNeeded({}, 'C', { ...ways, passkey: false }), 'code');
  t.equal(proofNeeded({}, 'C', { passkey: false, code: false, password: false }), null);
  t.throws(() => assertProved('passkey', 'password'), { code: 'forbidden' });
  t.throws(() => assertProved('passkey', 'token'), { message: /a program cannot show/ });
  t.doesNotThrow(() => assertProved('code', 'passkey'));
  t.doesNotThrow(() => assertProved('password', 'token'));
});

t.test('roles of one page stand instead of the usual ones there', async (t) => {
  const p = { roles: ['author'] as const, pageRoles: { two: ['viewer'] as const, three: [] } };
  t.strictSame(rolesOn(p, 'one'), ['author']);
  t.strictSame(rolesOn(p, 'two'), ['viewer']);
  t.notOk(mayRead(p, 'three'));
  t.strictSame(rolesOn(p, 'constructor'), ['author'], 'an id is never a property of something else');
  t.strictSame(rolesOn({ roles: ['admin'], pageRoles: { two: [] } }, 'two'), ['admin']);
});

t.test('when the glass may be broken', async (t) => {
  const q: Omit<OverrideQuestion, 'reason' | 'sentence' | 'proved' | 'seenHash'> = {
    state: 'in_review',
    class: 'A',
    preCleared: true,
    corrects: false,
    voiceOf: null,
    hash: 'h',
    person: { id: 'sam', roles: ['author'] },
    policy: {},
    requestedAt: 0,
    someoneLooks: false,
    before: 0,
  };
  t.equal(whyNoOverride(q, 90_000), null);
  for (const [more, why] of [
    [{ state: 'draft' }, /Ask for approval first/],
    [{ person: { id: 'v', roles: ['viewer'] } }, /somebody who may write/],
    [{ class: 'B' }, /class B never/],
    [{ preCleared: false }, /only pre-cleared words/],
    [{ before: 3 }, /3 times/],
    [{ someoneLooks: true }, /has opened these words/],
    [{ requestedAt: 1_000 }, /1 s more/],
    [{ policy: { overrideClasses: [] } }, /never go out/],
  ] as const)
    t.match(whyNoOverride({ ...q, ...more } as typeof q, 90_000), why, JSON.stringify(more));
  t.equal(
    whyNoOverride({ ...q, class: 'D', preCleared: false, corrects: true }, 0),
    null,
    'a correction at once',
  );
});

t.test('owners, reminders, downtime, times', async (t) => {
  const h = { fromId: 'a', toId: 'b', state: 'accepted', askedAt: 5, answeredAt: 10, reminders: 0 } as const;
  const incident = { createdAt: 1, firstOwnerId: 'a' };
  t.equal(ownerAt(incident, [h], 0), undefined);
  t.equal(ownerAt(incident, [h], 9), 'a');
  t.equal(ownerAt(incident, [h], 10), 'b');
  const open = { ...h, state: 'asked', answeredAt: null, askedAt: 0 } as const;
  t.equal(remindersDue(open, 5 * MINUTE), 1);
  t.equal(remindersDue({ ...open, reminders: 3 }, 60 * MINUTE), 0, 'three are enough');
  t.strictSame(
    downtime(
      [
        { at: 0, connectionId: 'x', ready: false },
        { at: 20, connectionId: 'x', ready: true },
        { at: 30, connectionId: 'y', ready: false },
      ],
      10,
      50,
    ),
    [
      { connectionId: 'y', ms: 20 },
      { connectionId: 'x', ms: 10 },
    ],
  );
  t.throws(() => checkPublishAt({ publishAt: 5, plannedOf: null }, 6), { message: /has passed/ });
  t.throws(() => checkPublishAt({ publishAt: 8 * 86_400_000, plannedOf: null }, 6), { message: /7 days/ });
  t.doesNotThrow(() => checkPublishAt({ publishAt: 5, plannedOf: 'x' }, 6));
});

t.test('the adviser, the apology and the map', async (t) => {
  for (const [cause, preventable, before, posture] of [
    ['us', true, false, 'rebuild'],
    ['us', true, true, 'rebuild'],
    ['us', false, true, 'rebuild'],
    ['us', false, false, 'diminish'],
    ['outside', true, true, 'diminish'],
    ['outside', false, true, 'inform'],
    ['outside', true, false, 'inform'],
    ['unknown', true, true, 'inform'],
  ] as const) {
    const given = advise({ cause, preventable, before });
    t.equal(given.posture, posture, `${cause}, ${preventable}, ${before}`);
    t.match(given.say[0], /do now/, 'what people should do comes first');
  }
  t.match(scoreApology({ regret: 'Sorry.' }), { score: 1, isApology: false });
  const whole = { regret: 'We are sorry.', responsibility: 'That was our fault.', repair: 'We refund you.' };
  t.match(scoreApology(whole), { score: 3, isApology: true });
  t.strictSame(apologyBlocks(whole), { care: 'We are sorry. That was our fault.', doing: 'We refund you.' });
  const say = (text: string) => ({ text, supports: [] });
  const good = [
    'Your money is safe.',
    'We charge each order once only.',
    'If you see two charges, we refund the second within three days.',
  ];
  t.strictSame(checkMap('Was I charged twice?', good.map(say)), [], '22 words');
  t.match(checkMap('?', [say('word '.repeat(28))]), [{ level: 'warn' }], '28 words');
  t.match(checkMap('?', [...good, 'One more.'].map(say)), [{ level: 'block' }], 'four messages');
});
