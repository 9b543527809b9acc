import { crc32, inflateSync } from 'node:zlib';
import t from 'tap';
import { CARD_SIZE, type CardModel, renderCard, renderCardJpeg } from '../../src/templates/card.ts';
import { openChromium } from '../chromium.ts';

const MARGIN = 84;
const model: CardModel = {
  pageName: 'Northwind Pay status',
  tone: 'major',
  state: 'Major outage',
  headline: 'Card payments are failing for about one in three customers in Europe.',
  promise: 'Next update by 15:00 UTC',
  time: '21 November 2026, 14:05 UTC',
  address: 'status.northwind.example',
};

/** The pixels of a PNG of ours: 8 bit RGB without filters. Checks everything on the way. */
function decode(png: Buffer): { width: number; height: number; pixel(x: number, y: number): number[] } {
  t.equal(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    t.equal(png.readUInt32BE(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)), `${type}: sum`);
    chunks.set(type, png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  t.same([...chunks.keys()], ['IHDR', 'IDAT', 'IEND']);
  const head = chunks.get('IHDR')!;
  const width = head.readUInt32BE(0);
  const height = head.readUInt32BE(4);
  t.same([...head.subarray(8)], [8, 2, 0, 0, 0]);
  const rows = inflateSync(chunks.get('IDAT')!);
  t.equal(rows.length, (width * 3 + 1) * height);
  return {
    width,
    height,
    pixel(x, y) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      return [...rows.subarray(at, at + 3)];
    },
  };
}

