import { invalid } from '../error.ts';
import { isPng, plainPng } from '../pictures/png.ts';

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
  if (isPng(bytes)) return { type: 'image/png', bytes: logoPng(field, bytes) };
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes).replace(/^\uFEFF/, '');
  if (/^\s*(<\?xml[^>]*\?>)?\s*(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(text))
    return { type: 'image/svg+xml', bytes: new TextEncoder().encode(plainSvg(field, text)) };
  throw invalid(field, 'This is neither a PNG nor an SVG. Save it as one of them.');
}

/** A PNG's picture alone, no larger than a logo needs. */
function logoPng(field: string, bytes: Uint8Array): Uint8Array {
  const { bytes: plain, width, height } = plainPng(field, bytes);
  if (width > MOST_PIXELS || height > MOST_PIXELS)
    throw invalid(field, `This is ${width} × ${height} pixels; ${MOST_PIXELS} a side is the most.`);
  return plain;
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
