import t from 'tap';
import type { Limits, Unit } from '../../src/domain/channel.ts';
import { excess, fits, measure, smsSafe } from '../../src/templates/measure.ts';
import { growthOfFour } from '../growth.ts';

const FAMILY = '👩‍👩‍👧'; // one grapheme, 5 code points, 8 UTF-16 units, 18 bytes
const length = (unit: Unit, text: string, more: Partial<Limits> = {}) =>
  measure(text, { unit, max: 1, ...more });

t.test('as each network counts', async (t) => {
  const rows: [Unit, string, number][] = [
    ['weighted', '', 0],
    ['weighted', 'Hello', 5],
    ['weighted', 'e\u0301', 1],
    ['weighted', 'We’re – “ok”', 12],
    ['weighted', '…', 2],
    ['weighted', '対応中', 6],
    ['weighted', FAMILY, 2],
    ['weighted', '🇨🇭', 2],
    ['weighted', 'https://status.haldenpay.com/incidents/2026/11/21/card-payments-failing', 23],
    ['weighted', 'status.io', 23],
    ['weighted', 'Read main.py', 5 + 23],
    ['graphemes', 'e\u0301', 1],
    ['graphemes', FAMILY, 1],
    ['graphemes', '🇨🇭🇩🇪', 2],
    ['graphemes', 'हिन्दी', 2],
    ['graphemes', 'https://a.com/123', 17],
    ['codepoints', FAMILY, 5],
    ['codepoints', '😀a', 2],
    ['utf16', FAMILY, 8],
    ['utf16', 'ä', 1],
    ['emoji_bytes', 'ä', 1],
    ['emoji_bytes', '対応', 2],
    ['emoji_bytes', '😀a', 5],
    ['emoji_bytes', FAMILY, 18],
    ['emoji_bytes', '🇨🇭', 8],
    ['emoji_bytes', '1️⃣', 7],
    ['emoji_bytes', '#1', 2],
    ['bytes', 'ä', 2],
    ['bytes', '😀', 4],
    ['escaped_bytes', 'a & b < c > d', 23],
    ['escaped_bytes', '&amp;', 9],
    ['escaped_bytes', 'ä&', 7],
    ['segments', 'a'.repeat(160), 1],
    ['segments', 'a'.repeat(161), 2],
    ['segments', 'a'.repeat(306), 2],
    ['segments', 'a'.repeat(307), 3],
    ['segments', '€'.repeat(80), 1],
    ['segments', '€'.repeat(81), 2],
    ['segments', '対'.repeat(70), 1],
    ['segments', '対'.repeat(71), 2],
  ];
  for (const [unit, text, n] of rows)
    t.equal(length(unit, text), n, `${unit} ${JSON.stringify(text.slice(0, 30))} = ${n}`);
});

t.test('Mastodon: a link costs what the server says, a mention its local part', async (t) => {
  const count = (text: string, urlLength = 23) => length('graphemes', text, { urlLength });
  const rows: [string, number][] = [
    ['https://a.co/1', 23],
    [`https://status.haldenpay.com/${'x'.repeat(200)}`, 23],
    ['See https://a.co/1.', 4 + 23 + 1],
    ['(https://a.co/1)', 1 + 23 + 1],
    ['https://a.co/1?b=2&c=%20#d, and http://b.co/', 23 + 6 + 23],
    ['a.co/1', 6],
    ['ftp://a.co/1', 12],
    ['Ask @halden@pay.social.', 4 + 7 + 1],
    ['@a@b.c @d', 2 + 1 + 2],
    ['mail me@pay.social', 18],
  ];
  for (const [text, n] of rows) t.equal(count(text), n, `${text} = ${n}`);
  t.equal(count('https://a.co/1', 25), 25, 'GoToSocial');
});

t.test('two ceilings', async (t) => {
  const limits: Limits = { unit: 'graphemes', max: 300, bytes: 3_000 };
  t.equal(fits('a'.repeat(300), limits), true);
  t.equal(fits('a'.repeat(301), limits), false);
  t.same(excess('a'.repeat(301), limits), { by: 1, max: 300, unit: 'graphemes' });
  t.same(excess(FAMILY.repeat(200), limits), { by: 600, max: 3_000, unit: 'bytes' });
  t.equal(fits(FAMILY.repeat(200), limits), false);
  t.equal(excess(FAMILY.repeat(100), limits), undefined);
  t.equal(fits(FAMILY.repeat(166) + 'a'.repeat(12), limits), true, '3,000 bytes');
  t.equal(fits(FAMILY.repeat(166) + 'a'.repeat(13), limits), false, '3,001 bytes');
});

t.test('a curly quote does not double the price of an SMS', async (t) => {
  const text = 'We’re investigating why some “card” payments fail – please don’t retry… More soon.';
  t.equal(
    smsSafe(text),
    `We're investigating why some "card" payments fail - please don't retry... More soon.`,
  );
  t.equal(length('segments', text), 1);
  t.equal(smsSafe('Zahlungen über 10\u00A0€ gehen schief'), 'Zahlungen über 10 € gehen schief');
  t.equal(smsSafe('cafe\u0301'), 'café');
  t.equal(smsSafe('お知らせ…'), 'お知らせ…', 'what cannot be plain keeps every character');
  t.equal(smsSafe('one\r\ntwo'), 'one\ntwo');
});

t.test('long and hostile texts are measured in time', async (t) => {
  const texts = [
    'a'.repeat(25_000),
    'a.'.repeat(12_000),
    '@a@'.repeat(8_000),
    `${'https://'.repeat(3_000)}`,
    FAMILY.repeat(1_500),
    '&'.repeat(25_000),
  ];
  for (const unit of [
    'weighted',
    'graphemes',
    'codepoints',
    'utf16',
    'emoji_bytes',
    'bytes',
    'escaped_bytes',
    'segments',
  ] as const)
    for (const text of texts) {
      const growth = growthOfFour((share) =>
        fits(text.slice(0, text.length * share), {
          unit,
          max: unit === 'segments' ? 10 : 280,
          urlLength: 23,
        }),
      );
      t.ok(growth < 10, `${unit} of ${text.slice(0, 8)}… takes ${growth.toFixed(1)} times as long`);
    }
});
