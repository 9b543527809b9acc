import type { Failure } from '../domain/channel.ts';
import { cut } from '../domain/storable.ts';
import { ChannelError, type GuardedResponse } from './contract.ts';

/** Codes of errors that come before the first byte of a request, whoever reports them. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** What a status means for a write, when the network's own codes did not say it better. */
export function failureOfStatus(status: number, safe = false): Failure {
  if (status === 429 || status === 420) return 'limited';
  if (status === 401) return 'auth';
  if (status === 503) return 'unsent';
  if (status === 408 || status >= 500) return safe ? 'unsent' : 'unknown';
  return 'rejected';
}

/** All codes of an error and of what caused it, outermost first. */
export function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  const queue: unknown[] = [error];
  for (let seen = 0; queue.length > 0 && seen < 20; seen++) {
    const next = queue.shift();
    if (typeof next !== 'object' || next === null) continue;
    if ('code' in next && typeof next.code === 'string') codes.push(next.code);
    if ('errors' in next && Array.isArray(next.errors)) queue.push(...next.errors);
    if ('cause' in next) queue.push(next.cause);
  }
  return codes;
}

/**
 * What a broken connection means. `started` says whether the request had begun to leave; without it only errors that
 * are known by name to come before sending count as unsent. `safe` is for reads: they can always be repeated.
 */
export function failureOfError(error: unknown, about: { safe?: boolean; started?: boolean } = {}): Failure {
  if (about.safe === true || about.started === false) return 'unsent';
  return codesOf(error).some((code) => BEFORE_SENDING.has(code)) ? 'unsent' : 'unknown';
}

/** The answer of a network that did not do what we asked, as an error that says what may be done next. */
export function failureOfAnswer(
  answer: Pick<GuardedResponse, 'status' | 'headers' | 'json'>,
  about: {
    network: string;
    now: number;
    safe?: boolean;
    said?: string | undefined;
    code?: string | undefined;
  },
): ChannelError {
  const { status } = answer;
  const said = itSaid(about.said);
  const more = {
    status,
    code: about.code ?? `http_${status}`,
    retryAfterMs: retryAfter(answer.headers, answer.json, about.now),
  };
  if (status >= 300 && status < 400)
    return new ChannelError(
      'rejected',
      `${about.network} sent us to another address (${status}), and we do not follow. Enter the final address.`,
      { ...more, code: about.code ?? 'redirect' },
    );
  if (status >= 200 && status < 300) return unreadable(about.network, status, about.safe);
  const failure = failureOfStatus(status, about.safe);
  const sentence = {
    rejected: `${about.network} refused this (${status}).${said}`,
    auth: `${about.network} did not accept our credentials (${status}).${said} Connect the account again.`,
    limited: `${about.network} asks us to wait (${status}).${said}`,
    unsent: `${about.network} is not available (${status}).${said}`,
    unknown: `${about.network} answered with an error (${status}) that does not say whether it was done.${said}`,
  }[failure];
  return new ChannelError(failure, sentence, more);
}

/** A yes (2xx) that cannot be read: a proxy's page, half a body. It may have been done. */
export const unreadable = (network: string, status: number, safe = false): ChannelError =>
  new ChannelError(
    safe ? 'unsent' : 'unknown',
    `${network} answered ${status}, but not with anything we can read.`,
    { status, code: 'unreadable' },
  );

/** A look that ended before it had come back to when the post may have been made: what it did not show may be there. */
export const tooMany = (network: string): ChannelError =>
  new ChannelError('unsent', `There is more on ${network} since then than we can look through.`, {
    code: 'too_many',
  });

/** A network's own words in our sentence: one line, not too long. */
export const brief = (words: string): string => cut(words.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim(), 240);

/** What a network said, as a sentence after ours; nothing where it said nothing. */
export function itSaid(words: string | undefined): string {
  const said = brief(words ?? '');
  return said === '' ? '' : ` It said: ${said}`;
}

