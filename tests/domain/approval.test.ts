import fc from 'fast-check';
import t from 'tap';
import {
  type ApprovalContent,
  type ApprovalQuestion,
  canonical,
  DEFAULT_POLICY,
  decideApproval,
} from '../../src/domain/approval.ts';
import { BLOCKS, CLASSES, type Role, UPDATE_STATES, type UpdateClass } from '../../src/domain/words.ts';

const NOW = 1_000_000_000;
const question = (more: Partial<ApprovalQuestion> = {}): ApprovalQuestion => ({
  state: 'in_review',
  class: 'B',
  hash: 'h1',
  seenHash: 'h1',
  authors: ['priya'],
  approver: { id: 'marcus', roles: ['approver'] },
  given: [],
  requestedBy: 'priya',
  voiceOf: null,
  consented: false,
  policy: DEFAULT_POLICY,
  requestedAt: NOW - 60_000,
  ...more,
});
const solo = { ...DEFAULT_POLICY, solo: true };

t.test('who may say yes, and whether it is the last yes needed', async (t) => {
  for (const cls of CLASSES) {
    const needed: Record<UpdateClass, number> = { A: 1, B: 1, C: 2, D: 1, E: 1 };
    t.equal(
      decideApproval(question({ class: cls }), NOW).complete,
      needed[cls] === 1,
      `class ${cls}, first yes`,
    );
    t.equal(
      decideApproval(question({ class: cls, given: [{ id: 'dana', offices: ['legal'] }] }), NOW).complete,
      true,
      `class ${cls}, second yes`,
    );
  }
  for (const role of ['approver', 'admin'] satisfies Role[])
    t.doesNotThrow(() => decideApproval(question({ approver: { id: 'marcus', roles: [role] } }), NOW), role);
  for (const role of ['viewer', 'responder', 'author'] satisfies Role[])
    t.throws(
      () => decideApproval(question({ approver: { id: 'marcus', roles: [role] } }), NOW),
      { code: 'forbidden' },
      role,
    );
  t.throws(() => decideApproval(question({ approver: { id: 'marcus', roles: [] } }), NOW), {
    code: 'forbidden',
  });
});

t.test('when a yes may not be given', async (t) => {
  for (const state of UPDATE_STATES) {
    if (state === 'in_review') continue;
    t.throws(() => decideApproval(question({ state }), NOW), { code: 'conflict' }, `while ${state}`);
  }
  t.throws(() => decideApproval(question({ seenHash: 'h0' }), NOW), {
    code: 'conflict',
    field: 'hash',
    message: /changed since you looked/,
  });
  t.throws(() => decideApproval(question({ authors: ['priya', 'marcus'] }), NOW), {
    code: 'forbidden',
    message: /another person/,
  });
  t.throws(() => decideApproval(question({ class: 'C', given: [{ id: 'marcus' }] }), NOW), {
    code: 'conflict',
    message: /already approved/,
  });
  t.throws(() => decideApproval(question({ requestedAt: NOW - 600_001 }), NOW), {
    code: 'conflict',
    message: /expired/,
  });
  t.doesNotThrow(
    () => decideApproval(question({ requestedAt: NOW - 600_000 }), NOW),
    'ten minutes are ten minutes',
  );
});

t.test('solo is a setting: one person, and only where it is set', async (t) => {
  const own = { authors: ['priya'], approver: { id: 'priya', roles: ['admin'] as const } };
  t.throws(() => decideApproval(question(own), NOW), { code: 'forbidden' });
  t.equal(decideApproval(question({ ...own, policy: solo, class: 'C' }), NOW).complete, true);
  t.throws(
    () => decideApproval(question({ ...own, policy: solo, seenHash: 'h0' }), NOW),
    { code: 'conflict' },
    'also alone one approves what one has read',
  );
  t.equal(DEFAULT_POLICY.solo, false);
});

const text = fc.string({ unit: 'binary', maxLength: 12 });
const part = fc.record({
  text,
  subject: fc.option(text, { nil: undefined }),
  link: fc.option(text, { nil: undefined }),
  html: fc.option(text, { nil: undefined }),
});
const rendition = fc.record({
  connectionId: fc.constantFrom('c1', 'c2', 'c3'),
  language: fc.constantFrom('en', 'de', 'fr'),
  parts: fc.array(part, { maxLength: 3 }),
});
const content: fc.Arbitrary<ApprovalContent> = fc.record({
  updateId: text,
  title: text,
  status: fc.constantFrom('investigating' as const, 'resolved' as const),
  class: fc.constantFrom(...CLASSES),
  language: fc.constantFrom('en', 'de'),
  blocks: fc.record(
    { care: text, known: text, unknown: text, doing: text, action: text },
    { requiredKeys: [] },
  ),
  body: text,
  nextUpdateBy: fc.option(fc.nat(), { nil: null }),
  components: fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('operational' as const, 'major_outage' as const),
  ),
  renditions: fc.uniqueArray(rendition, { maxLength: 4, selector: (r) => `${r.connectionId} ${r.language}` }),
});
const reversed = <T extends object>(o: T): T => Object.fromEntries(Object.entries(o).reverse()) as T;

t.test('what is approved does not depend on the order a database gives it back in', async () => {
  fc.assert(
    fc.property(content, (c) => {
      const shuffled = {
        ...reversed(c),
        blocks: reversed(c.blocks),
        components: reversed(c.components),
        renditions: c.renditions.toReversed().map((r) => ({ ...reversed(r), parts: r.parts.map(reversed) })),
      };
      return canonical(shuffled) === canonical(c);
    }),
  );
});

t.test('and every difference that a reader could see is a different approval', async () => {
  const visible = (c: ApprovalContent) =>
    JSON.stringify([
      c.updateId,
      c.title,
      c.status,
      c.class,
      c.language,
      c.body,
      c.nextUpdateBy,
      BLOCKS.map((b) => c.blocks[b] ?? null),
      Object.entries(c.components).sort(),
      c.renditions
        .map((r) => [
          r.connectionId,
          r.language,
          r.parts.map((p) => [p.text, p.subject ?? null, p.link ?? null, p.html ?? null]),
        ])
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ]);
  fc.assert(
    fc.property(content, content, (a, b) => (canonical(a) === canonical(b)) === (visible(a) === visible(b))),
  );
  const changes = (c: ApprovalContent): ApprovalContent[] => [
    { ...c, title: `${c.title}!` },
    { ...c, body: `${c.body} ` },
    { ...c, nextUpdateBy: (c.nextUpdateBy ?? 0) + 1 },
    { ...c, blocks: { ...c.blocks, doing: `${c.blocks.doing ?? ''}.` } },
    { ...c, components: { ...c.components, d: 'operational' } },
    { ...c, renditions: [...c.renditions, { connectionId: 'c9', language: 'en', parts: [] }] },
    {
      ...c,
      renditions: c.renditions
        .map((r) => ({ ...r, parts: [...r.parts, { text: '' }] }))
        .concat({ connectionId: 'c8', language: 'en', parts: [] }),
    },
  ];
  fc.assert(fc.property(content, (c) => changes(c).every((changed) => canonical(changed) !== canonical(c))));
});
