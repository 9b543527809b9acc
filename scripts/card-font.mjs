/**
 * Makes the outlines that status cards are drawn with, from a TrueType font:
 *   node scripts/card-font.mjs NotoSans-Bold.ttf src/templates/card/bold.json.gz
 * The letters of the languages with Latin, Greek and Cyrillic script, without hints and kerning. For each character:
 * its advance, then its contours as [2x+onCurve, y, …], every point as the difference from the one before.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x218, 0x21b],
  [0x384, 0x3ce],
  [0x400, 0x45f],
  [0x490, 0x491],
  [0x1e9e, 0x1e9e],
  [0x2010, 0x2015],
  [0x2018, 0x201f],
  [0x2020, 0x2022],
  [0x2026, 0x2026],
  [0x2030, 0x2033],
  [0x2039, 0x203a],
  [0x20ac, 0x20ac],
  [0x20b9, 0x20b9],
  [0x2116, 0x2116],
  [0x2122, 0x2122],
  [0x2190, 0x2193],
  [0x2212, 0x2212],
];

const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined)
  throw new Error('Usage: card-font.mjs <font.ttf> <out.json.gz>');
const font = readFileSync(source);
const tables = new Map();
for (let n = 0; n < font.readUInt16BE(4); n++) {
  const at = 12 + n * 16;
  tables.set(font.toString('latin1', at, at + 4), font.readUInt32BE(at + 8));
}
const at = (name) => {
  const offset = tables.get(name);
  if (offset === undefined) throw new Error(`The font has no table ${name}`);
  return offset;
};

const unitsPerEm = font.readUInt16BE(at('head') + 18);
const longLoca = font.readInt16BE(at('head') + 50) === 1;
const ascent = font.readInt16BE(at('hhea') + 4);
const descent = font.readInt16BE(at('hhea') + 6);
const metrics = font.readUInt16BE(at('hhea') + 34);
const advanceOf = (glyph) => font.readUInt16BE(at('hmtx') + 4 * Math.min(glyph, metrics - 1));
const offsetOf = (glyph) =>
  longLoca ? font.readUInt32BE(at('loca') + 4 * glyph) : 2 * font.readUInt16BE(at('loca') + 2 * glyph);

/** Glyph of a character, by a table of format 4 (the basic plane). */
function glyphOf(code) {
  const cmap = at('cmap');
  for (let n = 0; n < font.readUInt16BE(cmap + 2); n++) {
    const sub = cmap + font.readUInt32BE(cmap + 4 + n * 8 + 4);
    if (font.readUInt16BE(sub) !== 4) continue;
    const count = font.readUInt16BE(sub + 6) / 2;
    for (let i = 0; i < count; i++) {
      const end = font.readUInt16BE(sub + 14 + 2 * i);
      if (code > end) continue;
      const start = font.readUInt16BE(sub + 16 + 2 * count + 2 * i);
      if (code < start) return 0;
      const delta = font.readUInt16BE(sub + 16 + 4 * count + 2 * i);
      const rangeAt = sub + 16 + 6 * count + 2 * i;
      const range = font.readUInt16BE(rangeAt);
      if (range === 0) return (code + delta) & 0xffff;
      const glyph = font.readUInt16BE(rangeAt + range + 2 * (code - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
  }
  return 0;
}

/** Contours of a glyph as lists of [x, y, onCurve]; parts of a composite are moved into place. */
function contoursOf(glyph) {
  const from = offsetOf(glyph);
  if (from === offsetOf(glyph + 1)) return [];
  let p = at('glyf') + from;
  const count = font.readInt16BE(p);
  p += 10;
  return count >= 0 ? simple(p, count) : composite(p);
}

function simple(start, count) {
  let p = start;
  const ends = Array.from({ length: count }, (_, n) => font.readUInt16BE(p + 2 * n));
  p += 2 * count;
  p += 2 + font.readUInt16BE(p);
  const total = (ends.at(-1) ?? -1) + 1;
  const flags = [];
  while (flags.length < total) {
    const flag = font[p++];
    const repeat = flag & 8 ? font[p++] : 0;
    for (let n = 0; n <= repeat; n++) flags.push(flag);
  }
  const axis = (short, same) => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) {
        const step = font[p++];
        value += flag & same ? step : -step;
      } else if (!(flag & same)) {
        value += font.readInt16BE(p);
        p += 2;
      }
      return value;
    });
  };
  const xs = axis(2, 16);
  const ys = axis(4, 32);
  return ends.map((end, n) =>
    Array.from({ length: end - (ends[n - 1] ?? -1) }, (_, i) => {
      const k = (ends[n - 1] ?? -1) + 1 + i;
      return [xs[k], ys[k], flags[k] & 1];
    }),
  );
}

function composite(start) {
  const contours = [];
  let p = start;
  for (;;) {
    const flags = font.readUInt16BE(p);
    const glyph = font.readUInt16BE(p + 2);
    p += 4;
    const words = flags & 1;
    const dx = words ? font.readInt16BE(p) : font.readInt8(p);
    const dy = words ? font.readInt16BE(p + 2) : font.readInt8(p + 1);
    p += words ? 4 : 2;
    const f2 = () => {
      p += 2;
      return font.readInt16BE(p - 2) / 16384;
    };
    let m = [1, 0, 0, 1];
    if (flags & 8) {
      const scale = f2();
      m = [scale, 0, 0, scale];
    } else if (flags & 0x40) m = [f2(), 0, 0, f2()];
    else if (flags & 0x80) m = [f2(), f2(), f2(), f2()];
    for (const contour of contoursOf(glyph))
      contours.push(
        contour.map(([x, y, on]) => [
          Math.round(m[0] * x + m[2] * y + dx),
          Math.round(m[1] * x + m[3] * y + dy),
          on,
        ]),
      );
    if (!(flags & 0x20)) return contours;
  }
}

const glyphs = {};
for (const [first, last] of RANGES)
  for (let code = first; code <= last; code++) {
    const glyph = glyphOf(code);
    if (glyph === 0) continue;
    const contours = contoursOf(glyph).map((contour) => {
      let [x, y] = [0, 0];
      return contour.flatMap(([px, py, on]) => {
        const step = [2 * (px - x) + on, py - y];
        [x, y] = [px, py];
        return step;
      });
    });
    glyphs[String.fromCodePoint(code)] = [advanceOf(glyph), ...contours];
  }
const json = JSON.stringify({ unitsPerEm, ascent, descent, glyphs });
writeFileSync(target, gzipSync(json, { level: 9 }));
