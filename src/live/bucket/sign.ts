import { createHash, createHmac } from 'node:crypto';

/** AWS Signature Version 4 for one request to S3, in its header form. */

/** Of whoever may write in the bucket. Never shown, logged or kept anywhere else. */
export interface Credentials {
  keyId: string;
  secret: string;
  /** Of temporary credentials. */
  token?: string | undefined;
}

export interface Unsigned {
  method: string;
  /** As it is sent: its path is encoded by `encodeKey`, its query made by `queryOf`. */
  url: URL;
  /** Besides `host` and what the signature adds. Names in small letters. */
  headers: Readonly<Record<string, string>>;
  body: Buffer | string;
}

const sha256 = (what: Buffer | string): string => createHash('sha256').update(what).digest('hex');
const hmac = (key: Buffer | string, what: string): Buffer => createHmac('sha256', key).update(what).digest();

/** S3 signs the path encoded once, with everything but unreserved characters (RFC 3986 §2.3) as `%XX`. */
const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export const encodeKey = (key: string): string => key.split('/').map(strict).join('/');

/** A query in the order in which it is signed. */
export const queryOf = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .sort()
    .join('&');

/**
 * The headers to send with a request, `authorization` among them. `now`, ms, must be within a quarter of an hour of the
 * other side's clock. `host` is signed and left out of the answer: whoever sends the request writes it.
 */
export function signed(
  { method, url, headers, body }: Unsigned,
  { keyId, secret, token }: Credentials,
  region: string,
  now: number,
): Record<string, string> {
  const at = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [at.slice(0, 8), region, 's3', 'aws4_request'];
  const bodyHash = sha256(body);
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': at,
    ...(token === undefined ? {} : { 'x-amz-security-token': token }),
  };
  const all = Object.entries({ ...sent, host: url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = all.map(([name]) => name).join(';');
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1),
    ...all.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    bodyHash,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer | string>(hmac, `AWS4${secret}`);
  const signature = hmac(key, toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${keyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}
