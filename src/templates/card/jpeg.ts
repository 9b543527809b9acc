import type { Canvas } from './raster.ts';

/** A canvas as baseline JPEG (ITU T.81), colours unthinned, fine enough for the edges of letters. */
export function toJpeg({ width, height, pixels }: Canvas): Buffer {
  const planes = toYCbCr(pixels);
  const out = bitWriter();
  const before = [0, 0, 0];
  for (let y = 0; y < height; y += 8)
    for (let x = 0; x < width; x += 8)
      for (const [n, plane] of planes.entries()) {
        const block = quantized(plane, { width, height, x, y });
        writeBlock(out, block, before[n] ?? 0);
        before[n] = block[0] ?? 0;
      }
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height, 0);
  size.writeUInt16BE(width, 2);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...ZIGZAG.map((at) => QUANT[at] ?? 1)]),
    segment(0xc0, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    segment(0xc4, [0x00, ...DC.bits, ...DC.values, 0x10, ...AC.bits, ...AC.values]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    out.end(),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, body: readonly number[]): Buffer {
  const length = body.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...body]);
}

/** Annex K.1, scaled for quality 92. */
const QUANT = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
].map((value) => Math.max(1, Math.floor((value * 16 + 50) / 100)));

/** The diagonal order of a block's 64 values. */
const ZIGZAG = [...Array(64).keys()].sort((a, b) => {
  const [diagonalA, diagonalB] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
  if (diagonalA !== diagonalB) return diagonalA - diagonalB;
  return diagonalA % 2 === 0 ? (a & 7) - (b & 7) : (b & 7) - (a & 7);
});

interface Huffman {
  bits: readonly number[];
  values: readonly number[];
  /** Code and its length, by value. */
  codes: Map<number, readonly [number, number]>;
}

/** Annex K.3: the tables of luminance, which serve all three planes. */
const DC = huffman([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [...Array(12).keys()]);
const AC = huffman(
  [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  [
    ...Buffer.from(
      '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
      'hex',
    ),
  ],
);

function huffman(bits: readonly number[], values: readonly number[]): Huffman {
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let next = 0;
  for (const [n, count] of bits.entries()) {
    for (let i = 0; i < count; i++) codes.set(values[next++] ?? 0, [code++, n + 1]);
    code <<= 1;
  }
  return { bits, values, codes };
}

function toYCbCr(pixels: Uint8Array): Float32Array[] {
  const count = pixels.length / 3;
  const [luma, blue, red] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  for (let n = 0; n < count; n++) {
    const [r, g, b] = [pixels[3 * n] ?? 0, pixels[3 * n + 1] ?? 0, pixels[3 * n + 2] ?? 0];
    luma[n] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    blue[n] = -0.168736 * r - 0.331264 * g + 0.5 * b;
    red[n] = 0.5 * r - 0.418688 * g - 0.081312 * b;
  }
  return [luma, blue, red];
}

/** The cosines of the transform, `[frequency][place]`. */
const COS = Array.from({ length: 8 }, (_, u) =>
  Array.from(
    { length: 8 },
    (_, x) => (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16),
  ),
);

/** One block, transformed and quantized, in zigzag order. At the borders the last pixel is repeated. */
function quantized(
  plane: Float32Array,
  at: { width: number; height: number; x: number; y: number },
): Int16Array {
  const block = new Int16Array(64);
  const source = new Float32Array(64);
  for (let y = 0; y < 8; y++) {
    const line = Math.min(at.height - 1, at.y + y) * at.width;
    for (let x = 0; x < 8; x++) source[y * 8 + x] = plane[line + Math.min(at.width - 1, at.x + x)] ?? 0;
  }
  const [first = 0] = source;
  if (source.every((value) => value === first)) {
    // Most of a card is paper.
    block[0] = Math.round((8 * first) / (QUANT[0] ?? 1));
    return block;
  }
  const rows = new Float32Array(64);
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += (COS[u]?.[x] ?? 0) * (source[y * 8 + x] ?? 0);
      rows[y * 8 + u] = sum;
    }
  const values = new Float32Array(64);
  for (let u = 0; u < 8; u++)
    for (let v = 0; v < 8; v++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += (COS[v]?.[y] ?? 0) * (rows[y * 8 + u] ?? 0);
      values[v * 8 + u] = sum;
    }
  for (const [n, place] of ZIGZAG.entries())
    block[n] = Math.round((values[place] ?? 0) / (QUANT[place] ?? 1));
  return block;
}

type BitWriter = ReturnType<typeof bitWriter>;

function writeBlock(out: BitWriter, block: Int16Array, before: number): void {
  writeValue(out, DC, 0, (block[0] ?? 0) - before);
  let zeros = 0;
  for (let n = 1; n < 64; n++) {
    const value = block[n] ?? 0;
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writeCode(out, AC, 0xf0);
    writeValue(out, AC, zeros, value);
    zeros = 0;
  }
  if (zeros > 0) writeCode(out, AC, 0);
}

/** A run of zeros and the length of the value as one code, then the value's bits; negative ones from below. */
function writeValue(out: BitWriter, table: Huffman, run: number, value: number): void {
  const length = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
  writeCode(out, table, run * 16 + length);
  if (length > 0) out.put(value > 0 ? value : value + 2 ** length - 1, length);
}

function writeCode(out: BitWriter, table: Huffman, value: number): void {
  const [code, length] = table.codes.get(value) ?? [0, 0];
  out.put(code, length);
}

function bitWriter() {
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  const push = (byte: number) => {
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0); // or it would be a marker
  };
  return {
    put(value: number, length: number) {
      held = (held << length) | value;
      count += length;
      while (count >= 8) {
        push((held >> (count - 8)) & 255);
        count -= 8;
      }
      held &= (1 << count) - 1;
    },
    end(): Buffer {
      if (count > 0) push(((held << (8 - count)) | (255 >> count)) & 255);
      return Buffer.from(bytes);
    },
  };
}