/** Where there is anything but paper, in a part of the picture. */
function inkIn(png: Buffer, top = 21, bottom = CARD_SIZE) {
  const { width, pixel } = decode(png);
  const box = { left: width, right: 0, top: CARD_SIZE, bottom: 0, count: 0 };
  for (let y = top; y < bottom; y++)
    for (let x = 0; x < width; x++) {
      if (pixel(x, y).every((value) => value === 255)) continue;
      box.count++;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  return box;
}

t.test('a card is a valid picture of 1080 by 1080, the same every time', async (t) => {
  const png = renderCard(model);
  const { width, height } = decode(png);
  t.same([width, height], [1080, 1080]);
  t.ok(renderCard(model).equals(png));
  t.ok(renderCardJpeg(model).equals(renderCardJpeg(model)));
  t.ok(png.length < 1_000_000 && renderCardJpeg(model).length < 1_000_000, 'and small');
  for (const [name, value] of Object.entries({
    pageName: 'Other',
    state: 'Partial outage',
    headline: 'Something else.',
    promise: '',
    time: 'later',
    address: 'elsewhere.example',
  }))
    t.notOk(renderCard({ ...model, [name]: value }).equals(png), `${name} is drawn`);
});

t.test('each state has its own shape, in its own colour', async (t) => {
  const shapes = new Map<string, string>();
  for (const tone of ['ok', 'degraded', 'partial', 'major', 'maint', 'note'] as const) {
    const { pixel } = decode(renderCard({ ...model, tone, state: '', headline: '', promise: '' }));
    let outline = '';
    const colours = new Map<string, number>();
    for (let y = 228; y < 312; y += 2)
      for (let x = MARGIN; x < MARGIN + 84; x += 2) {
        const value = pixel(x, y).join(',');
        outline += value === '255,255,255' ? '.' : '#';
        if (value !== '255,255,255') colours.set(value, (colours.get(value) ?? 0) + 1);
      }
    const [colour = ''] = [...colours].sort((a, b) => b[1] - a[1])[0] ?? [];
    t.notOk(shapes.has(outline), `${tone}: a shape of its own, for who sees no colour`);
    t.notOk([...shapes.values()].includes(colour), `${tone}: a colour of its own`);
    shapes.set(outline, colour);
  }
});

const HOSTILE: Record<string, string> = {
  'no spaces': 'W'.repeat(5_000),
  'very long': 'Many words that go on. '.repeat(2_000),
  'one long word': `Short ${'Donaudampfschifffahrt'.repeat(9)} short`,
  'script and markup': '<script>alert(1)</script> {{headline}} &amp; </svg> %00',
  'controls and bidi': 'a\u0000b\u202ecba\u202c\u200b\u2066x\u2069\r\n\tend\u0007',
  'emoji and unpaired surrogates': '🔔👨‍👩‍👧‍👦 bell \ud83d broken \udc00',
  'marks upon marks': `Z${'\u0301'.repeat(300)}algo`,
  wide: '—…€№™'.repeat(200),
};

t.test('whatever is written stays inside the margins', async (t) => {
  for (const [name, text] of Object.entries(HOSTILE)) {
    const all = { pageName: text, state: text, headline: text, promise: text, time: text, address: text };
    const box = inkIn(renderCard({ ...model, ...all }));
    t.ok(box.left >= MARGIN - 2, `${name}: left ${box.left}`);
    t.ok(box.right <= CARD_SIZE - MARGIN + 2, `${name}: right ${box.right}`);
    t.ok(box.top >= 60, `${name}: top ${box.top}`);
    t.ok(box.bottom <= CARD_SIZE - 40, `${name}: bottom ${box.bottom}`);
  }
  const long = inkIn(renderCard({ ...model, headline: HOSTILE['very long']! }), 340, 800);
  t.ok(long.count > 10_000, 'a long headline fills its room');
  const beside = inkIn(renderCard({ ...model, headline: HOSTILE['very long']! }), 788, 804);
  t.equal(beside.count, 0, 'and ends above the promise');
});

t.test('a line that this font cannot write is left out whole, and the rest stays', async (t) => {
  const plain = inkIn(renderCard({ ...model, headline: '', promise: '' }), 340, 910);
  t.equal(plain.count, 0);
  for (const headline of ['決済が失敗しています', 'الدفع لا يعمل', 'भुगतान विफल', 'Half 決済 half']) {
    const png = renderCard({ ...model, headline, promise: '' });
    t.equal(inkIn(png, 340, 910).count, 0, headline);
    t.ok(inkIn(png, 228, 312).count > 1_000, 'the state is there');
    t.ok(inkIn(png, 930, 1040).count > 1_000, 'and where to read on');
  }
  for (const headline of [
    'Überweisungen verzögern sich – größtenteils',
    'Płatności nie działają',
    'Πληρωμές',
    'Платежі',
    'Příliš žluťoučký kůň',
    'Ödeme çalışmıyor',
  ])
    t.ok(inkIn(renderCard({ ...model, headline, promise: '' }), 340, 910).count > 2_000, headline);
});

t.test('a browser reads both formats, and they show the same', async (t) => {
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  const address = (type: string, bytes: Buffer) => `data:image/${type};base64,${bytes.toString('base64')}`;
  const found = await page.evaluate(
    async ([png, jpeg]) => {
      const read = async (source: string) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth;
        canvas.height = image.naturalHeight;
        const context = canvas.getContext('2d')!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, canvas.width, canvas.height);
      };
      const [a, b] = [await read(png!), await read(jpeg!)];
      let worst = 0;
      let sum = 0;
      let ink = 0;
      for (const [n, value] of a.data.entries()) {
        const apart = Math.abs(value - (b.data[n] ?? 0));
        worst = Math.max(worst, apart);
        sum += apart;
        if (value < 128) ink++;
      }
      return { sizes: [a.width, a.height, b.width, b.height], worst, mean: sum / a.data.length, ink };
    },
    [address('png', renderCard(model)), address('jpeg', renderCardJpeg(model))],
  );
  t.same(found.sizes, [1080, 1080, 1080, 1080]);
  t.ok(found.ink > 50_000, 'there is something to see');
  t.ok(found.mean < 1, `mean difference ${found.mean}`);
  t.ok(found.worst < 64, `worst difference ${found.worst}`);
});
