import fc from 'fast-check';
import t from 'tap';
import {
  AMEND_WAYS,
  type AmendQuestion,
  type Fate,
  fateOf,
  formOf,
  type Proof,
  rowsOf,
  type WrongPost,
  type WrongRow,
  wayOf,
} from '../../src/domain/amend.ts';
import { newestOf, standings, type Versioned, versionsOf } from '../../src/domain/versions.ts';
import { AMENDS, DELIVERY_STATES } from '../../src/domain/words.ts';
import { MINUTE, NETWORKS } from '../house.ts';

const EDITS = { ...NETWORKS.findable, edit: 'in_place' } as const;
const post = (more: Partial<WrongPost> = {}): WrongPost => ({
  deliveryId: 'd1',
  part: 0,
  acceptedAt: 0,
  byPerson: false,
  ...more,
});
const there = (...posts: WrongPost[]): Fate => ({ is: 'there', posts });
const ask = (more: Partial<AmendQuestion>) => {
  const { way, orElse } = wayOf({
    amends: 'correction',
    fate: there(post()),
    can: EDITS,
    byHand: false,
    parts: 1,
    now: MINUTE,
    ...more,
  });
  return orElse === null ? way : `${way}, else ${orElse}`;
};

t.test('what is done on a network, by what it can do and what is there', async (t) => {
  const table: [string, Partial<AmendQuestion>, string][] = [
    ['it can be changed', {}, 'edit, else reply'],
    ['changed, but not answered', { can: { ...EDITS, replies: false } }, 'edit, else new'],
    ['answered only', { can: NETWORKS.findable }, 'reply'],
    ['neither', { can: { ...NETWORKS.findable, replies: false } }, 'new'],
    [
      'the window is open',
      { can: { ...EDITS, editWindowMs: 30 * MINUTE }, now: 29 * MINUTE },
      'edit, else reply',
    ],
    [
      'the window is about to close',
      { can: { ...EDITS, editWindowMs: 30 * MINUTE }, now: 29.6 * MINUTE },
      'reply',
    ],
    [
      'a clock that jumped back',
      { can: { ...EDITS, editWindowMs: 30 * MINUTE }, now: -MINUTE },
      'edit, else reply',
    ],
    ['a thread of the same length', { fate: there(post(), post({ part: 1 })), parts: 2 }, 'edit, else reply'],
    ['a thread that gets longer', { fate: there(post(), post({ part: 1 })), parts: 3 }, 'reply'],
    ['a person found it', { fate: there(post({ byPerson: true })) }, 'new'],
    ['nobody knows', { fate: { is: 'open' } }, 'wait'],
    ['never there', { fate: { is: 'absent' } }, 'instead'],
    ['a person gave up looking', { fate: { is: 'maybe' } }, 'new'],
    ['a person posts', { byHand: true }, 'by_hand'],
    ['a person posts, and has not yet', { byHand: true, fate: { is: 'absent' } }, 'by_hand'],
    ['taken back, never there', { amends: 'retraction', fate: { is: 'absent' } }, 'nothing'],
    ['taken back', { amends: 'retraction' }, 'edit, else reply'],
    ['removed', { amends: 'removal' }, 'remove'],
    ['removed, but it stays', { amends: 'removal', can: { ...EDITS, remove: false } }, 'edit, else reply'],
    [
      'removed too late',
      { amends: 'removal', can: { ...EDITS, removeWindowMs: 48 * 60 * MINUTE }, now: 49 * 60 * MINUTE },
      'edit, else reply',
    ],
  ];
  for (const [name, question, expected] of table) t.equal(ask(question), expected, name);
});

t.test('rows of a way: each post that is wrong has one, and what is said is said once', async (t) => {
  const fate = there(post(), post({ deliveryId: 'd2', part: 1 }));
  t.same(
    rowsOf('edit', fate, 2).map((r) => [r.op, r.part, r.targetId]),
    [
      ['edit', 0, 'd1'],
      ['edit', 1, 'd2'],
    ],
  );
  t.same(
    rowsOf('reply', fate, 2).map((r) => [r.op, r.part, r.targetId]),
    [
      ['publish', 0, 'd1'],
      ['publish', 1, null],
    ],
  );
  t.same(
    rowsOf('remove', fate, 1).map((r) => [r.op, r.way, r.part, r.targetId]),
    [
      ['publish', 'new', 0, null],
      ['remove', 'remove', 0, 'd1'],
      ['remove', 'remove', 1, 'd2'],
    ],
  );
  t.same(rowsOf('nothing', fate, 1), []);
  const rendition = { parts: ['changed'], ways: { say: ['answer'], plain: ['alone'] } };
  t.same(
    AMEND_WAYS.map((way) => [way, formOf(rendition, way)[0]]),
    [
      ['wait', 'changed'],
      ['edit', 'changed'],
      ['reply', 'answer'],
      ['new', 'answer'],
      ['instead', 'alone'],
      ['remove', 'answer'],
      ['by_hand', 'answer'],
      ['nothing', 'changed'],
    ],
  );
});

