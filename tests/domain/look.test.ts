import { deflateSync } from 'node:zlib';
import t from 'tap';
import { contrast, readable } from '../../src/domain/look/contrast.ts';
import { MOST_CSS, scopeCss } from '../../src/domain/look/custom-css.ts';
import { MOST_BYTES, readPicture } from '../../src/domain/look/picture.ts';
import { fold, wordsAsked } from '../../src/domain/search.ts';
import { checkReminders, overdue } from '../../src/domain/window.ts';
import { readParts } from '../../src/server/multipart.ts';

t.test('colours that cannot be read are refused, with how far they fall short', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21);
  t.equal(contrast('#777777', '#777777'), 1);
  t.equal(readable('accent.light', ' #1C4AA0 ', 'light'), '#1c4aa0');
  t.equal(readable('accent.dark', '#9fc0ff', 'dark'), '#9fc0ff');
  for (const [colour, theme] of [
    ['#ffcc00', 'light'],
    ['#777777', 'light'],
    ['#1c4aa0', 'dark'],
    ['red', 'light'],
    ['#12345', 'dark'],
  ] as const)
    t.throws(
      () => readable('accent.light', colour, theme),
      { code: 'invalid', field: 'accent.light' },
      colour,
    );
});

t.test('a style of somebody’s own stays on the page and loads nothing', async (t) => {
  t.equal(scopeCss(''), '');
  t.equal(
    scopeCss(
      '/* ours */ .mast, h1 > bdi { letter-spacing: 0; color: var(--ink) }\n@media (max-width: 40em) { .lede{font-size:1rem} }',
    ),
    'body .mast,body h1 > bdi{letter-spacing: 0;color: var(--ink)}@media (max-width: 40em){body .lede{font-size: 1rem}}'.replace(
      'font-size: 1rem',
      'font-size:1rem',
    ),
  );
  for (const bad of [
    '@import "https://evil.example/x.css";',
    '@font-face { font-family: x; src: url(https://evil.example) }',
    '.a { background: url(https://evil.example/track.png) }',
    '.a { background: URL (x) }',
    '.a { background: image-set("https://evil.example/a.png" 1x) }',
    '.a { background: u\\72l(https://evil.example) }',
    '.a { width: expression(alert(1)) }',
    '</style><script>alert(1)</script>',
    '.a { color: red } </style>',
    '.a { position: fixed; inset: 0 }',
    '.a { --x: fixed; position: var(--x) }',
    '.a { POSITION : FIXED !important }',
    '.a { position: -webkit-sticky }',
    '.a { position:/**/absolute }',
    '.a { position: inherit }',
    '.a { position: var(--x, fixed) }',
    '.a { position: if(style(--x: 1): fixed; else: static) }',
    '@media print { .a { position: running(x) } }',
    'html { display: none }',
    ':root { --ink: red }',
    'body { display: none }',
    '.a { color: red',
    '.a } .b { color: red }',
    '.a { .b { color: red } }',
    '.a { content: "x }',
    '@charset "utf-8";',
    '@namespace x url(y);',
    '.a { nonsense }',
    '.a',
    `.a{${'x:y;'.repeat(MOST_CSS)}}`,
    '.a { color: red\u0000 }',
  ])
    t.throws(() => scopeCss(bad), { code: 'invalid', field: 'customCss' }, bad.slice(0, 60));
});

