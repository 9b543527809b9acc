import fc from 'fast-check';
import t from 'tap';
import type { Limits } from '../../src/domain/channel.ts';
import { DomainError } from '../../src/domain/error.ts';
import { BLOCKS, type BlockName } from '../../src/domain/words.ts';
import { fits, measure } from '../../src/templates/measure.ts';
import {
  type Message,
  type MessageInput,
  type MessageTarget,
  renderMessage,
} from '../../src/templates/message.ts';
import { sentences } from '../../src/templates/sentences.ts';
import { CARDS, LINK } from './words.ts';

const word = fc.oneof(
  { weight: 6, arbitrary: fc.lorem({ maxCount: 1 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '14:40',
      '1,204',
      '3.5',
      'v2.0.1',
      'https://a.example.com/x?y=1.2&z=!',
      'status.io',
      'e.g.',
      'Mr. Smith',
      'p.m.',
      'don’t',
      '“quoted”',
      '🙏',
      '👩‍👩‍👧‍👦',
      '🇨🇭',
      'e\u0301',
      'Z\u0351\u036B\u0343',
      '&',
      '<b>',
      '{{constructor}}',
      '@halden@pay.social',
      '対応中',
      'हिन्दी',
      'تحديث',
      '$TAG',
      '#Outage',
      '_*~`|\\[]()',
    ),
  },
);
const sentence = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 14 }), fc.constantFrom('.', '.', '.', '!', '?', '…'))
  .map(([words, end]) => `It ${words.join(' ')}${end}`);
const text = fc.array(sentence, { minLength: 1, maxLength: 5 }).map((s) => s.join(' '));
const blocks = fc.record(
  { care: text, known: text, unknown: text, doing: text, action: text },
  { requiredKeys: [] },
);
const input: fc.Arbitrary<MessageInput> = fc
  .record({
    blocks,
    body: text,
    promise: fc.boolean(),
    language: fc.constantFrom('en', 'de', 'ja', 'ar', 'sv'),
  })
  .map(({ promise, ...words }) => ({
    ...CARDS,
    ...words,
    nextUpdateBy: promise ? CARDS.nextUpdateBy : null,
  }));

const limits: fc.Arbitrary<Limits> = fc.oneof(
  fc.record({ unit: fc.constant('weighted' as const), max: fc.constantFrom(280, 500) }),
  fc.record({
    unit: fc.constant('graphemes' as const),
    max: fc.constantFrom(300, 120),
    bytes: fc.constantFrom(400, 3_000),
  }),
  fc.record({
    unit: fc.constant('graphemes' as const),
    max: fc.constant(500),
    urlLength: fc.constantFrom(23, 25),
  }),
  fc.record({
    unit: fc.constantFrom(
      'codepoints' as const,
      'utf16' as const,
      'emoji_bytes' as const,
      'bytes' as const,
      'escaped_bytes' as const,
    ),
    max: fc.integer({ min: 100, max: 600 }),
  }),
);
const target: fc.Arbitrary<MessageTarget> = fc
  .record({ limits, template: fc.constantFrom('post' as const, 'long' as const), includeLink: fc.boolean() })
  .map((x) => ({ ...x, thread: false }));

/** The message, or undefined when the words were honestly refused. */
function render(i: MessageInput, to: MessageTarget): Message | undefined {
  try {
    return renderMessage(i, to);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invalid' && error.field !== undefined)
      return undefined;
    throw error;
  }
}
const wordsOf = (s: string) => s.split(/\s+/).filter((w) => w !== '');
const promiseOf = (i: MessageInput, m: Message) =>
  i.nextUpdateBy === null
    ? ''
    : (render({ ...i, blocks: { known: 'x.' } }, { ...WIDE, includeLink: false })?.parts[0]?.text.replace(
        /^x\.\s*/,
        '',
      ) ?? `none in ${m.length}`);
const WIDE: MessageTarget = {
  template: 'post',
  limits: { unit: 'utf16', max: 1_000_000 },
  thread: false,
  includeLink: true,
};

/** What a reader gets of the author's words: the text without the promise and the link. */
function own(i: MessageInput, m: Message, part = 0): string {
  let rest = m.parts[part]?.text ?? '';
  const promise = promiseOf(i, m);
  if (rest.endsWith(LINK)) rest = rest.slice(0, -LINK.length).trimEnd();
  if (promise !== '' && rest.endsWith(promise)) rest = rest.slice(0, -promise.length);
  return rest.trim();
}
const source = (i: MessageInput): [BlockName | 'body', string[]][] => {
  const split = (s: string) => sentences(s, i.language).map((x) => wordsOf(x.text).join(' '));
  const said = BLOCKS.map((b): [BlockName, string[]] => [b, split(i.blocks[b] ?? '')]).filter(
    ([, s]) => s.length > 0,
  );
  return said.length > 0 ? said : [['body', split(i.body)]];
};

/** The documented order, written down a second time: the numbers of the sentences that go together. */
function order(i: MessageInput): number[][] {
  const numbers = new Map<string, number[]>();
  let n = 0;
  for (const [block, list] of source(i))
    numbers.set(
      block,
      list.map(() => n++),
    );
  const of = (block: string) => numbers.get(block) ?? [];
  const back = (list: number[]) => list.toReversed().map((x) => [x]);
  if (numbers.size === 1) return back([...numbers.values()].flat().slice(1));
  const steps = [
    of('care'),
    ...back(of('unknown')),
    ...back(of('doing')),
    ...back(of('action').slice(1)),
    ...back(of('known').slice(1)),
    of('action').slice(0, 1),
  ].filter((s) => s.length > 0);
  return of('known').length > 0 ? steps : steps.slice(0, -1);
}

