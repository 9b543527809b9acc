import { DomainError } from '../../domain/error.ts';
import { type Credentials, encodeKey, queryOf, signed } from './sign.ts';

/** Where a copy of the public pages is kept: a bucket of Amazon S3, or of anything that speaks as it does. */
export interface BucketTarget {
  /** Origin, like `https://s3.eu-central-1.amazonaws.com`. */
  endpoint: string;
  region: string;
  bucket: string;
  /** Empty, or ends with a slash. Everything below it is ours. */
  prefix: string;
  /** `https://host/bucket/key` or `https://bucket.host/key`. */
  addressing: 'path' | 'host';
  /** Read anew for every round, so that keys can be changed while we run. Throws what to do, never what it read. */
  credentials(): Credentials;
}

/** What a bucket, or the way to it, had against a request. Says nothing that the other side said but its code. */
export class BucketError extends DomainError {
  /** In few words that anybody may read: `503 SlowDown`. */
  readonly why: string;
  constructor(why: string, doing: string) {
    super('unavailable', `The bucket could not be brought up to date: ${why} (${doing.trim()}).`);
    this.name = 'BucketError';
    this.why = why;
  }
}

export interface StoredHeaders {
  type: string;
  cache: string;
}

export interface Bucket {
  /** Every key below the prefix with its tag, without quotes: the MD5 of the bytes, with most that speak S3. */
  list(): Promise<Map<string, string>>;
  put(key: string, body: Buffer, headers: StoredHeaders): Promise<void>;
  /** Whether we have put this object there. */
  isOurs(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
}

/** Who made an object: what is below our prefix and not ours is left alone. */
const MARK = 'x-amz-meta-made-by';
const DEADLINE_MS = 30_000;
const MOST_LISTED = 1_000_000;

export const urlOf = ({ endpoint, addressing, bucket }: BucketTarget, key: string): URL => {
  const url = new URL(endpoint);
  if (addressing === 'host') url.host = `${bucket}.${url.host}`;
  url.pathname = encodeKey(addressing === 'host' ? `/${key}` : `/${bucket}/${key}`);
  return url;
};

/** Speaks to a bucket for one round. `ended` cuts off what is under way. */
export function openBucket(target: BucketTarget, now: () => number, ended: AbortSignal): Bucket {
  const credentials = target.credentials();
  const { prefix } = target;

  async function ask(
    method: string,
    key: string,
    more: { headers?: Record<string, string>; body?: Buffer; query?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Headers; text: string }> {
    const url = urlOf(target, key);
    if (more.query) url.search = queryOf(more.query);
    const { headers = {}, body } = more;
    const doing = `${method} ${key}`;
    try {
      const answer = await fetch(url, {
        method,
        headers: signed({ method, url, headers, body: body ?? '' }, credentials, target.region, now()),
        // A redirected request would have to be signed anew for the other place.
        redirect: 'manual',
        signal: AbortSignal.any([ended, AbortSignal.timeout(DEADLINE_MS)]),
        ...(body ? { body: new Uint8Array(body) } : {}),
      });
      const text = await answer.text();
      if (answer.ok || (answer.status === 404 && method !== 'PUT' && !/<Code>NoSuchBucket</.test(text)))
        return { status: answer.status, headers: answer.headers, text };
      throw new BucketError(`${answer.status} ${codeIn(text, answer.status)}`.trim(), doing);
    } catch (error) {
      if (error instanceof BucketError) throw error;
      throw new BucketError(whyOf(error), doing);
    }
  }

  return {
    async list() {
      const found = new Map<string, string>();
      let after: string | undefined;
      do {
        const { status, text } = await ask('GET', '', {
          query: {
            'list-type': '2',
            'encoding-type': 'url',
            ...(prefix === '' ? {} : { prefix }),
            ...(after === undefined ? {} : { 'continuation-token': after }),
          },
        });
        if (status !== 200 || !/<ListBucketResult[\s>]/.test(text))
          throw new BucketError('it did not list its objects', 'GET');
        const isEncoded = text.includes('<EncodingType>url</EncodingType>');
        for (const [, object = ''] of text.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
          const name = inside(object, 'Key') ?? '';
          const key = isEncoded ? decodeURIComponent(name.replaceAll('+', ' ')) : name;
          if (key.startsWith(prefix))
            found.set(key.slice(prefix.length), (inside(object, 'ETag') ?? '').replaceAll('"', ''));
        }
        const more =
          inside(text, 'IsTruncated') === 'true' ? inside(text, 'NextContinuationToken') : undefined;
        if (more !== undefined && more === after) throw new BucketError('its list has no end', 'GET');
        after = more;
      } while (after !== undefined && found.size < MOST_LISTED);
      return found;
    },
    async put(key, body, { type, cache }) {
      const headers = { 'content-type': type, 'cache-control': cache, [MARK]: 'tocsin' };
      await ask('PUT', prefix + key, { body, headers });
    },
    async isOurs(key) {
      const { status, headers } = await ask('HEAD', prefix + key);
      return status === 200 && headers.get(MARK) === 'tocsin';
    },
    async remove(key) {
      await ask('DELETE', prefix + key);
    },
  };
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text of the first element of this name. */
function inside(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (all, named, n, hex) =>
    named ? (ENTITIES[named] ?? all) : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(n)),
  );
}

/** Its message may repeat the key's name and what was signed; its code does not. */
const codeIn = (xml: string, status: number): string =>
  /<Code>(\w{1,60})<\/Code>/.exec(xml)?.[1] ??
  (status >= 300 && status < 400 ? 'it is in another region' : '');

function whyOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return `no answer in ${DEADLINE_MS / 1_000} s`;
  const code = ((error as Error).cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'the connection was cut';
}
