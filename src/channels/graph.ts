import { createHmac } from 'node:crypto';
import { askJson } from './ask-json.ts';
import { brief, failureOfAnswer, itSaid, recordOf, retryAfter, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';

const MINUTE = 60_000;
/** https://developers.facebook.com/docs/graph-api/changelog: introduced on 2026-07-29. */
export const GRAPH_VERSION = 'v26.0';

/** One call to a Graph API. */
export interface GraphCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the base, ids encoded, without a slash in front. */
  path: string;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  /** A multipart form instead: a picture on its way up. */
  form?: { type: string; body: Uint8Array };
  signal: AbortSignal;
  /** Readers see nothing of it, so a lost answer is no worry. By default what is asked with GET. */
  safe?: boolean;
  /** It concerns one post: a missing permission is then about that post, not about the connection. */
  onePost?: boolean;
}
export type Graph = (call: GraphCall) => Promise<Record<string, unknown>>;

/**
 * Meta's Graph API on any of its hosts. The token goes into a header, so that no address ever holds it; with the app's
 * secret every call is signed (`appsecret_proof`), which makes a stolen token worthless.
 */
export function openGraph(parts: {
  network: string;
  /** Host and version, without a slash at the end. */
  base: string;
  tools: ChannelTools;
  token(signal: AbortSignal): Promise<string>;
  appSecret?: string | undefined;
}): Graph {
  const { network, base, tools, appSecret } = parts;
  return async (call) => {
    const safe = call.safe ?? call.method === 'GET';
    const token = await parts.token(call.signal);
    const query = new URLSearchParams(call.query);
    if (appSecret !== undefined)
      query.set('appsecret_proof', createHmac('sha256', appSecret).update(token).digest('hex'));
    const asked = query.size === 0 ? '' : `?${query}`;
    const answer = await askJson(tools, {
      method: call.method,
      url: `${base}/${call.path}${asked}`,
      signal: call.signal,
      safe,
      headers: { authorization: `Bearer ${token}` },
      body: call.body,
      form: call.form,
    });
    const failed = recordOf(answer.json)['error'] !== undefined;
    if (answer.status < 200 || answer.status > 299 || failed)
      throw failureOfGraph(answer, {
        network,
        now: tools.now(),
        safe,
        token,
        onePost: call.onePost ?? false,
      });
    if (answer.json === undefined) throw unreadable(network, answer.status, safe);
    return recordOf(answer.json);
  };
}

/** The pages of a list, newest first, until one of them is the last that is wanted. */
export const readPages = async (...about: Parameters<typeof readList>): Promise<Record<string, unknown>[]> =>
  (await readList(...about)).entries;

/** A list, and whether it was read to its last page: what a cut list does not show may be there all the same. */
export interface GraphList {
  entries: Record<string, unknown>[];
  whole: boolean;
}

/** The same, and whether that page was reached. */
export async function readList(
  ask: Graph,
  call: GraphCall & { network: string },
  isLast: (page: Record<string, unknown>[]) => boolean,
  most = 8,
): Promise<GraphList> {
  const all: Record<string, unknown>[] = [];
  let query = call.query ?? {};
  for (let n = 0; n < most; n++) {
    const answer = await ask({ ...call, query });
    const list = answer['data'];
    // An answer without a list is a look that did not work, not an absence.
    if (!Array.isArray(list)) throw unreadable(call.network, 200, true);
    const page = list.map(recordOf);
    all.push(...page);
    const paging = recordOf(answer['paging']);
    const after = textOf(recordOf(paging['cursors'])['after']);
    // `next` is an address that carries the token, so only its presence is used.
    if (paging['next'] === undefined || after === undefined || page.length === 0 || isLast(page))
      return { entries: all, whole: true };
    query = { ...query, after };
  }
  return { entries: all, whole: false };
}

/** The time in an answer, as `2026-11-21T14:05:07+0000`, in ms; 0 when there is none. */
export function timeOf(value: unknown): number {
  const text = textOf(value)?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  return (text === undefined ? undefined : Date.parse(text)) || 0;
}

/** An id as Meta makes them; anything else would become part of a path. */
export function metaId(id: string, network: string): string {
  if (/^\d{1,30}(_\d{1,30})?$/.test(id)) return id;
  throw new ChannelError('rejected', `This is not the id of a post on ${network}.`, { code: 'bad_id' });
}

/** "Object does not exist", which Meta says in these ways: 100/33, 803, Threads 24, and plainly. */
export const isGone = (error: unknown): boolean =>
  error instanceof ChannelError &&
  (error.status === 404 || error.code === '100/33' || error.code === '803' || error.code === '24/4279009');

