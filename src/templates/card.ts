import { bold, type Font, regular } from './card/font.ts';
import { toJpeg } from './card/jpeg.ts';
import { toPng } from './card/png.ts';
import { type Canvas, type Colour, fill, openCanvas, type Polygon } from './card/raster.ts';
import type { Tone } from './draw/state.ts';

/** What a status card says. The pictures are 1080 × 1080: what Instagram shows whole, and no network cuts. */
export interface CardModel {
  pageName: string;
  /** Decides shape and colour. */
  tone: Tone;
  /** The state in a word or two: "Major outage". */
  state: string;
  headline: string;
  /** "Next update by 15:00 UTC"; empty when nothing is promised. */
  promise: string;
  /** When it was said: "21 November 2026, 14:05 UTC". */
  time: string;
  /** The page, as people type it: "status.example.com". */
  address: string;
}

export const CARD_SIZE = 1080;
const MARGIN = 84;
const WIDTH = CARD_SIZE - 2 * MARGIN;

/** The light values of tokens.css. */
const PAPER: Colour = [255, 255, 255];
const INK: Colour = [0x12, 0x15, 0x1d];
const INK_2: Colour = [0x4b, 0x50, 0x5d];
const TONES: Record<Tone, Colour> = {
  ok: [0x1b, 0x7a, 0x4c],
  degraded: [0x8a, 0x5c, 0x00],
  partial: [0xb0, 0x4a, 0x12],
  major: [0xbb, 0x1f, 0x22],
  maint: [0x2a, 0x5b, 0xb5],
  note: INK,
};

/** PNG, for previews of links and for every network that takes one. The same model gives the same bytes. */
export const renderCard = (model: CardModel): Buffer => toPng(draw(model));

/** JPEG, the only format that Instagram takes. */
export const renderCardJpeg = (model: CardModel): Buffer => toJpeg(draw(model));

function draw(model: CardModel): Canvas {
  const canvas = openCanvas(CARD_SIZE, CARD_SIZE, PAPER);
  const colour = TONES[model.tone];
  fill(canvas, [box(0, 0, CARD_SIZE, 20)], INK);

  const mark = 52;
  fill(canvas, scaled(MARK, 28, MARGIN, 84, mark), INK);
  line(canvas, bold, one(bold, model.pageName, 40, WIDTH - mark - 24), 40, MARGIN + mark + 24, 84 + 41, INK);

  const shape = 84;
  fill(canvas, scaled(SHAPES[model.tone], 16, MARGIN, 228, shape), colour, true);
  const room = WIDTH - shape - 30;
  const stateSize = fitting(bold, words(bold, model.state), room, 64, 40);
  line(
    canvas,
    bold,
    one(bold, model.state, stateSize, room),
    stateSize,
    MARGIN + shape + 30,
    228 + 42 + stateSize * 0.36,
    colour,
  );

  const promised = words(bold, model.promise);
  const floor = promised === '' ? 868 : 782;
  paragraph(canvas, words(bold, model.headline), { top: 378, bottom: floor });
  if (promised !== '') {
    fill(canvas, [box(MARGIN, 806, MARGIN + 10, 872)], colour);
    const size = fitting(bold, promised, WIDTH - 38, 44, 28);
    line(canvas, bold, cut(bold, promised, size, WIDTH - 38), size, MARGIN + 38, 839 + size * 0.36, INK);
  }

  fill(canvas, [box(MARGIN, 916, CARD_SIZE - MARGIN, 919)], INK);
  const address = words(bold, model.address);
  const addressSize = fitting(bold, address, WIDTH, 38, 26);
  line(canvas, bold, cut(bold, address, addressSize, WIDTH), addressSize, MARGIN, 974, INK);
  line(canvas, regular, one(regular, model.time, 32, WIDTH), 32, MARGIN, 1020, INK_2);
  return canvas;
}

/**
 * The words as this font can show them: without what has no shape, and nothing at all when a letter would be missing
 * (Arabic, Hindi, Japanese …), since half a sentence is worse than none. The post below the picture has them all.
 */
function words(font: Font, text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  let shown = '';
  for (const char of plain) {
    if (font.has(char)) shown += char;
    else if (/[\p{L}\p{N}]/u.test(char)) return '';
  }
  return shown.replace(/ +/g, ' ').trim();
}

/** One line of words, with an ellipsis where it would be too wide. */
function one(font: Font, text: string, size: number, room: number): string {
  return cut(font, words(font, text), size, room);
}

function cut(font: Font, text: string, size: number, room: number): string {
  if (font.width(text, size) <= room) return text;
  const chars = Array.from(text);
  let low = 0;
  let high = chars.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (font.width(`${chars.slice(0, middle).join('').trimEnd()}…`, size) <= room) low = middle;
    else high = middle - 1;
  }
  return `${chars.slice(0, low).join('').trimEnd()}…`;
}

