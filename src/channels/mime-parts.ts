/** One part of a mail, as far as programs that report on mail need it. */
export interface MimePart {
  /** Lower-case, like `message/delivery-status`. */
  type: string;
  params: Record<string, string>;
  headers: Headers;
  body: string;
}

/** Headers by lower-case name, unfolded, in the order they came. */
export type Headers = Map<string, string[]>;

/** More than this nobody's report has, and a mail that is made to keep us busy would. */
const MOST_PARTS = 30;
const DEEPEST = 5;
const MOST_HEADERS = 300;

/** Reads `Name: value` lines up to the first empty one. Lines that are none are left out. */
export function readHeaders(text: string): Headers {
  const headers: Headers = new Map();
  const unfolded = text.slice(0, 64 * 1024).replace(/\r?\n[ \t]+/g, ' ');
  for (const line of unfolded.split(/\r?\n/).slice(0, MOST_HEADERS)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (!/^[!-9;-~]+$/.test(name)) continue;
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** A mail, or a part of one, whose bytes were read as Latin-1. */
function readPart(text: string): MimePart {
  const empty = /^\r?\n/.exec(text) ?? /\r?\n\r?\n/.exec(text);
  const end = empty?.index ?? text.length;
  const headers = readHeaders(text.slice(0, end));
  const { type, params } = readType(headers.get('content-type')?.[0] ?? 'text/plain');
  const body = text.slice(end + (empty?.[0].length ?? 0));
  return { type, params, headers, body: decode(body, headers.get('content-transfer-encoding')?.[0] ?? '') };
}

function readType(value: string): Pick<MimePart, 'type' | 'params'> {
  const params: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of value.matchAll(
    /;\s*([\w*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.){0,200})"|([^\s;"]{1,200}))/g,
  ))
    params[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
  return { type: (value.split(';')[0] ?? '').trim().toLowerCase(), params };
}

function decode(body: string, encoding: string): string {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1');
    case 'quoted-printable':
      return body
        .split('\n')
        .map((line) => unwrap(line.trimEnd()))
        .join('')
        .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    default:
      return body;
  }
}

/** A line that ends with = goes on in the next. */
const unwrap = (line: string): string => (line.endsWith('=') ? line.slice(0, -1) : `${line}\n`);

/** Every part of a mail, outermost first. A part that says it has parts and has none is left as it is. */
export function partsOf(bytes: Uint8Array): MimePart[] {
  const found: MimePart[] = [];
  const walk = (text: string, depth: number): void => {
    if (found.length >= MOST_PARTS) return;
    const part = readPart(text);
    found.push(part);
    const { boundary } = part.params;
    if (!part.type.startsWith('multipart/') || !boundary || depth >= DEEPEST) return;
    for (const inner of split(part.body, boundary)) walk(inner, depth + 1);
  };
  walk(Buffer.from(bytes).toString('latin1'), 0);
  return found;
}

/** What stands between the lines that are the boundary (RFC 2046 §5.1.1). */
function split(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let part: string[] | undefined;
  for (const line of body.split('\n')) {
    const bare = line.trimEnd();
    if (bare !== `--${boundary}` && bare !== `--${boundary}--`) {
      part?.push(line);
      continue;
    }
    if (part) parts.push(part.join('\n').replace(/\r$/, ''));
    if (bare.endsWith(`${boundary}--`)) return parts;
    part = [];
  }
  // A report that was cut off still says what it says.
  if (part) parts.push(part.join('\n'));
  return parts;
}
