import { bold, regular } from '../templates/card/font.ts';
import { toPng } from '../templates/card/png.ts';
import { type Canvas, type Colour, fill, openCanvas, type Polygon } from '../templates/card/raster.ts';

/** The picture of the played outage: which way card payments take. */

const WIDTH = 1_200;
const HEIGHT = 630;
const PAPER: Colour = [246, 244, 238];
const INK: Colour = [20, 24, 38];
const SOFT: Colour = [88, 94, 110];
const WHITE: Colour = [255, 255, 255];
const BAD: Colour = [178, 32, 24];
const GOOD: Colour = [15, 108, 78];

export const ROUTES_ALT =
  'A drawing of how card payments travel. From shops and online to the banks and card networks there are two routes. Route 1 is broken, marked with a red cross. Route 2 works, marked with a green tick: all payments are moving to it.';

const box = (x: number, y: number, w: number, h: number): Polygon => [x, y, x + w, y, x + w, y + h, x, y + h];

/** A bar from one point to another. */
function bar(x1: number, y1: number, x2: number, y2: number, width: number): Polygon {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const dx = ((y2 - y1) / length) * (width / 2);
  const dy = ((x2 - x1) / length) * (width / 2);
  return [x1 - dx, y1 + dy, x2 - dx, y2 + dy, x2 + dx, y2 - dy, x1 + dx, y1 - dy];
}

function write(canvas: Canvas, words: string, x: number, y: number, size: number, colour: Colour): void {
  const font = size >= 40 ? bold : regular;
  fill(canvas, font.outline(words, size, x - font.width(words, size) / 2, y), colour);
}

function place(canvas: Canvas, x: number, title: string, under: string): void {
  fill(canvas, [box(x - 150, 250, 300, 180)], INK);
  fill(canvas, [box(x - 144, 256, 288, 168)], WHITE);
  write(canvas, title, x, 340, 40, INK);
  write(canvas, under, x, 384, 28, SOFT);
}

/** A PNG of some kilobytes; the same every time. */
export function routesPicture(): Buffer {
  const canvas = openCanvas(WIDTH, HEIGHT, PAPER);
  write(canvas, 'How card payments travel', WIDTH / 2, 84, 48, INK);
  // Route 1 breaks off; route 2 arrives.
  fill(canvas, [bar(310, 300, 540, 190, 10)], BAD);
  fill(canvas, [bar(540, 190, 570, 190, 10)], BAD);
  fill(canvas, [bar(630, 190, 660, 190, 10), bar(660, 190, 890, 300, 10)], BAD);
  fill(canvas, [bar(572, 162, 628, 218, 16)], BAD);
  fill(canvas, [bar(572, 218, 628, 162, 16)], BAD);
  write(canvas, 'Route 1: broken', 600, 140, 40, BAD);
  fill(canvas, [bar(310, 380, 540, 490, 14)], GOOD);
  fill(canvas, [bar(538, 489, 662, 489, 14)], GOOD);
  fill(canvas, [bar(660, 490, 890, 380, 14)], GOOD);
  fill(canvas, [bar(562, 416, 594, 450, 16)], GOOD);
  fill(canvas, [bar(588, 452, 648, 384, 16)], GOOD);
  write(canvas, 'Route 2: works', 600, 562, 40, GOOD);
  write(canvas, 'all payments are moving here', 600, 602, 28, SOFT);
  place(canvas, 170, 'Shops', 'and online');
  place(canvas, 1_030, 'Banks', 'and card networks');
  return toPng(canvas);
}
