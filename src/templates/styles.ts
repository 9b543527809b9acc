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
const desk = sheet(['tokens', 'parts', 'desk']);

/** The public page's styles; stand inline in each page, so that its first paint is one request. */
export const pageCss = (): Stylesheet => page;

/** The console's styles; served as a file under their hash. */
export const deskCss = (): Stylesheet => desk;
