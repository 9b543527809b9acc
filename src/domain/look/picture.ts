import { invalid } from '../error.ts';

/** Pictures of a page's own. What is kept is written anew from what was understood, or it is refused. */

/** Largest picture, bytes. */
export const MOST_BYTES = 60_000;
const MOST_PIXELS = 2_000;

export interface Picture {
  type: 'image/png' | 'image/svg+xml';
  bytes: Uint8Array;
}

/** Looks at the bytes, whatever they were called. Throws `invalid` naming the field. */
export function readPicture(field: string, bytes: Uint8Array): Picture {
  if (bytes.length === 0) throw invalid(field, 'Choose a file: a PNG or an SVG.');
  if (bytes.length > MOST_BYTES)
    throw invalid(
      field,
      `This is ${Math.ceil(bytes.length / 1_000)} KB; ${MOST_BYTES / 1_000} KB is the most. Make it smaller.`,
    );
  if (SIGNATURE.every((b, i) => bytes[i] === b)) return { type: 'image/png', bytes: plainPng(field, bytes) };
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes).replace(/^\uFEFF/, '');
  if (/^\s*(<\?xml[^>]*\?>)?\s*(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(text))
    return { type: 'image/svg+xml', bytes: new TextEncoder().encode(plainSvg(field, text)) };
  throw invalid(field, 'This is neither a PNG nor an SVG. Save it as one of them.');
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** What makes up the picture; texts, times, places and everything unknown are left out. */
const CHUNKS = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'gAMA',
  'sRGB',
  'cHRM',
  'sBIT',
  'bKGD',
  'pHYs',
]);

/** The chunks of the picture itself, each checked against its sum; nothing after its end. */
function plainPng(field: string, bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const broken = () => invalid(field, 'This PNG is damaged. Save it again.');
  let seen = '';
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw broken();
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + size;
    if (end > bytes.length || !/^[A-Za-z]{4}$/.test(type)) throw broken();
    if (view.getUint32(end - 4) !== crc(bytes.subarray(at + 4, end - 4))) throw broken();
    if ((at === 8) !== (type === 'IHDR')) throw broken();
    if (type === 'IHDR') {
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      if (size !== 13 || width === 0 || height === 0) throw broken();
      if (width > MOST_PIXELS || height > MOST_PIXELS)
        throw invalid(field, `This is ${width} × ${height} pixels; ${MOST_PIXELS} a side is the most.`);
    }
    if (CHUNKS.has(type)) kept.push(bytes.subarray(at, end));
    seen += ` ${type}`;
    at = end;
    if (type === 'IEND') break;
  }
  if (!seen.includes(' IDAT')) throw broken();
  const out = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of kept) {
    out.set(part, to);
    to += part.length;
  }
  return out;
}

function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const ELEMENTS = new Set(
  'svg g path rect circle ellipse line polyline polygon title desc defs linearGradient radialGradient stop clipPath mask use symbol text tspan'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  (
    'xmlns viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points transform fill fill-rule fill-opacity stroke ' +
    'stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset stroke-opacity opacity ' +
    'id offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod clip-path clip-rule clipPathUnits mask ' +
    'maskUnits href preserveAspectRatio version role aria-label font-family font-size font-weight text-anchor dominant-baseline letter-spacing'
  ).split(' '),
);
const REFERENCE = /^(url\(#[\w-]+\)|#[\w-]+)$/;

/** The drawing alone: known elements and attributes, references to itself only. Anything that could act is refused. */
function plainSvg(field: string, text: string): string {
  if (/<!DOCTYPE|<!ENTITY|<!\[CDATA\[|<\?(?!xml\s)/i.test(text))
    throw invalid(field, 'This SVG has a document type or instructions in it. Save it as a plain SVG.');
  const clean = text.replace(/<\?xml[^>]*\?>/, '').replace(/<!--[\s\S]*?-->/g, '');
  const open: string[] = [];
  let out = '';
  let at = 0;
  for (const match of clean.matchAll(
    /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/g,
  )) {
    out += words(field, clean.slice(at, match.index));
    at = match.index + match[0].length;
    const [, closes, name = '', attributes = '', empty] = match;
    if (!ELEMENTS.has(name))
      throw invalid(
        field,
        `This SVG has <${name}> in it, which a logo does not need. Save it as a plain SVG.`,
      );
    if (closes) {
      if (open.pop() !== name) throw invalid(field, 'This SVG is damaged. Save it again.');
      out += `</${name}>`;
      continue;
    }
    if (open.length === 0 && (name !== 'svg' || out.trim() !== ''))
      throw invalid(field, 'This SVG is damaged. Save it again.');
    out += `<${name}${attributesOf(field, attributes)}${empty ? '/' : ''}>`;
    if (!empty) open.push(name);
  }
  out += words(field, clean.slice(at));
  if (open.length > 0) throw invalid(field, 'This SVG is damaged. Save it again.');
  return /^<svg[^>]*\sxmlns=/.test(out.trim())
    ? out.trim()
    : out.trim().replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}

function words(field: string, text: string): string {
  if (text.includes('<') || /&(?!(amp|lt|gt|quot|apos|#\d{1,6}|#x[0-9a-f]{1,6});)/i.test(text))
    throw invalid(field, 'This SVG is damaged, or has something in it that a logo does not need.');
  return text;
}

function attributesOf(field: string, text: string): string {
  let out = '';
  for (const [, given = '', double, single] of text.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const value = double ?? single ?? '';
    const name = given === 'xlink:href' ? 'href' : given;
    if (/^on/i.test(name))
      throw invalid(field, `This SVG would run something (${name}). Save it as a plain SVG.`);
    if (name === 'style')
      throw invalid(field, 'This SVG has styles in it. Save it with presentation attributes.');
    if (!ATTRIBUTES.has(name)) continue;
    if (name === 'xmlns' && value !== 'http://www.w3.org/2000/svg')
      throw invalid(field, 'This SVG is of another kind of XML. Save it as a plain SVG.');
    if ((name === 'href' || /url\s*\(/i.test(value)) && !REFERENCE.test(value.trim()))
      throw invalid(field, 'This SVG loads something from elsewhere. Save it with everything in it.');
    if (/[<>]|javascript:|data:|&(?!(amp|quot|apos|lt|gt);)/i.test(value))
      throw invalid(field, `This SVG has “${name}” with something in it that a logo does not need.`);
    out += ` ${name}="${value.replaceAll('"', '&quot;')}"`;
  }
  return out;
}
