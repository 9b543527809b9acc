import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A stylesheet ready to be sent: minified text, a short name for its address, and its CSP source. */
export interface Stylesheet {
  text: string;
  /** First 12 hex digits of the text's SHA-256. */
  hash: string;
  /** For `style-src`: lets exactly this text stand inline. */
  csp: string;
}

const read = (name: string) => readFileSync(new URL(`./styles/${name}.css`, import.meta.url), 'utf8');

/** Takes out comments and the spaces CSS does not need. Ours has no strings in which either would matter. */
export function minify(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .trim();
}

function sheet(names: readonly string[]): Stylesheet {
  const text = minify(names.map(read).join('\n'));
  const digest = createHash('sha256').update(text).digest();
  return { text, hash: digest.toString('hex').slice(0, 12), csp: `'sha256-${digest.toString('base64')}'` };
}

const page = sheet(['tokens', 'parts', 'page']);
const plain = sheet(['tokens', 'parts', 'page', 'plain']);
const embed = sheet(['tokens', 'parts', 'embed']);
const desk = sheet([
  'tokens',
  'parts',
  'desk',
  'desk-screens',
  'desk-console',
  'desk-judgement',
  'desk-words',
]);
const stylePages = {
  page: sheet(['tokens', 'parts', 'page', 'style']),
  desk: sheet([
    'tokens',
    'parts',
    'desk',
    'desk-screens',
    'desk-console',
    'desk-judgement',
    'desk-words',
    'style',
  ]),
};

/** The public page's styles; stand inline in each page, so that its first paint is one request. */
export const pageCss = (): Stylesheet => page;

/** The styles of a page with one form. */
export const plainCss = (): Stylesheet => plain;

/** The styles of a notice that stands in a frame on another site; inline, like the page's. */
export const embedCss = (): Stylesheet => embed;

/** The console's styles; served as a file under their hash. */
export const deskCss = (): Stylesheet => desk;

/** Either system's styles with what the style page itself needs to show them. */
export const styleCss = (of: 'page' | 'desk'): Stylesheet => stylePages[of];

/** A page's own style: its accents, then its rules. Null when it has none; a grave page wears no colours of its own. */
export function ownStyle(
  settings: { accent?: { light: string; dark: string }; customCss?: string },
  grave: boolean,
): { css: string; csp: string } | null {
  const { accent, customCss = '' } = settings;
  if (grave || (!accent && customCss === '')) return null;
  const colours = accent
    ? `:root{--link:${accent.light}}@supports (color:light-dark(red,red)){:root{--link:light-dark(${accent.light},${accent.dark})}}.org svg{color:var(--link)}`
    : '';
  const css = `${colours}${customCss}`;
  return { css, csp: `'sha256-${createHash('sha256').update(css).digest('base64')}'` };
}

/** Names of the tokens in a group: colours, type, space, corners. In the order they are written. */
export function tokens(): { colours: string[]; type: string[]; space: string[]; corners: string[] } {
  const names = [...new Set(Array.from(read('tokens').matchAll(/--([a-z][\w-]*):/g), (m) => m[1] as string))];
  const type = names.filter((n) => /^t(\d|-)/.test(n));
  const space = names.filter((n) => /^s\d$/.test(n));
  const corners = names.filter((n) => /^r\d$/.test(n));
  const other = new Set([...type, ...space, ...corners, 'k', 'font', 'mono', 'lift', 'lift-2', 'hit']);
  return { colours: names.filter((n) => !other.has(n)), type, space, corners };
}
