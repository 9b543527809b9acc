import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A stand-in for S3, run as a process of its own. It checks signatures from what stands on the wire, by code of its own,
 * answers with S3's XML and codes, serves what it holds as a web site beside, and tells its parent of every request.
 * What goes wrong is told to it: `{ wrong: [...] }`, a request each, matched in order.
 */

export interface Wrong {
  /** Only requests of this method, and whose key ends so. */
  method: string;
  key?: string;
  /** Until something else is told, not once. */
  always?: boolean;
  how: 'SlowDown' | 'NoSuchBucket' | 'cut' | 'cut after' | 'hold';
}
export interface Heard {
  method: string;
  key: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  note?: string;
}
export type FromBucket = { api: string; site: string } | { heard: Heard } | { held: string } | { pong: true };
export type ToBucket = { wrong: Wrong[] } | { secret: string } | { release: true } | { ping: true };

const BUCKET = 'status';
const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
let secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
let wrongs: Wrong[] = [];
let release: () => void = () => undefined;
const objects = new Map<string, { body: Buffer; headers: Record<string, string>; etag: string }>();
const say = (what: FromBucket) => process.send?.(what);

const hex = (what: Buffer | string) => createHash('sha256').update(what).digest('hex');
const mac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text, 'utf8').digest();

/** The code of what is wrong with a signature; undefined when nothing is. */
function refusal(request: IncomingMessage, body: Buffer): string | undefined {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!found) return 'AccessDenied';
  const [, id, day = '', region = '', names = '', signature] = found;
  if (id !== KEY_ID) return 'InvalidAccessKeyId';
  const list = names.split(';');
  const must = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  if (must.some((name) => !list.includes(name)) || [...list].sort().join() !== list.join())
    return 'AccessDenied';
  if (request.headers['x-amz-content-sha256'] !== hex(body)) return 'XAmzContentSHA256Mismatch';
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonical = `${request.method}\n${path}\n${query.split('&').sort().join('&')}\n${list
    .map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
    .join('')}\n${names}\n${hex(body)}`;
  const at = String(request.headers['x-amz-date']);
  if (!at.startsWith(day)) return 'AccessDenied';
  let key: Buffer = mac(`AWS4${secret}`, day);
  key = mac(key, region);
  key = mac(key, 's3');
  key = mac(key, 'aws4_request');
  const mine = mac(key, `AWS4-HMAC-SHA256\n${at}\n${day}/${region}/s3/aws4_request\n${hex(canonical)}`);
  return mine.toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

const STATUS: Record<string, number> = { SlowDown: 503, NoSuchBucket: 404 };
const refuse = (response: ServerResponse, status: number, code: string) =>
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Of ${KEY_ID}: ${secret.slice(0, 4)}…</Message><AWSAccessKeyId>${KEY_ID}</AWSAccessKeyId><RequestId>${randomUUID()}</RequestId></Error>`,
    );

function list(response: ServerResponse, query: URLSearchParams) {
  const prefix = query.get('prefix') ?? '';
  const from = query.get('continuation-token');
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const at = from === null ? 0 : keys.findIndex((key) => key > Buffer.from(from, 'base64').toString());
  const shown = at < 0 ? [] : keys.slice(at, at + 7);
  const more = at >= 0 && keys.length > at + 7;
  const contents = shown.map(
    (key) =>
      `<Contents><Key>${encodeURIComponent(key).replaceAll('%2F', '/')}</Key><LastModified>2026-03-02T14:00:00.000Z</LastModified><ETag>&quot;${objects.get(key)?.etag}&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const next = more
    ? `<NextContinuationToken>${Buffer.from(shown.at(-1) ?? '').toString('base64')}</NextContinuationToken>`
    : '';
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${BUCKET}</Name><Prefix>${prefix}</Prefix><KeyCount>${shown.length}</KeyCount><MaxKeys>7</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`,
    );
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', 'http://bucket');
  const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const { method = '' } = request;
  const kept = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) =>
      /^(content-type|cache-control|content-encoding|x-amz-(meta-.*|security-token))$/.test(name),
    ),
  ) as Record<string, string>;
  const heard = { method, key, headers: kept, body: body.toString() };
  response.on('close', () => {
    const status = response.writableFinished ? response.statusCode : 0;
    say({ heard: { ...heard, status } });
  });
  const at = wrongs.findIndex((one) => one.method === method && key.endsWith(one.key ?? ''));
  const wrong = wrongs[at]?.how;
  if (at >= 0 && wrongs[at]?.always !== true) wrongs.splice(at, 1);
  if (wrong === 'cut') return void request.socket.destroy();
  if (wrong === 'hold')
    await new Promise<void>((done) => {
      release = done;
      say({ held: key });
    });
  if (wrong === 'SlowDown' || wrong === 'NoSuchBucket') return void refuse(response, STATUS[wrong]!, wrong);
  const refused = refusal(request, body);
  if (refused !== undefined) return void refuse(response, 403, refused);
  if (bucket !== BUCKET) return void refuse(response, 404, 'NoSuchBucket');
  const object = objects.get(key);
  if (method === 'GET' && key === '') return list(response, url.searchParams);
  if (method === 'PUT') {
    const etag = createHash('md5').update(body).digest('hex');
    objects.set(key, { body, headers: kept, etag });
    say({ heard: { ...heard, status: 200, note: 'kept' } });
    if (wrong === 'cut after') return void request.socket.destroy();
    return void response.writeHead(200, { etag: `"${etag}"` }).end();
  }
  if (method === 'DELETE') {
    objects.delete(key);
    say({ heard: { ...heard, status: 204, note: 'kept' } });
    return void response.writeHead(204).end();
  }
  if (!object) return void refuse(response, 404, 'NoSuchKey');
  response.writeHead(200, { ...object.headers, etag: `"${object.etag}"` });
  response.end(method === 'HEAD' ? undefined : object.body);
}

/** As the web site of a bucket serves its objects: a folder by its index document. */
function show(request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname).slice(1);
  const object = objects.get(path) ?? objects.get(`${path.replace(/\/$/, '')}/index.html`.replace(/^\//, ''));
  if (!object) return void response.writeHead(404).end();
  response.writeHead(200, object.headers).end(object.body);
}

const open = (listener: (request: IncomingMessage, response: ServerResponse) => void) =>
  new Promise<string>((done) => {
    const server = createServer(listener).listen(0, '127.0.0.1', () =>
      done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

process.on('message', (told: ToBucket) => {
  if ('wrong' in told) wrongs = told.wrong;
  else if ('secret' in told) secret = told.secret;
  else if ('ping' in told) say({ pong: true });
  else release();
});
process.on('disconnect', () => process.exit());
say({
  api: await open((request, response) => void answer(request, response).catch(() => response.destroy())),
  site: await open(show),
});