/** The sentences that are left after some steps of the order, by block. */
function after(i: MessageInput, steps: number): [string, string][] {
  const gone = new Set(order(i).slice(0, steps).flat());
  let n = 0;
  return source(i).map(([block, list]) => [block, list.filter(() => !gone.has(n++)).join(' ')]);
}
const squeeze = (text: string) => text.replace(/\s+/g, '');

t.test(
  'within the limit, with the promise and the link, and no word or link that the author did not write',
  async () => {
    fc.assert(
      fc.property(input, target, (i, to) => {
        const m = render(i, to);
        if (!m) return true;
        const out = m.parts[0]?.text ?? '';
        if (m.parts.length !== 1 || !fits(out, to.limits) || m.length !== measure(out, to.limits))
          return false;
        if (!out.includes(promiseOf(i, m))) return false;
        if (to.includeLink !== out.endsWith(LINK)) return false;
        const written = wordsOf(
          source(i)
            .map(([, s]) => s.join(' '))
            .join(' '),
        );
        let n = 0;
        for (const w of wordsOf(own(i, m))) {
          n = written.indexOf(w, n) + 1;
          if (n === 0) return false;
        }
        return true;
      }),
      { numRuns: 400 },
    );
  },
);

t.test('whole sentences, left out in the stated order, and not one more than needed', async () => {
  fc.assert(
    fc.property(input, target, (i, to) => {
      const m = render(i, to);
      const last = order(i).length;
      const fitsAfter = (steps: number) => {
        const { body = '', ...blocks } = Object.fromEntries(after(i, steps)) as Record<string, string>;
        const wide = { ...to.limits, max: 1_000_000, bytes: 1_000_000 };
        const part = render({ ...i, blocks, body }, { ...to, limits: wide })?.parts[0];
        return part !== undefined && fits(part.text, to.limits);
      };
      if (!m) return !fitsAfter(last);
      const said = squeeze(own(i, m));
      const saidAfter = (steps: number) =>
        squeeze(
          after(i, steps)
            .map(([, s]) => s)
            .join(''),
        );
      let steps = 0;
      while (steps <= last && saidAfter(steps) !== said) steps++;
      if (steps > last || m.dropped.length > 0 !== steps > 0) return false;
      return steps === 0 || !fitsAfter(steps - 1);
    }),
    { numRuns: 400 },
  );
});

t.test('a thread says everything, in order, part by part within the limit', async () => {
  fc.assert(
    fc.property(input, target, (i, to) => {
      const m = render(i, { ...to, thread: true });
      if (!m) return true;
      if (m.dropped.length > 0 || m.parts.some((p) => !fits(p.text, to.limits))) return false;
      const many = m.parts.length > 1;
      const said = m.parts.map(({ text: part }, n) => {
        const counter = `(${n + 1}/${m.parts.length})`;
        if (many && !part.endsWith(counter)) return 'no counter';
        const rest = (many ? part.slice(0, -counter.length) : part).trim();
        if (n > 0 || !to.includeLink) return rest;
        return rest.endsWith(LINK) ? rest.slice(0, -LINK.length) : 'no link';
      });
      const everything = [...source(i).map(([, s]) => s.join(' ')), promiseOf(i, m)].join(' ');
      return squeeze(said.join('')) === squeeze(everything);
    }),
    { numRuns: 400 },
  );
});

t.test('hostile text on every template is measured, fitted or refused, never a crash', async () => {
  const unit = fc.oneof(
    fc.nat({ max: 0xffff }).map((c) => String.fromCharCode(c)),
    fc.constantFrom(
      '\u202E',
      '\u200D',
      '\uFE0F',
      '\u0301',
      '🇨',
      '👩',
      '. ',
      '\n',
      '。',
      'http://',
      '@a@b.c',
      '\u2028',
    ),
  );
  const hostile = fc.string({ unit, maxLength: 80, size: 'max' });
  const kinds = fc.constantFrom<Pick<MessageTarget, 'template' | 'limits'>>(
    { template: 'post', limits: { unit: 'weighted', max: 60 } },
    { template: 'post', limits: { unit: 'graphemes', max: 60, bytes: 120, urlLength: 23 } },
    { template: 'long', limits: { unit: 'escaped_bytes', max: 120, subject: 30 } },
    { template: 'sms', limits: { unit: 'segments', max: 1 } },
    { template: 'webhook', limits: { unit: 'bytes', max: 200 } },
    { template: 'email', limits: { unit: 'utf16', max: 400, subject: 30 } },
  );
  fc.assert(
    fc.property(hostile, hostile, hostile, kinds, fc.boolean(), (a, b, title, kind, thread) => {
      const m = render(
        { ...CARDS, title, pageName: '', blocks: { known: a, doing: b }, body: 'x' },
        { ...kind, thread, includeLink: false },
      );
      return (
        m === undefined || m.parts.every((p) => fits(p.text, kind.limits) && !/[\r\n]/.test(p.subject ?? ''))
      );
    }),
    { numRuns: 1_000 },
  );
});
