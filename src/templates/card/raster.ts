/** A picture of 8 bit RGB, and shapes filled on it with exact coverage of every pixel. */
export interface Canvas {
  width: number;
  height: number;
  /** Three bytes a pixel, from the top left. */
  pixels: Uint8Array;
}
export type Colour = readonly [number, number, number];
/** x, y, x, y, … in pixels; closed. */
export type Polygon = readonly number[];

export function openCanvas(width: number, height: number, [r, g, b]: Colour): Canvas {
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = r;
    pixels[at + 1] = g;
    pixels[at + 2] = b;
  }
  return { width, height, pixels };
}

/**
 * Fills the polygons as one shape. The share of each pixel that they cover is summed up edge by edge (what an edge
 * covers to its right), so that the result does not depend on a number of samples. With `evenOdd` a shape inside a
 * shape is a hole, whichever way round it was drawn.
 */
export function fill(canvas: Canvas, shape: readonly Polygon[], colour: Colour, evenOdd = false): void {
  const area = areaOf(shape, canvas);
  const { left, top, right, bottom, stride } = area;
  if (right <= left || bottom <= top) return;
  const cover = new Float32Array((bottom - top) * stride);
  for (const polygon of shape) {
    const length = polygon.length;
    let x = polygon[length - 2] ?? 0;
    let y = polygon[length - 1] ?? 0;
    for (let n = 0; n < length; n += 2) {
      const nextX = polygon[n] ?? 0;
      const nextY = polygon[n + 1] ?? 0;
      addEdge(cover, area, x, y, nextX, nextY);
      x = nextX;
      y = nextY;
    }
  }
  for (let y = top; y < bottom; y++) {
    let sum = 0;
    for (let x = left; x < right; x++) {
      sum += cover[(y - top) * stride + x - left] ?? 0;
      const share = shareOf(sum, evenOdd);
      if (share > 0.002) blend(canvas.pixels, (y * canvas.width + x) * 3, colour, share);
    }
  }
}

/** The pixels that a shape can touch. A row of the sums has two more, for what edges cover to their right. */
interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
  stride: number;
}

function areaOf(shape: readonly Polygon[], { width, height }: Canvas): Area {
  const area = { left: width, top: height, right: 0, bottom: 0 };
  for (const polygon of shape)
    for (let n = 0; n < polygon.length; n += 2) {
      const x = polygon[n] ?? 0;
      const y = polygon[n + 1] ?? 0;
      area.left = Math.min(area.left, Math.floor(x));
      area.right = Math.max(area.right, Math.ceil(x));
      area.top = Math.min(area.top, Math.floor(y));
      area.bottom = Math.max(area.bottom, Math.ceil(y));
    }
  const left = Math.max(0, area.left);
  const right = Math.min(width, area.right);
  return {
    left,
    right,
    top: Math.max(0, area.top),
    bottom: Math.min(height, area.bottom),
    stride: Math.max(0, right - left) + 2,
  };
}

function shareOf(sum: number, evenOdd: boolean): number {
  const all = Math.abs(sum);
  if (!evenOdd) return Math.min(1, all);
  const rest = all % 2;
  return rest > 1 ? 2 - rest : rest;
}

function blend(pixels: Uint8Array, at: number, colour: Colour, share: number): void {
  for (let n = 0; n < 3; n++) {
    const there = pixels[at + n] ?? 0;
    pixels[at + n] = Math.round(there + ((colour[n] ?? 0) - there) * share);
  }
}

function addEdge(cover: Float32Array, area: Area, ax: number, ay: number, bx: number, by: number): void {
  if (ay === by) return;
  const sign = ay < by ? 1 : -1;
  const [x0, y0, x1, y1] = ay < by ? [ax, ay, bx, by] : [bx, by, ax, ay];
  const slope = (x1 - x0) / (y1 - y0);
  const last = Math.min(area.bottom, Math.ceil(y1));
  for (let y = Math.max(area.top, Math.floor(y0)); y < last; y++) {
    const high = Math.max(y, y0);
    const low = Math.min(y + 1, y1);
    const a = within(area, x0 + (high - y0) * slope);
    const b = within(area, x0 + (low - y0) * slope);
    addRow(cover, (y - area.top) * area.stride, Math.min(a, b), Math.max(a, b), (low - high) * sign);
  }
}

/** A place in a row, counted from the left of the area. */
const within = ({ left, right }: Area, x: number): number => Math.min(right, Math.max(left, x)) - left;

/** Spreads an edge's part in one row of pixels over the columns it crosses. */
function addRow(cover: Float32Array, row: number, left: number, right: number, height: number): void {
  const start = Math.floor(left);
  const end = Math.floor(right);
  const add = (column: number, value: number) => {
    cover[row + column] = (cover[row + column] ?? 0) + value;
  };
  if (start === end) {
    const middle = (left + right) / 2 - start;
    add(start, height * (1 - middle));
    add(start + 1, height * middle);
    return;
  }
  const step = height / (right - left);
  // The area right of the edge within each column; what a column adds beyond the one before goes into it.
  let before = 0;
  for (let column = start; column <= end; column++) {
    const from = Math.max(left, column);
    const to = Math.min(right, column + 1);
    const crossed = (to - from) * step;
    const area = crossed * (column + 1 - (from + to) / 2) + (from - left) * step;
    add(column, area - before);
    before = area;
  }
  add(end + 1, height - before);
}
