import t from 'tap';
import { MOST_BYTES, readPhoto } from '../../src/domain/pictures/photo.ts';
import { gif, movingPng, photo, png, SECRET, SVG, webp } from '../pictures.ts';

const has = (bytes: Uint8Array, words: string) => Buffer.from(bytes).includes(words);
const refused = (bytes: Buffer): string => {
  try {
    readPhoto('media', bytes);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

t.test('a picture is known by its bytes, and kept without anything that is not the picture', async (t) => {
  for (const [type, bytes, width, height] of [
    ['image/png', png(), 64, 48],
    // It lay on its side: what is shown is upright.
    ['image/jpeg', photo(6), 64, 96],
    ['image/jpeg', photo(1), 96, 64],
    ['image/gif', gif(), 1, 1],
    ['image/webp', webp(), 1, 1],
  ] as const) {
    t.ok(has(bytes, SECRET), `a ${type} says where it was taken`);
    const kept = readPhoto('media', bytes);
    t.match(kept, { type, width, height });
    t.notOk(has(kept.bytes, SECRET), `what is kept of a ${type} does not`);
    t.notOk(has(kept.bytes, '<script'), 'nor has it anything behind its end');
    t.same(readPhoto('media', kept.bytes).bytes, kept.bytes, 'and cleaning it again changes nothing');
  }
});

t.test('a photo still says which way is up, and nothing else', async (t) => {
  for (const turned of [3, 6, 8]) {
    const { bytes } = readPhoto('media', photo(turned));
    const exif = Buffer.from(bytes).indexOf('Exif\0\0');
    t.ok(exif > 0);
    t.equal(bytes[exif + 6 + 10 + 9], turned);
  }
  t.equal(Buffer.from(readPhoto('media', photo(1)).bytes).indexOf('Exif'), -1, 'upright ones say nothing');
});

t.test('what cannot be cleaned is refused with what to do', async (t) => {
  t.match(refused(SVG), /SVG.*run things.*JPEG or PNG/);
  t.match(refused(Buffer.from('%PDF-1.7')), /PDF/);
  t.match(refused(Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic')])), /HEIC.*iPhones/);
  t.match(refused(Buffer.from('MZ this is a program')), /no JPEG, PNG, WebP or GIF/);
  t.match(refused(Buffer.alloc(0)), /Choose a picture/);
  t.match(refused(Buffer.concat([png(), Buffer.alloc(MOST_BYTES)])), /4\.\d MB.*most/);
  t.match(refused(png(1, 8, 8, [60_000, 60_000])), /60000 × 60000 pixels, more than networks take/);
  t.match(
    refused(png(1, 8, 8, [8_000, 8_000])),
    /8000 × 8000/,
    'many pixels are many, however long a side is',
  );
  for (const moving of [movingPng(), gif(2), webp(true)]) t.match(refused(moving), /moves.*still picture/);
});

t.test('a picture that breaks off, or is not what it begins like, is refused', async (t) => {
  for (const whole of [png(), photo(), gif(), webp()]) {
    const clean = Buffer.from(readPhoto('media', whole).bytes);
    for (let length = 1; length < clean.length; length += 1)
      t.not(refused(clean.subarray(0, length)), 'taken', `${length} of ${clean.length} bytes`);
  }
  const wrong = Buffer.from(png());
  wrong[40] = (wrong[40] ?? 0) ^ 1;
  t.match(refused(wrong), /damaged/, 'a byte that changed on the way is noticed');
});

t.test('a file that is two things at once is kept as a picture alone', async (t) => {
  const both = Buffer.concat([gif(), Buffer.from('*/=1;alert(document.cookie)//')]);
  t.notOk(has(readPhoto('media', both).bytes, 'alert'));
  const zip = Buffer.concat([png(), Buffer.from('PK\x03\x04 a program in a zip')]);
  t.notOk(has(readPhoto('media', zip).bytes, 'PK\x03\x04'));
});
