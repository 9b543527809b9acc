/** What the stand-ins of Meta's networks have in common: errors, `fields`, pages, times and ids. */
import { createHmac } from 'node:crypto';
import type { Account } from '../facts.ts';
import { type Answer, bearer, type Call, json } from '../network.ts';
import { DIGITS, seededWord } from '../random.ts';
import type { World } from '../world.ts';

export interface GraphError {
  message: string;
  code: number;
  type?: string;
  error_subcode?: number;
  is_transient?: boolean;
  error_user_title?: string;
  error_user_msg?: string;
}

/** An error as Graph writes it. Nearly all of them are a 400. */
export const graphError = (error: GraphError, status = 400, headers: Record<string, string> = {}): Answer =>
  json(status, { error: { type: 'OAuthException', ...error, fbtrace_id: TRACE } }, headers);
const TRACE = 'AYb0Jt3x9kQm2ZcV7nLd1Pw';

/** Graph quotes a token that it cannot read. */
export const badToken = (token: string): Answer =>
  graphError({ message: `Malformed access token ${token}`, code: 190 });

export const expiredToken = (): Answer =>
  graphError({
    message:
      'Error validating access token: Session has expired on Friday, 20-Nov-26 02:00:00 PST. The current time is Saturday, 21-Nov-26 04:00:00 PST.',
    code: 190,
    error_subcode: 463,
  });

export const notThere = (method: string, id: string): Answer =>
  graphError({
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
    type: 'GraphMethodException',
    code: 100,
    error_subcode: 33,
  });

export const invalidParameter = (message: string): Answer =>
  graphError({ message: `(#100) ${message}`, code: 100 });

/** Graph's words for an HTTP status. `limited` is the network's own way to ask for patience; wait in seconds. */
export function graphRefusal(
  code: number,
  retryAfter: number | undefined,
  limited: (seconds: number) => Answer,
): Answer {
  if (code === 401) return expiredToken();
  if (code === 429) return limited(retryAfter ?? 3600);
  if (code === 404) return { ...notThere('post', '0'), status: 404 };
  if (code === 403)
    return graphError(
      {
        message: 'The action attempted has been deemed abusive or is otherwise disallowed',
        code: 368,
        error_subcode: 1390008,
        is_transient: false,
        error_user_title: 'You can’t use this feature right now',
        error_user_msg: 'We limit how often you can post, comment or do other things.',
      },
      403,
    );
  if (code < 500) return graphError({ message: 'Invalid parameter', code: 100 }, code);
  return graphError(
    {
      message: 'An unexpected error has occurred. Please retry your request later.',
      code: 2,
      is_transient: true,
    },
    code,
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
}

/** Who calls with `Authorization: Bearer` or `access_token`; with the app's secret also whether the proof holds. */
export function graphCaller(world: World, network: string, call: Call): Account | Answer {
  const token = bearer(call) || call.query.get('access_token') || '';
  if (token === '')
    return graphError({
      message: 'An access token is required to request this resource.',
      code: 104,
    });
  const own = world.accounts.filter((one) => one.network === network);
  // A token that was extended goes on working beside the new one; one before that does not.
  const account = own.find((one) => one.extra['token'] === token || one.extra['spent'] === token);
  if (account === undefined)
    return own.some((one) => one.secrets['accessToken'] === token) ? expiredToken() : badToken(token);
  const proof = call.query.get('appsecret_proof');
  const secret = account.secrets['appSecret'] ?? account.extra['appSecret'] ?? '';
  if (proof !== null && proof !== createHmac('sha256', secret).update(token).digest('hex'))
    return graphError({
      message: 'Invalid appsecret_proof provided in the API argument',
      type: 'GraphMethodException',
      code: 100,
    });
  return account;
}

/** `2026-11-21T14:05:07+0000`: seconds, and no colon in the offset. */
export const graphTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}+0000`;

/** Numbers that nobody can count through, the same in every run. */
export function graphIds(world: World, network: string, length: number): () => string {
  let made = 0;
  return () => {
    made += 1;
    return `1${seededWord(world.seed, `${network} id ${made}`, length - 1, DIGITS)}`;
  };
}

export interface Field {
  name: string;
  /** `.limit(100)` and its kin. */
  options: Record<string, string>;
  fields: Field[];
}

/** `id,from{id,name},comments.limit(5){message}` as a tree. */
export function parseFields(text: string): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const word = (): string => {
    const found = /^[\w-]+/.exec(text.slice(at))?.[0] ?? '';
    at += found.length;
    return found;
  };
  const list = (): Field[] => {
    const inner: Field[] = [];
    for (;;) {
      const name = word();
      if (name === '') return inner;
      const field: Field = { name, options: {}, fields: [] };
      while (text[at] === '.') {
        at += 1;
        const option = word();
        const value = /^\(([^)]*)\)/.exec(text.slice(at));
        at += value?.[0].length ?? 0;
        field.options[option] = value?.[1] ?? '';
      }
      if (text[at] === '{') {
        at += 1;
        field.fields = list();
        at += 1;
      }
      inner.push(field);
      if (text[at] !== ',') return inner;
      at += 1;
    }
  };
  fields.push(...list());
  return fields;
}

/** What a field gives: a value, or an edge that is read with its own options and fields. */
export type Fields = Record<string, unknown | ((field: Field) => unknown)>;

/** The fields that were asked for, `id` always; a name that the node has not is an error, as a string. */
export function pick(
  fields: Fields,
  asked: readonly Field[],
  node: string,
): Record<string, unknown> | string {
  const picked: Record<string, unknown> = { id: fields['id'] };
  for (const field of asked) {
    if (!(field.name in fields))
      return `Tried accessing nonexisting field (${field.name}) on node type (${node})`;
    const value = fields[field.name];
    const got: unknown = typeof value === 'function' ? (value as (field: Field) => unknown)(field) : value;
    if (got !== undefined) picked[field.name] = got;
  }
  return picked;
}

/** One page of a list with Graph's cursors; `next` is there when there is more, token and all. */
export function graphPage<T>(
  list: readonly T[],
  options: { limit?: string | null | undefined; after?: string | null | undefined },
  node: (one: T) => Record<string, unknown>,
  address: string,
): { data: Record<string, unknown>[]; paging?: Record<string, unknown> } {
  const limit = Math.min(100, Number(options.limit ?? 25) || 25);
  const from = options.after ? Number(Buffer.from(options.after, 'base64url').toString('utf8')) || 0 : 0;
  const page = list.slice(from, from + limit);
  if (page.length === 0) return { data: [] };
  const cursor = (n: number): string => Buffer.from(String(n)).toString('base64url');
  const after = cursor(from + page.length);
  return {
    data: page.map(node),
    paging: {
      cursors: { before: cursor(from), after },
      ...(from + page.length < list.length
        ? { next: `${address}?access_token=redacted&after=${after}` }
        : {}),
    },
  };
}
