import type { IncomingMessage } from 'node:http';

/** Bodies above this are refused; a post with four pictures fits. */
const MAX_BYTES = 20 * 1024 * 1024;

/** The whole body, or undefined when it is larger than any network takes. Rejects when the client goes away. */
export async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BYTES ? Buffer.concat(chunks) : undefined;
}

/** The fields of a JSON object, a form or a multipart form; empty when it is none of them. */
export function parseBody(type: string, raw: Buffer): Record<string, unknown> {
  const mime = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mime === 'application/x-www-form-urlencoded') return formFields(raw.toString('utf8'));
  if (mime === 'multipart/form-data') {
    return Object.fromEntries(
      multipart(type, raw).map((part) => [
        part.name,
        part.mime === undefined ? part.bytes.toString('utf8') : part,
      ]),
    );
  }
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function formFields(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (!name.endsWith('[]')) {
      fields[name] = value;
      continue;
    }
    const list = fields[name.slice(0, -2)];
    fields[name.slice(0, -2)] = Array.isArray(list) ? [...(list as unknown[]), value] : [value];
  }
  return fields;
}

export interface Part {
  name: string;
  filename: string | undefined;
  /** Undefined for a plain field. */
  mime: string | undefined;
  bytes: Buffer;
}

/** The parts of a multipart form, in order. */
export function multipart(type: string, raw: Buffer): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) return [];
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let from = raw.indexOf(mark);
  while (from !== -1) {
    const to = raw.indexOf(mark, from + mark.length);
    if (to === -1) break;
    // Between two marks: CRLF, headers, empty line, content, CRLF.
    const piece = raw.subarray(from + mark.length + 2, to - 2);
    const gap = piece.indexOf('\r\n\r\n');
    const head = piece.subarray(0, gap).toString('utf8');
    const name = /\bname="([^"]*)"/i.exec(head)?.[1];
    if (gap !== -1 && name !== undefined) {
      const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
      const mime = /^content-type:\s*(\S+)/im.exec(head)?.[1];
      parts.push({
        name,
        filename,
        mime: filename === undefined ? undefined : (mime ?? 'application/octet-stream'),
        bytes: piece.subarray(gap + 4),
      });
    }
    from = to;
  }
  return parts;
}