/** What some JSON says; undefined for what is none. */
export function jsonOf(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The record inside unknown JSON, or an empty one; saves every channel from casting. */
export const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What the ten spellings have in common: a plain decimal number, not negative, finite. */
function seconds(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return undefined;
  const n = Number(value);
  return Number.isFinite(n) ? n : undefined;
}

/** Milliseconds until an instant in a form that networks use (HTTP date, ISO 8601); undefined when it is past. */
function untilDate(value: string, now: number): number | undefined {
  if (!/^\s*((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? |\d{4}-\d\d-\d\dT)/.test(value)) return undefined;
  const wait = Date.parse(value) - now;
  return wait >= 0 ? wait : undefined;
}

/** A reset given as seconds left, or (as no wait lasts thirty years) as an epoch in seconds or in milliseconds. */
function untilReset(value: string, now: number): number | undefined {
  const n = seconds(value);
  if (n === undefined) return untilDate(value, now);
  if (n < 1e9) return n * 1000;
  const wait = (n >= 1e12 ? n : n * 1000) - now;
  return wait >= 0 ? wait : undefined;
}

/** X also counts a day: its reset matters when that budget is the one that is empty. */
function dailyReset(headers: Headers, now: number): number | undefined {
  const waits = ['app', 'user'].map((who) =>
    headers.get(`x-${who}-limit-24hour-remaining`)?.trim() === '0'
      ? untilReset(headers.get(`x-${who}-limit-24hour-reset`) ?? '', now)
      : undefined,
  );
  return longest(waits);
}

/** Meta: JSON in a header, `{account: [{estimated_time_to_regain_access: minutes}]}` or one such object. */
function metaUsage(headers: Headers): number | undefined {
  const waits: (number | undefined)[] = [];
  for (const name of ['x-business-use-case-usage', 'x-app-usage']) {
    let usage: unknown;
    try {
      usage = JSON.parse(headers.get(name) ?? 'null');
    } catch {
      continue;
    }
    for (const entry of [usage, ...Object.values(recordOf(usage)).flat()]) {
      const minutes = seconds(recordOf(entry)['estimated_time_to_regain_access']);
      if (minutes !== undefined && minutes > 0) waits.push(minutes * 60_000);
    }
  }
  return longest(waits);
}

const longest = (waits: (number | undefined)[]): number | undefined => {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};
const thousand = (n: number | undefined) => (n === undefined ? undefined : n * 1000);

/**
 * How long a network asks us to wait, in ms; undefined when it does not say, or says nothing usable (negative, past,
 * not a number). Reads Retry-After (seconds or a date), and the resets of X (epoch s), Mastodon (ISO 8601), Bluesky
 * (epoch s), Discord (`-reset-after`, seconds) and Reddit (seconds left), Meta's usage header (minutes), and the bodies
 * of Telegram, Discord, Discourse and Matrix. Absurd values come back as they are: the domain caps every wait.
 */
export function retryAfter(headers: Headers, body: unknown, now: number): number | undefined {
  const asked = headers.get('retry-after');
  const json = recordOf(body);
  const found = [
    () => (asked === null ? undefined : (thousand(seconds(asked)) ?? untilDate(asked, now))),
    () => thousand(seconds(recordOf(json['parameters'])['retry_after'])),
    () => seconds(json['retry_after_ms']),
    () => thousand(seconds(recordOf(json['extras'])['wait_seconds'])),
    () => thousand(seconds(json['retry_after'])),
    () => thousand(seconds(headers.get('x-ratelimit-reset-after'))),
    () => dailyReset(headers, now),
    () => metaUsage(headers),
    () => untilReset(headers.get('x-rate-limit-reset') ?? '', now),
    () => untilReset(headers.get('x-ratelimit-reset') ?? '', now),
    () => untilReset(headers.get('ratelimit-reset') ?? '', now),
  ];
  for (const spelling of found) {
    const wait = spelling();
    if (wait !== undefined && Number.isFinite(wait)) return Math.ceil(wait);
  }
  return undefined;
}
