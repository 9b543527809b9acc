/** XML from typed parts: a string is always text and gets escaped, only `el` makes markup. */

export interface Markup {
  readonly markup: string;
}
export type Child = Markup | string | null | undefined;

// XML 1.0 §2.2 has no way to write these, not even escaped; a feed with one of them is refused whole.
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text without the characters XML cannot carry; half a character pair becomes a question mark in a diamond. */
export const clean = (text: string): string =>
  text.toWellFormed().replace(NOT_XML, '').replace(/\r\n?/g, '\n');

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and inside either kind of quotes, in XML and in HTML. */
export const escapeText = (text: string): string => clean(text).replace(/[&<>"']/g, (c) => ESCAPES[c]!);

/** One element. Attributes and children that are null are left out. */
export function el(
  name: string,
  attributes: Record<string, string | number | null> = {},
  ...children: readonly Child[]
): Markup {
  const attrs = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(
      ([key, value]) =>
        ` ${key}="${escapeText(String(value)).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;')}"`,
    )
    .join('');
  const inside = children.filter((c) => c !== null && c !== undefined);
  if (inside.length === 0) return { markup: `<${name}${attrs}/>` };
  const nested = inside.some((c) => typeof c !== 'string' && c.markup.startsWith('<'));
  const text = inside.map((c) => (typeof c === 'string' ? escapeText(c) : c.markup)).join(nested ? '\n' : '');
  return { markup: nested ? `<${name}${attrs}>\n${text}\n</${name}>` : `<${name}${attrs}>${text}</${name}>` };
}

/** A text element, or nothing when there is nothing to say. */
export const maybe = (name: string, text: string): Markup | null => (text === '' ? null : el(name, {}, text));

export const xmlDocument = (root: Markup): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${root.markup}\n`;