t.test(
  'whatever the rows are, nothing is done while a fate is open, and no wrong post is left unexplained',
  async () => {
    const row = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      updateId: fc.constantFrom('v1', 'v2'),
      op: fc.constantFrom('publish' as const, 'edit' as const),
      part: fc.constantFrom(0, 1),
      state: fc.constantFrom(...DELIVERY_STATES),
      mayBeThere: fc.boolean(),
      targetId: fc.constantFrom('a', 'b', null),
    });
    const proof = fc.record({
      deliveryId: fc.constantFrom('a', 'b', 'c', 'd'),
      proof: fc.constantFrom('answer' as const, 'read' as const, 'person' as const),
      acceptedAt: fc.integer({ min: 0, max: 60 * MINUTE }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 4 }),
        fc.uniqueArray(proof, { selector: (p) => p.deliveryId, maxLength: 4 }),
        fc.constantFrom(...AMENDS),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        (rows: WrongRow[], proofs: Proof[], amends, replies, edits, parts) => {
          const fate = fateOf(['v2', 'v1'], rows, proofs);
          const can = {
            ...NETWORKS.findable,
            replies,
            edit: edits ? ('in_place' as const) : ('none' as const),
          };
          const { way } = wayOf({ amends, fate, can, byHand: false, parts, now: 60 * MINUTE });
          const made = rowsOf(way, fate, parts);
          if (fate.is === 'open') return way === 'wait' && made.length === 0;
          if (fate.is === 'there') {
            const targets = made.filter((r) => r.op !== 'publish').map((r) => r.targetId);
            const isEach = fate.posts.every((p) => targets.includes(p.deliveryId));
            return way === 'edit' || way === 'remove' ? isEach : made.some((r) => r.op === 'publish');
          }
          if (fate.is === 'maybe') return way === 'new';
          return amends === 'correction' ? way === 'instead' : way === 'nothing';
        },
      ),
      { numRuns: 2_000 },
    );
  },
);

t.test('what was said, each thing once, whatever became of it', async (t) => {
  const u = (id: string, seq: number | null, more: Partial<Versioned> = {}): Versioned => ({
    id,
    correctsId: null,
    amends: null,
    state: 'published',
    publishedSeq: seq,
    ...more,
  });
  const all = [
    u('e', null, { correctsId: 'b', amends: 'correction', state: 'draft' }),
    u('d', 4, { correctsId: 'c', amends: 'correction' }),
    u('c', 3, { correctsId: 'a', amends: 'correction', state: 'corrected' }),
    u('b', 2),
    u('a', 1, { state: 'corrected' }),
  ];
  t.match(standings(all), [
    { root: { id: 'b' }, words: { id: 'b' }, before: [], corrected: undefined },
    { root: { id: 'a' }, words: { id: 'd' }, before: [{ id: 'c' }, { id: 'a' }], corrected: { id: 'd' } },
  ]);
  t.equal(newestOf(all)?.root.id, 'b', 'a correction is not news');
  t.same(versionsOf(all, 'd'), ['d', 'c', 'a']);
  const back = [u('z', 5, { correctsId: 'b', amends: 'retraction' }), ...all];
  t.match(standings(back)[0], { root: { id: 'b' }, words: { id: 'b' }, retracted: { id: 'z' } });
  t.equal(newestOf(back)?.root.id, 'a', 'what was taken back is not the newest word');
  t.equal(newestOf([u('h', 9, { heartbeat: true }), ...all])?.root.id, 'b', 'nor is a sign of life');
  const round = [u('p', 1, { correctsId: 'q' }), u('q', 2, { correctsId: 'p' }), u('r', 3)];
  t.equal(standings(round).length, 1, 'nothing goes round in circles');
  t.same(versionsOf(round, 'p'), ['p', 'q']);
});