/** Application, user, page and custom limits: https://developers.facebook.com/docs/graph-api/overview/rate-limiting */
const LIMITED = new Set([4, 17, 32, 341, 613]);
const isLimit = (code: number): boolean => LIMITED.has(code) || (code >= 80_000 && code < 80_100);
/** A token that is expired, revoked or nonsense, or a session that is none. */
const BAD_TOKEN = new Set([102, 190, 463, 467]);
/** "Permission denied", "Permissions error" and their kin. */
const isPermission = (code: number): boolean => code === 3 || code === 10 || (code >= 200 && code < 300);
/** What Meta itself calls temporary. A post has been seen seven times after seven of these, so it says nothing. */
const UNSURE = new Set([-2, -1, 1, 2]);

/** Subcodes that say more than their code: https://developers.facebook.com/docs/instagram-platform/reference/error-codes */
const SUBCODES: Record<
  string,
  { failure: 'rejected' | 'auth' | 'limited' | 'unsent' | 'unknown'; why: string }
> = {
  2207003: { failure: 'unsent', why: 'It took too long to fetch the picture.' },
  2207006: { failure: 'unsent', why: 'It does not find what we prepared.' },
  2207008: { failure: 'unknown', why: 'It could not finish, or could not say that it did.' },
  2207020: { failure: 'unsent', why: 'What we prepared has expired.' },
  2207027: { failure: 'unsent', why: 'It is still preparing the post.' },
  2207042: { failure: 'limited', why: 'The account has used up its posts for a day.' },
  2207050: { failure: 'auth', why: 'The account is restricted. Open the app, sign in, and do what it asks.' },
  2207051: { failure: 'rejected', why: 'It took this for spam. A person has to look at the account.' },
  2207052: { failure: 'unsent', why: 'It could not fetch the picture from our page.' },
  4279009: { failure: 'unsent', why: 'It does not find what we prepared, which happens right after.' },
  4279013: { failure: 'auth', why: 'The account is restricted. Open the app, sign in, and do what it asks.' },
};
/** A day's quota is a rolling one, so that asking again now and then is right. */
const QUOTA_WAIT = 15 * MINUTE;

/** A Graph API's refusal: its subcode, its code, then the table of statuses. The token is never in the words. */
export function failureOfGraph(
  answer: GuardedResponse,
  about: { network: string; now: number; safe: boolean; token?: string; onePost?: boolean },
): ChannelError {
  const { network, now, safe } = about;
  const { status } = answer;
  const error = recordOf(recordOf(answer.json)['error']);
  const number = (name: string) => (typeof error[name] === 'number' ? (error[name] as number) : undefined);
  const code = number('code');
  const subcode = number('error_subcode');
  const quoted = textOf(error['error_user_msg']) ?? textOf(error['message']) ?? '';
  const said = brief(about.token ? quoted.replaceAll(about.token, '[token]') : quoted);
  const wait = retryAfter(answer.headers, answer.json, now);
  const named =
    code === undefined ? `http_${status}` : subcode === undefined ? `${code}` : `${code}/${subcode}`;
  const fail = (
    failure: ChannelError['failure'],
    words: string,
    more: { retryAfterMs?: number; duplicate?: boolean } = {},
  ) => new ChannelError(failure, words, { status, code: named, retryAfterMs: wait, ...more });
  const quote = itSaid(said);

  const special = SUBCODES[String(subcode)];
  if (special !== undefined)
    return fail(
      special.failure === 'unknown' && safe ? 'unsent' : special.failure,
      `${network} did not publish this. ${special.why}${quote}`,
      special.failure === 'limited' ? { retryAfterMs: wait ?? QUOTA_WAIT } : {},
    );
  if (code === 506 || /already posted this|duplicate status/i.test(said))
    return fail(
      'rejected',
      `${network} refused these words because the page has just posted them. Change the words, or look at the page.`,
      { duplicate: true },
    );
  // Graph quotes malformed tokens back, so what it says about them is not passed on.
  if (code !== undefined && BAD_TOKEN.has(code))
    return fail(
      'auth',
      `${network} did not accept our token (${named}): it has expired, was revoked, or is another app’s. Make a new one and connect the account again.`,
    );
  if (/appsecret_proof/i.test(said))
    return fail(
      'auth',
      `${network} did not accept the app secret. Copy it again from the app’s settings, “Basic”.`,
    );
  if (code !== undefined && isLimit(code))
    return fail('limited', `${network} asks us to wait (${named}).${quote}`);
  if (code !== undefined && isPermission(code))
    return about.onePost
      ? fail('rejected', `${network} does not let us do that with this post (${named}).${quote}`)
      : fail('auth', `${network} does not let this app or token do that (${named}).${quote}`);
  // With a time to come back it was turned away at the door; without one it may have been done.
  if (status === 503 && wait !== undefined)
    return fail('unsent', `${network} is not available (503).${quote}`);
  if ((code !== undefined && UNSURE.has(code)) || error['is_transient'] === true || status === 503)
    return safe
      ? fail('unsent', `${network} has a problem of its own (${named}).${quote}`)
      : fail('unknown', `${network} had a problem (${named}) and does not say whether it was done.${quote}`);
  return failureOfAnswer(answer, {
    network,
    now,
    safe,
    said,
    ...(code === undefined ? {} : { code: named }),
  });
}
