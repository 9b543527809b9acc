import fc from 'fast-check';
import t from 'tap';
import {
  checkText,
  checkWords,
  isPublic,
  MAX_BLOCK,
  MAX_BODY,
  moveUpdate,
  UPDATE_MOVES,
  type UpdateMove,
} from '../../src/domain/update.ts';
import { BLOCKS, UPDATE_STATES, type UpdateState } from '../../src/domain/words.ts';

/** Every move from every state, by hand; a dash is a refusal. */
const TABLE: Record<UpdateState, Record<UpdateMove, UpdateState | '-'>> = {
  draft: {
    edit: 'draft',
    request: 'in_review',
    return: '-',
    withdraw: 'withdrawn',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  in_review: {
    edit: 'draft',
    request: '-',
    return: 'returned',
    withdraw: 'withdrawn',
    approve: 'approved',
    expire: 'expired',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  returned: {
    edit: 'draft',
    request: 'in_review',
    return: '-',
    withdraw: 'withdrawn',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  approved: {
    edit: '-',
    request: '-',
    return: 'returned',
    withdraw: 'withdrawn',
    approve: '-',
    expire: 'expired',
    publish: 'published',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  published: {
    edit: '-',
    request: '-',
    return: '-',
    withdraw: '-',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: 'corrected',
    supersede: 'superseded',
    retract: 'retracted',
  },
  withdrawn: {
    edit: 'draft',
    request: '-',
    return: '-',
    withdraw: '-',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  expired: {
    edit: 'draft',
    request: 'in_review',
    return: '-',
    withdraw: 'withdrawn',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
  corrected: {
    edit: '-',
    request: '-',
    return: '-',
    withdraw: '-',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: 'retracted',
  },
  superseded: {
    edit: '-',
    request: '-',
    return: '-',
    withdraw: '-',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: 'corrected',
    supersede: '-',
    retract: 'retracted',
  },
  retracted: {
    edit: '-',
    request: '-',
    return: '-',
    withdraw: '-',
    approve: '-',
    expire: '-',
    publish: '-',
    correct: '-',
    supersede: '-',
    retract: '-',
  },
};

t.test('every move of an update from every state', async (t) => {
  t.same(Object.keys(TABLE), [...UPDATE_STATES]);
  for (const state of UPDATE_STATES)
    for (const move of Object.keys(UPDATE_MOVES) as UpdateMove[]) {
      const to = TABLE[state][move];
      if (to === '-')
        t.throws(
          () => moveUpdate(state, move),
          { code: 'conflict', message: new RegExp(`cannot ${move} this update: it is `) },
          `${state} cannot ${move}`,
        );
      else t.equal(moveUpdate(state, move), to, `${state} ${move} → ${to}`);
    }
});

t.test('approval is the only door to the public, and no way leads back', async () => {
  const moves = Object.keys(UPDATE_MOVES) as UpdateMove[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...moves), { maxLength: 30, size: 'max' }), (story) => {
      let state: UpdateState = 'draft';
      let last: UpdateMove | undefined;
      for (const move of story) {
        const before: UpdateState = state;
        try {
          state = moveUpdate(state, move);
        } catch {
          continue;
        }
        if (isPublic(state) && !isPublic(before) && (before !== 'approved' || last !== 'approve'))
          return false;
        if (isPublic(before) && !isPublic(state)) return false;
        if (before === 'retracted') return false;
        last = move;
      }
      return true;
    }),
    { numRuns: 1_000 },
  );
});

t.test('text that a person wrote', async (t) => {
  const wrong: [string, string, RegExp][] = [
    ['a right-to-left override', 'Send \u202Egnihton\u202C now', /invisible/],
    ['an isolate', 'a\u2066b', /invisible/],
    ['a zero-width space', 'pay\u200Bments', /invisible/],
    ['a byte order mark', '\uFEFFHello', /invisible/],
    ['a null', 'a\0b', /invisible/],
    ['an escape', 'a\u001b[31m', /invisible/],
    ['a C1 control', 'a\u0085b', /invisible/],
    ['half of a pair', 'a\ud83d', /half of a character/],
  ];
  for (const [name, text, message] of wrong)
    t.throws(() => checkText('body', text, 100), { code: 'invalid', field: 'body', message }, name);
  t.throws(() => checkText('body', 'x'.repeat(11), 10), {
    code: 'invalid',
    field: 'body',
    message: /11 characters long; 10 is the most/,
  });
  for (const text of [
    'Plain',
    'Two\nlines\tand a tab\r\n',
    'Zwölf „Ämter“ – 10 €',
    '対応中です。',
    'قيد التحقيق',
    '👩‍👩‍👧 🇨🇭',
    'نمی\u200Cدانیم',
    'e\u0301',
  ])
    t.doesNotThrow(() => checkText('body', text, 100), JSON.stringify(text));
});

t.test('an update must say something', async (t) => {
  t.throws(() => checkWords({ blocks: {}, body: ' \n' }), { code: 'invalid', field: 'blocks' });
  t.throws(() => checkWords({ blocks: { known: ' ', care: '' }, body: '' }), {
    code: 'invalid',
    field: 'blocks',
  });
  t.doesNotThrow(() => checkWords({ blocks: {}, body: 'We know.' }));
  for (const name of BLOCKS) {
    t.doesNotThrow(() => checkWords({ blocks: { [name]: 'Words.' }, body: '' }));
    t.throws(() => checkWords({ blocks: { [name]: 'x'.repeat(MAX_BLOCK + 1) }, body: '' }), {
      code: 'invalid',
      field: `blocks.${name}`,
    });
  }
  t.throws(() => checkWords({ blocks: { known: 'Words.' }, body: 'x'.repeat(MAX_BODY + 1) }), {
    code: 'invalid',
    field: 'body',
  });
});