/** The largest size, in steps, at which a line fits; the smallest when none does. */
function fitting(font: Font, text: string, room: number, most: number, least: number): number {
  for (let size = most; size > least; size -= 4) if (font.width(text, size) <= room) return size;
  return least;
}

/** The headline, as large as it can be in its room; at the smallest size it ends where the room does. */
function paragraph(canvas: Canvas, text: string, room: { top: number; bottom: number }): void {
  if (text === '') return;
  for (let size = 84; ; size -= 4) {
    const height = size * 1.18;
    const most = Math.floor((room.bottom - room.top) / height);
    const lines = wrap(bold, text, size, WIDTH);
    const isSmallest = size <= 36;
    if (lines.length > most && !isSmallest) continue;
    const shown = lines.slice(0, most);
    if (lines.length > most) shown[most - 1] = cut(bold, `${lines.slice(most - 1).join(' ')}`, size, WIDTH);
    for (const [n, words] of shown.entries())
      line(canvas, bold, words, size, MARGIN, room.top + size * 0.92 + n * height, INK);
    return;
  }
}

/** Breaks between words, and within one that is wider than the room. */
function wrap(font: Font, text: string, size: number, room: number): string[] {
  const lines: string[] = [];
  let current = '';
  const space = font.width(' ', size);
  let width = 0;
  for (const word of text.split(' ')) {
    const wide = font.width(word, size);
    if (current !== '' && width + space + wide <= room) {
      current += ` ${word}`;
      width += space + wide;
      continue;
    }
    if (current !== '') lines.push(current);
    current = '';
    width = 0;
    for (const char of word) {
      const one = font.width(char, size);
      if (width + one > room) {
        lines.push(current);
        current = '';
        width = 0;
      }
      current += char;
      width += one;
    }
  }
  if (current !== '') lines.push(current);
  return lines;
}

function line(
  canvas: Canvas,
  font: Font,
  text: string,
  size: number,
  x: number,
  base: number,
  colour: Colour,
): void {
  for (const char of groups(font, text, size, x))
    fill(canvas, font.outline(char.text, size, char.x, base), colour);
}

/** Letter by letter, so that a letter that overlaps its neighbour is no hole in it. */
function groups(font: Font, text: string, size: number, x: number): { text: string; x: number }[] {
  let pen = x;
  return Array.from(text, (char) => {
    const at = pen;
    pen += font.width(char, size);
    return { text: char, x: at };
  });
}

const box = (left: number, top: number, right: number, bottom: number): Polygon => [
  left,
  top,
  right,
  top,
  right,
  bottom,
  left,
  bottom,
];

const scaled = (shape: readonly Polygon[], from: number, x: number, y: number, size: number): Polygon[] =>
  shape.map((polygon) => polygon.map((value, n) => (n % 2 === 0 ? x : y) + (value * size) / from));

/** The strokes of a bell, as in mark.hbs. */
const MARK: readonly Polygon[] = [
  box(0, 17, 3.4, 24),
  box(6.1, 9, 9.5, 24),
  box(12.3, 1, 15.7, 28),
  box(18.5, 9, 21.9, 24),
  box(24.6, 17, 28, 24),
];

const circle: Polygon = Array.from({ length: 96 }, (_, n) => (n * Math.PI) / 48).flatMap((angle) => [
  8 + 8 * Math.cos(angle),
  8 + 8 * Math.sin(angle),
]);
/** As in icons.hbs, holes and all. */
const SHAPES: Record<Tone, readonly Polygon[]> = {
  ok: [circle, [3.6, 8.4, 7, 11.7, 12.6, 5.4, 11.1, 4.1, 7, 8.8, 5, 6.9]],
  degraded: [[8, 0.6, 16, 15, 0, 15], box(7, 5.5, 9, 10.3), box(7, 11.3, 9, 13.2)],
  partial: [
    [8, 0, 16, 8, 8, 16, 0, 8],
    [8, 3, 8, 13, 13, 8],
  ],
  major: [
    [4.7, 0, 11.3, 0, 16, 4.7, 16, 11.3, 11.3, 16, 4.7, 16, 0, 11.3, 0, 4.7],
    box(7, 3.5, 9, 9.1),
    box(7, 10.4, 9, 12.5),
  ],
  maint: [box(0, 0, 16, 16), box(4.5, 4, 6.9, 12), box(9.1, 4, 11.5, 12)],
  note: [box(2, 0, 14, 16), box(7, 3, 9, 5), box(7, 6.5, 9, 13)],
};
