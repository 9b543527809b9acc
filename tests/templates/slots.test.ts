import fc from 'fast-check';
import t from 'tap';
import { fillSlots, type Slot } from '../../src/templates/slots.ts';

const TEXT = 'Some {{ what }} fail in {{region}} since {{since}}. About {{count}} customers. {{note}}';
const SLOTS: Record<string, Slot> = {
  what: { type: 'component', of: ['card payments', 'refunds'] },
  region: { type: 'place' },
  since: { type: 'time' },
  count: { type: 'number', min: 1, max: 1_000_000 },
  note: { type: 'text', max: 40 },
};
const VALUES = {
  what: 'card payments',
  region: 'São Paulo (BR)',
  since: '14:09 UTC',
  count: '1,204',
  note: 'We’re sorry.',
};
const fill = (more: Record<string, string | number>) => fillSlots(TEXT, SLOTS, { ...VALUES, ...more });

t.test('values stand where the slots were', async (t) => {
  t.equal(
    fill({}),
    'Some card payments fail in São Paulo (BR) since 14:09 UTC. About 1,204 customers. We’re sorry.',
  );
  t.equal(
    fill({ count: 12 }),
    'Some card payments fail in São Paulo (BR) since 14:09 UTC. About 12 customers. We’re sorry.',
  );
  t.equal(fillSlots('No slots.', {}, {}), 'No slots.');
  t.equal(fillSlots('{{a}}{{a}}', { a: { type: 'choice', of: ['x'] } }, { a: 'x' }), 'xx');
  t.equal(fillSlots('Ein {{größe}}', { größe: { type: 'text' } }, { größe: 'Wort' }), 'Ein Wort');
});

t.test('each kind takes its own and nothing else', async (t) => {
  const good: Record<string, (string | number)[]> = {
    what: ['refunds', ' refunds '],
    region: ['Köln', "L'Aquila", 'St. John’s', 'Asia/Pacific', '東京', '4th district & harbour'],
    since: ['00:00', '23:59', '14:09 UTC', '14:09 GMT+5:30', '08:25 IST'],
    count: [1, '1', '1.204', '1 204', "1'204", '1,204.5', '1,000,000', 0.5 + 1],
    note: ['x'.repeat(40), 'Fees & taxes < 5 €', '対応中'],
  };
  const bad: Record<string, (string | number)[]> = {
    what: ['Refunds', 'card', 'constructor', '__proto__'],
    region: ['', ' ', '-x', 'a\nb', '<b>', 'x; y', 'a"b', 'x'.repeat(81)],
    since: ['24:00', '9:05', '14:60', 'soon', '14:09 utc!', '14:09\nUTC', 1409],
    count: ['many', '1e9', '0x1F', '', 0, -1, 1_000_001, '2,000,000', Number.NaN, Infinity, '--1'],
    note: [
      '',
      'x'.repeat(41),
      'see https://evil.example',
      'www.evil.example',
      'two\nlines',
      'a\u202Eb',
      'a\u200Bb',
      'a\ud83d',
    ],
  };
  for (const [name, list] of Object.entries(good))
    for (const value of list)
      t.doesNotThrow(() => fill({ [name]: value }), `${name} takes ${JSON.stringify(value)}`);
  for (const [name, list] of Object.entries(bad))
    for (const value of list)
      t.throws(
        () => fill({ [name]: value }),
        { code: 'invalid', field: `slots.${name}` },
        `${name} refuses ${JSON.stringify(value)}`,
      );
});

t.test('a slot that is not declared, not filled, or not there is named', async (t) => {
  const named = (name: string) => ({
    code: 'invalid',
    field: `slots.${name}`,
    message: new RegExp(`"${name}"`),
  });
  const { note, ...without } = VALUES;
  t.ok(note);
  t.throws(() => fillSlots(TEXT, SLOTS, without), named('note'));
  t.throws(() => fill({ extra: 'x' }), named('extra'));
  t.throws(() => fillSlots('{{other}}', SLOTS, {}), named('other'));
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
    t.throws(() => fillSlots(`{{${name}}}`, SLOTS, VALUES), named(name));
  for (const text of [
    '{{this.constructor}}',
    '{{1+1}}',
    '{{#if what}}',
    '{{> page}}',
    '{{what.length}}',
    '{{}}',
    '{{ }}',
  ])
    t.throws(() => fillSlots(text, SLOTS, VALUES), { code: 'invalid' }, text);
  for (const text of ['{{what', 'what}}', '{{{what}}}}', '{{what}} {{'])
    t.throws(() => fillSlots(text, SLOTS, { what: 'refunds' }), { code: 'invalid', field: 'text' }, text);
});

t.test('no value makes a new slot', async (t) => {
  for (const value of ['{{region}}', '{', '}}', 'a{{b', '{%'])
    t.throws(() => fill({ note: value }), { code: 'invalid', field: 'slots.note' }, value);
  const any = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(any, any, any, (region, note, since) => {
      try {
        const out = fillSlots(
          'A {{region}}{{note}} B {{since}} C',
          { region: { type: 'place' }, note: { type: 'text' }, since: { type: 'text' } },
          { region, note, since },
        );
        return out === `A ${region.trim()}${note.trim()} B ${since.trim()} C` && !/[{}]/.test(out);
      } catch (error) {
        return error instanceof Error && error.name === 'DomainError';
      }
    }),
    { numRuns: 2_000 },
  );
});