/** A PNG of one pixel, with more chunks put in. */
function png(width: number, extra: readonly [string, Buffer][] = []): Buffer {
  const table = (bytes: Buffer) => {
    let sum = 0xffffffff;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return (sum ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, body: Buffer) => {
    const out = Buffer.alloc(12 + body.length);
    out.writeUInt32BE(body.length);
    out.write(type, 4, 'latin1');
    body.copy(out, 8);
    out.writeUInt32BE(table(out.subarray(4, 8 + body.length)), 8 + body.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(1, 4);
  head[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    ...extra.map(([type, body]) => chunk(type, body)),
    chunk('IDAT', deflateSync(Buffer.from([0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

t.test('a PNG is kept without anything that is not the picture', async (t) => {
  const plain = png(1);
  const told = png(1, [
    ['tEXt', Buffer.from('Author\0Dana Cole')],
    ['eXIf', Buffer.from('GPS 52.5 13.4')],
  ]);
  const kept = readPicture('logo', told);
  t.equal(kept.type, 'image/png');
  t.same(Buffer.from(kept.bytes), plain, 'where and by whom it was made is gone');
  t.same(
    Buffer.from(readPicture('logo', Buffer.concat([plain, Buffer.from('<script>')])).bytes),
    plain,
    'and so is what follows its end',
  );
  const broken = Buffer.from(plain);
  broken[20] = 99;
  for (const [bad, why] of [
    [broken, 'a wrong sum'],
    [plain.subarray(0, 30), 'cut off'],
    [png(50_000), 'a flood of pixels'],
    [Buffer.alloc(0), 'nothing'],
    [Buffer.alloc(MOST_BYTES + 1), 'too large'],
    [Buffer.from('GIF89a'), 'something else'],
    [Buffer.from('%PDF-1.7'), 'a document'],
  ] as const)
    t.throws(() => readPicture('logo', bad), { code: 'invalid', field: 'logo' }, why);
});

t.test('an SVG is a drawing and nothing more, or it is refused', async (t) => {
  const svg = (inner: string, attributes = '') =>
    Buffer.from(
      `<?xml version="1.0"?><!-- made with a tool --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"${attributes}>${inner}</svg>`,
    );
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  t.equal(
    text(readPicture('logo', svg('<g fill="#123456" data-name="x"><path d="M0 0h1"/></g>')).bytes),
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><g fill="#123456"><path d="M0 0h1"/></g></svg>',
  );
  t.match(
    text(readPicture('logo', Buffer.from('<svg viewBox="0 0 1 1"><use href="#a"/></svg>')).bytes),
    'xmlns=',
  );
  for (const bad of [
    '<script>alert(1)</script>',
    '<path onclick="alert(1)" d=""/>',
    '<image href="https://evil.example/x.png"/>',
    '<use href="https://evil.example/x.svg#a"/>',
    '<use xlink:href="data:image/svg+xml,x"/>',
    '<rect fill="url(https://evil.example)"/>',
    '<foreignObject><p>x</p></foreignObject>',
    '<style>@import "x"</style>',
    '<rect style="background:url(x)"/>',
    '<a href="javascript:alert(1)"><text>x</text></a>',
    '<animate attributeName="href" to="javascript:alert(1)"/>',
    '<set attributeName="onload" to="alert(1)"/>',
    '<g><path d=""/>',
    '<text>&evil;</text>',
    '<text><![CDATA[<script>]]></text>',
    '<path d="<script>"/>',
    '<path d=x onload=alert(1) />',
    '<svg:script>alert(1)</svg:script>',
  ])
    t.throws(() => readPicture('logo', svg(bad)), { code: 'invalid', field: 'logo' }, bad);
  for (const whole of [
    '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
    '<svg xmlns="http://www.w3.org/1999/xhtml"><path/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"></svg><script>alert(1)</script>',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>',
  ])
    t.throws(() => readPicture('logo', Buffer.from(whole)), { code: 'invalid' }, whole.slice(0, 60));
});

t.test('forms that bring files are read, and nothing else', async (t) => {
  const body = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');
  const one =
    '--x\nContent-Disposition: form-data; name="csrf"\n\nabc\n--x\nContent-Disposition: form-data; name="file"; filename="../../etc/passwd"\nContent-Type: image/png\n\n\x89PNG\n\n--x\n--x--\n'.replace(
      '--x\n--x--',
      '--x--',
    );
  const read = readParts('multipart/form-data; boundary=x', body(one));
  t.equal(read['csrf'], 'abc');
  t.match(read['file'], { name: '../../etc/passwd' });
  t.equal((read['file'] as { bytes: Buffer }).bytes.toString('latin1'), '\x89PNG\r\n');
  t.equal(Object.getPrototypeOf(read), null);
  for (const [type, text] of [
    ['multipart/form-data', one],
    ['multipart/form-data; boundary=y', one],
    ['multipart/form-data; boundary=x', '--x\nContent-Disposition: form-data\n\nabc\n--x--\n'],
    ['multipart/form-data; boundary=x', '--x\nContent-Disposition: form-data; name="a"\n\nabc'],
  ] as const)
    t.throws(() => readParts(type, body(text)), { code: 'invalid' });
});

t.test('words are looked for as people remember them', async (t) => {
  t.equal(fold('Überlastung  der ＡＰＩ'), 'uberlastung der api');
  t.strictSame(wordsAsked(' “Card payments”, card  PAYMENTS! 100% '), ['card', 'payments', '100%']);
  t.strictSame(
    wordsAsked('…'),
    ['...'].filter((w) => w !== '...'),
  );
  t.strictSame(wordsAsked('支付 失败'), ['支付', '失败']);
});

t.test('reminders and what is overdue', async (t) => {
  const HOUR = 3_600_000;
  t.strictSame(
    checkReminders([HOUR, 24 * HOUR, HOUR], 10 * HOUR, 0),
    [HOUR],
    'none that would come at once, none twice',
  );
  t.throws(() => checkReminders([5], HOUR, 0), { code: 'invalid', field: 'reminders' });
  const work = { scheduledFor: HOUR, scheduledUntil: 2 * HOUR };
  t.equal(overdue({ ...work, status: 'scheduled' }, HOUR + 59_999), null);
  t.equal(overdue({ ...work, status: 'scheduled' }, HOUR + 60_000), 'start');
  t.equal(overdue({ ...work, status: 'in_progress' }, 2 * HOUR), null);
  t.equal(overdue({ ...work, status: 'verifying' }, 2 * HOUR + 60_000), 'end');
  t.equal(overdue({ ...work, status: 'completed' }, 9 * HOUR), null);
  t.equal(overdue({ ...work, status: null }, 9 * HOUR), null);
});
