import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Polygon } from './raster.ts';

/** Outlines of Noto Sans, made by scripts/card-font.mjs; see OFL.txt beside them. */
interface Outlines {
  unitsPerEm: number;
  /** For each character: its advance, then its contours as [2·dx+onCurve, dy, …]. */
  glyphs: Record<string, [number, ...number[][]]>;
}

const read = (name: string): Outlines =>
  JSON.parse(gunzipSync(readFileSync(new URL(name, import.meta.url))).toString('utf8')) as Outlines;

export interface Font {
  has(char: string): boolean;
  /** Width of a line, in pixels. */
  width(text: string, size: number): number;
  /** Shapes of a line whose left end and base line are given, in pixels. */
  outline(text: string, size: number, x: number, y: number): Polygon[];
}

export const regular = openFont('./regular.json.gz');
export const bold = openFont('./bold.json.gz');

/** Read at the first use: most processes never draw a card. */
function openFont(name: string): Font {
  let loaded: Outlines | undefined;
  const font = (): Outlines => {
    loaded ??= read(name);
    return loaded;
  };
  const advance = (char: string): number => font().glyphs[char]?.[0] ?? 0;
  return {
    has: (char) => Object.hasOwn(font().glyphs, char),
    width: (text, size) =>
      Array.from(text).reduce((sum, char) => sum + advance(char), 0) * (size / font().unitsPerEm),
    outline(text, size, x, y) {
      const scale = size / font().unitsPerEm;
      const shapes: Polygon[] = [];
      let pen = x;
      for (const char of text) {
        const [, ...contours] = font().glyphs[char] ?? [0];
        for (const contour of contours) shapes.push(flatten(contour, scale, pen, y));
        pen += advance(char) * scale;
      }
      return shapes;
    },
  };
}

/** Steps of a curve; at the sizes of a card nobody sees that it is made of lines. */
const STEPS = 6;

/** A contour of lines and quadratic curves as a polygon. Between two control points lies a point on the curve. */
function flatten(contour: readonly number[], scale: number, left: number, base: number): Polygon {
  const points: { x: number; y: number; on: boolean }[] = [];
  let ux = 0;
  let uy = 0;
  for (let n = 0; n < contour.length; n += 2) {
    const packed = contour[n] ?? 0;
    ux += packed >> 1;
    uy += contour[n + 1] ?? 0;
    points.push({ x: left + ux * scale, y: base - uy * scale, on: (packed & 1) === 1 });
  }
  const polygon: number[] = [];
  const count = points.length;
  for (let n = 0; n < count; n++) {
    const point = points[n];
    const before = points[(n + count - 1) % count];
    const after = points[(n + 1) % count];
    if (point === undefined || before === undefined || after === undefined) continue;
    if (point.on) {
      polygon.push(point.x, point.y);
      continue;
    }
    const from = before.on ? before : middle(before, point);
    const to = after.on ? after : middle(point, after);
    for (let step = before.on ? 1 : 0; step < STEPS; step++) {
      const t = step / STEPS;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      polygon.push(a * from.x + b * point.x + c * to.x, a * from.y + b * point.y + c * to.y);
    }
  }
  return polygon;
}

const middle = (a: { x: number; y: number }, b: { x: number; y: number }) => ({
  x: (a.x + b.x) / 2,
  y: (a.y + b.y) / 2,
});
