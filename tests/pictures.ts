import { crc32, deflateSync } from 'node:zlib';
import { toJpeg } from '../src/templates/card/jpeg.ts';

/** Pictures for tests, made here: small, real, and with in them what must not leave the house. */

/** A word that stands in everything that is not the picture: no published byte may have it. */
export const SECRET = 'GPS 51.5007 N 0.1246 W, phone of Dana Cole';

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A picture of one shade; the same shade is the same picture. `says` claims another size than it has. */
export const png = (shade = 120, width = 64, height = 48, says = [width, height]): Buffer =>
  pngOf(Buffer.alloc((width + 1) * height, shade), width, height, says);

/** A picture that no compression makes smaller: one byte for each pixel. */
export function noise(width: number, height: number): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  let state = 1;
  for (let i = 0; i < rows.length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    rows[i] = state >>> 16;
  }
  return pngOf(rows, width, height, [width, height]);
}

function pngOf(rows: Buffer, width: number, height: number, says: readonly number[]): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(says[0] ?? width, 0);
  head.writeUInt32BE(says[1] ?? height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  for (let y = 0; y < height; y += 1) rows[y * (width + 1)] = 0;
  return Buffer.concat([
    PNG_HEAD,
    chunk('IHDR', head),
    chunk('tEXt', Buffer.from(`Comment\0${SECRET}`)),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The same with a picture in it that moves. */
export const movingPng = (): Buffer => {
  const still = png();
  const at = still.indexOf('IDAT') - 4;
  return Buffer.concat([still.subarray(0, at), chunk('acTL', Buffer.alloc(8, 1)), still.subarray(at)]);
};

const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};

/** A photo as a phone makes it: lying on its side, with where and when it was taken, and more behind its end. */
export function photo(turned = 6, width = 96, height = 64): Buffer {
  const pixels = Buffer.alloc(width * height * 3, 90);
  const plain = Buffer.from(toJpeg({ width, height, pixels } as Parameters<typeof toJpeg>[0]));
  const tiff = Buffer.from([
    ...[0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 1, 0],
    ...[0x12, 0x01, 3, 0, 1, 0, 0, 0, turned, 0, 0, 0],
    ...[0, 0, 0, 0],
  ]);
  return Buffer.concat([
    plain.subarray(0, 2),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(SECRET)])),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${SECRET}`)),
    segment(0xfe, Buffer.from(SECRET)),
    plain.subarray(2),
    Buffer.from(`<script>alert(1)</script>${SECRET}`),
  ]);
}

/** A GIF of one frame or more, one pixel each. */
export function gif(frames = 1): Buffer {
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  const comment = Buffer.concat([
    Buffer.from([0x21, 0xfe, SECRET.length]),
    Buffer.from(SECRET),
    Buffer.from([0]),
  ]);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    comment,
    ...Array.from({ length: frames }, () => frame),
    Buffer.from([0x3b]),
    Buffer.from(SECRET),
  ]);
}

const riff = (...chunks: readonly [string, Buffer][]): Buffer => {
  const body = Buffer.concat([
    Buffer.from('WEBP'),
    ...chunks.flatMap(([type, data]) => {
      const head = Buffer.alloc(8);
      head.write(type, 'latin1');
      head.writeUInt32LE(data.length, 4);
      return [head, data, Buffer.alloc(data.length % 2)];
    }),
  ]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};

/** One white pixel, lossless: a real WebP, with Exif beside it. */
export function webp(moving = false): Buffer {
  const pixel = Buffer.from('2f0000000007d0ffefff03', 'hex');
  const flags = moving ? 0x02 : 0x08;
  return riff(
    ['VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ...(moving ? [['ANIM', Buffer.alloc(6)] as [string, Buffer]] : []),
    ['VP8L', pixel],
    ['EXIF', Buffer.from(SECRET)],
  );
}

export const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("/desk")</script><rect width="9" height="9"/></svg>',
);

/** A form with a file in it, as a browser sends it. */
export function formWith(
  fields: Readonly<Record<string, string | readonly string[]>>,
  file: { name: string; filename: string; type: string; bytes: Buffer } | undefined,
): { headers: { 'content-type': string }; payload: Buffer } {
  const edge = 'edge-of-a-form';
  const parts: Buffer[] = Object.entries(fields).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) =>
        Buffer.from(`--${edge}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
      ),
  );
  if (file)
    parts.push(
      Buffer.from(
        `--${edge}\r\ncontent-disposition: form-data; name="${file.name}"; filename="${file.filename}"\r\ncontent-type: ${file.type}\r\n\r\n`,
      ),
      file.bytes,
      Buffer.from('\r\n'),
    );
  parts.push(Buffer.from(`--${edge}--\r\n`));
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${edge}` },
    payload: Buffer.concat(parts),
  };
}
