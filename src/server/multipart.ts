import type { FastifyInstance } from 'fastify';
import { invalid } from '../domain/error.ts';

/** A file that a form brought. */
export interface Upload {
  name: string;
  bytes: Buffer;
}

/** What a browser sends for a form with a file in it (RFC 7578), small enough to be read at once. */
const USUAL = { bytes: 128 * 1024, parts: 20 };

/**
 * Lets the routes of a scope take such forms: fields as text, files as `Upload`, under their names; a field that is
 * there several times is a list.
 */
export function takeUploads(app: FastifyInstance, most = USUAL): void {
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: most.bytes },
    (request, body, done) => {
      try {
        done(null, readParts(request.headers['content-type'] ?? '', body as Buffer, most.parts));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

export const uploadOf = (body: unknown, name: string): Upload | undefined => {
  const value = (body as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'object' && value !== null && 'bytes' in value ? (value as Upload) : undefined;
};

type Parts = Record<string, string | string[] | Upload>;

export function readParts(type: string, body: Buffer, most = USUAL.parts): Parts {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([\w'()+,./:=?-]{1,70}))/i.exec(type);
  const mark = boundary?.[1] ?? boundary?.[2];
  const broken = () =>
    invalid('file', 'This form cannot be read. Load the page again and send it once more.');
  if (mark === undefined) throw broken();
  const out = Object.create(null) as Parts;
  const edge = Buffer.from(`\r\n--${mark}`);
  // The first boundary has no line before it.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  let at = text.indexOf(edge);
  for (let parts = 0; at >= 0; parts += 1) {
    const from = at + edge.length;
    if (text.subarray(from, from + 2).toString('latin1') === '--') return out;
    const next = text.indexOf(edge, from);
    const head = text.indexOf('\r\n\r\n', from);
    if (next < 0 || head < 0 || head > next || parts >= most) throw broken();
    const headers = text.subarray(from, head).toString('utf8');
    const name = /;\s*name="([\w.-]{1,60})"/i.exec(headers)?.[1];
    if (name === undefined) throw broken();
    const bytes = Buffer.from(text.subarray(head + 4, next));
    const file = /;\s*filename="([^"\r\n]{0,200})"/i.exec(headers)?.[1];
    if (file !== undefined) out[name] = { name: file, bytes };
    else {
      const before = out[name];
      const value = bytes.toString('utf8');
      out[name] =
        before === undefined || (typeof before === 'object' && 'bytes' in before)
          ? value
          : [before, value].flat();
    }
    at = next;
  }
  throw broken();
}
