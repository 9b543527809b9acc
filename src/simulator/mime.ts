/** Reads a mail as a mail program does: header words, multipart, quoted-printable and base64. */

export interface ReadMail {
  /** In order, unfolded and with encoded words decoded. */
  headers: [name: string, value: string][];
  text: string;
  html: string | null;
}

export function readMail(raw: Buffer): ReadMail {
  const { headers, body } = split(raw.toString('latin1'));
  const found: { text: string; html: string | null } = { text: '', html: null };
  collect(headers, body, found);
  return { headers: headers.map(([name, value]) => [name, decodeWords(value)]), ...found };
}

/** The first header of that name, or an empty string. */
export const headerOf = (mail: Pick<ReadMail, 'headers'>, name: string): string =>
  mail.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';

function split(part: string): { headers: [string, string][]; body: string } {
  const gap = part.indexOf('\r\n\r\n');
  const head = gap === -1 ? part : part.slice(0, gap);
  const headers = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    });
  return { headers, body: gap === -1 ? '' : part.slice(gap + 4) };
}

function collect(
  headers: [string, string][],
  body: string,
  found: { text: string; html: string | null },
): void {
  const type = headerOf({ headers }, 'content-type') || 'text/plain';
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) {
    const parts = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1);
    for (const part of parts) {
      if (part.startsWith('--')) break;
      const inner = split(part.replace(/^[ \t]*\r\n/, ''));
      collect(inner.headers, inner.body, found);
    }
    return;
  }
  const words = decodeBody(headerOf({ headers }, 'content-transfer-encoding'), body)
    .toString('utf8')
    .replaceAll('\r\n', '\n')
    .replace(/\n$/, '');
  if (/^text\/html/i.test(type)) found.html ??= words;
  else if (/^text\/plain/i.test(type)) found.text ||= words;
}

function decodeBody(encoding: string, body: string): Buffer {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return fromQuoted(body.replace(/=[ \t]*\r\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

const fromQuoted = (text: string): Buffer =>
  Buffer.from(
    text.replace(/=([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`; the space between two of them is not part of the text. */
function decodeWords(value: string): string {
  const joined = value.replace(/(=\?[^?]+\?[QB]\?[^?]*\?=)\s+(?==\?[^?]+\?[QB]\?)/gi, '$1');
  return joined.replace(/(?:=\?utf-8\?[QB]\?[^?]*\?=)+/gi, (run) => {
    const bytes = [...run.matchAll(/=\?utf-8\?([QB])\?([^?]*)\?=/gi)].map(([, kind, text = '']) =>
      kind?.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : fromQuoted(text.replaceAll('_', ' ')),
    );
    return Buffer.concat(bytes).toString('utf8');
  });
}
