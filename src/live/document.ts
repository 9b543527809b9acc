import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A page ready to be served: rendered, compressed and tagged before anybody asks. */

export interface Encoded {
  body: Buffer;
  /** Strong: equal tags mean equal bytes. */
  etag: string;
  encoding: 'identity' | 'gzip' | 'br';
}

export interface Document {
  identity: Encoded;
  gzip: Encoded;
  br: Encoded;
  /** Hash of the uncompressed bytes. */
  hash: string;
  /** CSP source of a stylesheet of its own, besides ours. */
  style?: string | undefined;
}

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

const brotli = (body: Buffer, quality: number): Promise<Buffer> =>
  brotlied(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });

/** Fast first: what matters after an event is that the new words are there. Compresses off the main thread. */
export async function buildDocument(html: string, style?: string): Promise<Document> {
  const body = Buffer.from(html);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  const [zip, br] = await Promise.all([gzipped(body, { level: 6 }), brotli(body, 5)]);
  return {
    hash,
    style,
    identity: { body, etag: `"${hash}"`, encoding: 'identity' },
    gzip: { body: zip, etag: `"${hash}-g"`, encoding: 'gzip' },
    br: { body: br, etag: `"${hash}-b"`, encoding: 'br' },
  };
}

/** The same document with a smaller Brotli body: slow, for a page that stays as it is for a while. */
export async function squeeze(document: Document): Promise<Document> {
  const body = await brotli(document.identity.body, 10);
  if (body.length >= document.br.body.length) return document;
  return { ...document, br: { body, etag: `"${document.hash}-b2"`, encoding: 'br' } };
}

/** Bytes that are packed already, such as a picture: the same for every reader. */
export function storeDocument(body: Buffer): Document {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  const stored: Encoded = { body, etag: `"${hash}"`, encoding: 'identity' };
  return { hash, identity: stored, gzip: stored, br: stored };
}
