/** A strict reader of XML 1.0 without DTDs: whatever is not well-formed throws, with where and why. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: (Element | string)[];
}

const NAME = /[A-Za-z_:][\w:.-]*/y;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export function readXml(text: string): Element {
  let at = 0;
  const fail = (why: string): never => {
    throw new Error(`${why} at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 40), at + 40))}`);
  };
  const illegal = ILLEGAL.exec(text);
  if (illegal) {
    at = illegal.index;
    fail('a character XML does not have');
  }
  if (!text.isWellFormed()) fail('half a character pair');
  const eat = (what: string) => {
    if (!text.startsWith(what, at)) fail(`${what} expected`);
    at += what.length;
  };
  const space = () => {
    const from = at;
    while (/\s/.test(text[at] ?? '')) at += 1;
    return at > from;
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const found = NAME.exec(text)?.[0] ?? fail('a name expected');
    at += found.length;
    return found;
  };
  const decode = (raw: string): string =>
    raw.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));?/g, (all, dec, hex, entity) => {
      if (!all.endsWith(';')) fail(`a bare ampersand in ${raw.slice(0, 60)}`);
      if (entity !== undefined) return ENTITIES[entity as string] ?? fail(`unknown entity ${all}`);
      const char = String.fromCodePoint(dec ? Number(dec) : Number.parseInt(hex as string, 16));
      return ILLEGAL.test(char) ? fail(`a reference to a character XML does not have: ${all}`) : char;
    });
  const checkAmpersands = (raw: string) => {
    if (/&(?!(?:#\d+|#x[\da-fA-F]+|\w+);)/.test(raw)) fail('a bare ampersand');
  };

  function attributes(): Record<string, string> {
    const out: Record<string, string> = {};
    while (space()) {
      if (/[/>?]/.test(text[at] ?? '')) break;
      const key = name();
      eat('=');
      const quote = text[at] === '"' || text[at] === "'" ? text[at]! : fail('a quote expected');
      const end = text.indexOf(quote, at + 1);
      if (end < 0) fail('an attribute without end');
      const raw = text.slice(at + 1, end);
      if (raw.includes('<')) fail('< in an attribute');
      checkAmpersands(raw);
      if (key in out) fail(`${key} twice`);
      out[key] = decode(raw);
      at = end + 1;
    }
    return out;
  }

  function element(): Element {
    eat('<');
    const it: Element = { name: name(), attributes: attributes(), children: [] };
    if (text.startsWith('/>', at)) {
      at += 2;
      return it;
    }
    eat('>');
    for (;;) {
      if (text.startsWith('</', at)) {
        at += 2;
        if (name() !== it.name) fail(`</${it.name}> expected`);
        space();
        eat('>');
        return it;
      }
      if (text.startsWith('<!--', at)) {
        at = text.indexOf('-->', at) + 3;
        if (at < 3) fail('a comment without end');
      } else if (text.startsWith('<![CDATA[', at)) {
        const end = text.indexOf(']]>', at);
        if (end < 0) fail('CDATA without end');
        it.children.push(text.slice(at + 9, end));
        at = end + 3;
      } else if (text[at] === '<') it.children.push(element());
      else {
        const end = text.indexOf('<', at);
        if (end < 0) fail(`${it.name} without end`);
        const raw = text.slice(at, end);
        if (raw.includes(']]>')) fail(']]> in text');
        checkAmpersands(raw);
        it.children.push(decode(raw));
        at = end;
      }
    }
  }

  eat('<?xml version="1.0" encoding="UTF-8"?>');
  space();
  const root = element();
  space();
  if (at !== text.length) fail('something after the root');
  checkPrefixes(root, new Set(['xml']));
  return root;
}

/** Every prefix that is used must be declared where it is used, or above. */
function checkPrefixes(element: Element, above: ReadonlySet<string>): void {
  const known = new Set(above);
  for (const key of Object.keys(element.attributes)) if (key.startsWith('xmlns:')) known.add(key.slice(6));
  for (const used of [element.name, ...Object.keys(element.attributes)]) {
    const [prefix, rest] = used.split(':');
    if (rest !== undefined && prefix !== 'xmlns' && !known.has(prefix!))
      throw new Error(`${used} is unbound`);
  }
  for (const child of element.children) if (typeof child !== 'string') checkPrefixes(child, known);
}

export const elements = (of: Element): Element[] =>
  of.children.filter((child): child is Element => typeof child !== 'string');
export const all = (of: Element, name: string): Element[] => elements(of).filter((e) => e.name === name);
export function one(of: Element, name: string): Element {
  const found = all(of, name);
  if (found.length !== 1) throw new Error(`${of.name} has ${found.length} of ${name}, not one`);
  return found[0]!;
}
export const textOf = (of: Element): string =>
  of.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
/** Text of the one child of this name. */
export const say = (of: Element, name: string): string => textOf(one(of, name));
