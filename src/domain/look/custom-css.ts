import { invalid } from '../error.ts';

/**
 * Rules of a page's own style: read and written anew, every selector held to what is on the page, nothing loaded from
 * anywhere. What is not understood is refused with its words, never passed on.
 */

/** Longest style, in characters: it stands in every page before the first paint. */
export const MOST_CSS = 6_000;

const refuse = (words: string) => invalid('customCss', words);

const FORBIDDEN: readonly [RegExp, string][] = [
  [/\\/, 'Write characters as they are: backslashes can hide what a style does.'],
  [/[<>]\s*[!/a-z]*script|<|-->/i, 'A style has no < in it.'],
  [/@(?!media\b|supports\b)[\w-]+/i, 'Only @media and @supports can be used; nothing is loaded or renamed.'],
  [
    /\b(url|src|image|image-set|cross-fade|element|attr|expression|paint)\s*\(/i,
    'Nothing is loaded by a style: take the logo under Pictures, and no url().',
  ],
  [/-moz-binding|behavior\s*:|javascript:/i, 'A style cannot run anything.'],
];

/** The same style, safe to stand in a page; empty for none. Throws `invalid` (field `customCss`) with what to change. */
export function scopeCss(typed: string): string {
  const text = typed
    .replace(/\r\n?/g, '\n')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .trim();
  if (text.length > MOST_CSS)
    throw refuse(
      `This is ${text.length} characters long; ${MOST_CSS} is the most. It is part of every first paint.`,
    );
  // Only text: a control character has no business here.
  if (/[^\P{Cc}\n\t]/u.test(text))
    throw refuse('There are invisible characters in this style. Type it again.');
  for (const [pattern, words] of FORBIDDEN) if (pattern.test(text)) throw refuse(words);
  return rules(text, 0);
}

/** Where a block that opened at `from` ends; strings may have braces in them. */
function blockEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const c = text[at]!;
    if (c === '"' || c === "'") {
      const close = text.indexOf(c, at + 1);
      if (close < 0 || text.slice(at, close).includes('\n')) throw refuse('A string is not closed.');
      at = close;
    } else if (c === '{') depth += 1;
    else if (c === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw refuse('A { is not closed.');
}

function rules(text: string, depth: number): string {
  if (depth > 3) throw refuse('This is nested too deep.');
  let out = '';
  for (let at = 0; ; ) {
    const rest = text.slice(at);
    const gap = /^\s*/.exec(rest)![0].length;
    at += gap;
    if (at >= text.length) return out;
    const open = text.indexOf('{', at);
    if (open < 0) throw refuse(`This is no rule: “${text.slice(at, at + 40)}”.`);
    const head = text.slice(at, open).trim();
    const end = blockEnd(text, open);
    const body = text.slice(open + 1, end);
    if (head.startsWith('@')) {
      if (!/^@(media|supports)[\w\s():,.%/<=-]+$/i.test(head))
        throw refuse(`This cannot be used: “${head}”.`);
      out += `${head}{${rules(body, depth + 1)}}`;
    } else out += `${scope(head)}{${declarations(body)}}`;
    at = end + 1;
  }
}

/** Every selector below the body, so that none reaches what holds the page together. */
function scope(list: string): string {
  if (list === '' || /[;{}@"'`]/.test(list.replace(/\[[^\]]*\]/g, '')))
    throw refuse(`This is no selector: “${list.slice(0, 60)}”.`);
  return split(list)
    .map((one) => {
      const selector = one.trim();
      if (selector === '' || /^(html|:root|body|:scope)\b/i.test(selector) || selector.startsWith(':root'))
        throw refuse('Begin each selector with something on the page, like .mast or h1.');
      return `body ${selector}`;
    })
    .join(',');
}

/** At commas that stand in no brackets. */
function split(list: string): string[] {
  const out = [''];
  let depth = 0;
  for (const c of list) {
    if (c === '(' || c === '[') depth += 1;
    if (c === ')' || c === ']') depth -= 1;
    if (c === ',' && depth === 0) out.push('');
    else out[out.length - 1] += c;
  }
  if (depth !== 0) throw refuse('A bracket in a selector is not closed.');
  return out;
}

function declarations(body: string): string {
  if (/[{}]/.test(body.replace(/"[^"]*"|'[^']*'/g, '')))
    throw refuse('Rules inside rules are not understood; write them one after the other.');
  return body
    .split(';')
    .map((one) => one.trim().replace(/\s+/g, ' '))
    .filter((one) => one !== '')
    .map((one) => {
      if (!/^(--)?[a-z][\w-]*\s*:\s*\S/i.test(one))
        throw refuse(`This is no declaration: “${one.slice(0, 60)}”.`);
      // Nothing may lie over the words, or over the rest of the window.
      if (/^position\s*:/i.test(one) && !/^position\s*:\s*(static|relative)(\s*!important)?$/i.test(one))
        throw refuse('Nothing may be laid over the page: position is static or relative, and written out.');
      return one;
    })
    .join(';');
}
