import {
  failureOfAnswer,
  itSaid,
  jsonOf,
  listOf,
  recordOf,
  retryAfter,
  textOf,
  unreadable,
} from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { openCredential } from './credential.ts';

export const NETWORK = 'Reddit';
const MINUTE = 60_000;

interface Session {
  accessToken: string;
  /** ms */
  expiresAt: number;
  refreshToken: string;
}

export interface Reddit {
  get(path: string, query: Record<string, string>, signal: AbortSignal): Promise<unknown>;
  /** A form; the `json.data` of the answer. Reddit says no with status 200, and this throws then too. */
  post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Record<string, unknown>>;
}

/** Reddit's API for one account: renews the access token, and keeps the refresh token that comes with it. */
export function openReddit(
  hosts: { api: string; tokens: string },
  values: Record<string, string>,
  tools: ChannelTools,
): Reddit {
  const clientId = values['clientId']?.trim() ?? '';
  const clientSecret = values['clientSecret']?.trim() ?? '';
  // Without a name of its own a client is turned away: https://github.com/reddit-archive/reddit/wiki/API
  const agent = `web:tocsin:0.1 (by /u/${(values['username'] ?? '').trim().replace(/^\/?u\//i, '') || 'unknown'})`;

  async function renew(old: Session, signal: AbortSignal): Promise<Session> {
    const answer = await tools.fetch(`${hosts.tokens}/api/v1/access_token`, {
      method: 'POST',
      signal,
      // Nothing is published by it, so whatever goes wrong here, the post was not sent.
      safe: true,
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': agent,
      },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: old.refreshToken }).toString(),
    });
    const body = recordOf(answer.json);
    const token = textOf(body['access_token']);
    if (answer.status === 400 || answer.status === 401 || body['error'] === 'invalid_grant')
      throw new ChannelError(
        'auth',
        'Reddit does not accept the app or its refresh token any more. Authorise the app again, with “duration=permanent”.',
        { status: answer.status, code: 'refresh_refused' },
      );
    if (answer.status !== 200) throw failureOfReddit(answer, tools.now(), true);
    if (token === undefined) throw unreadable(NETWORK, 200, true);
    const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : 3_600;
    return {
      accessToken: token,
      expiresAt: tools.now() + seconds * 1_000,
      refreshToken: textOf(body['refresh_token']) ?? old.refreshToken,
    };
  }

  const credential = openCredential<Session>({
    first: readSession(values['session']) ?? {
      accessToken: '',
      expiresAt: 0,
      refreshToken: values['refreshToken']?.trim() ?? '',
    },
    renew,
    save: (fresh) => tools.saveSecrets({ refreshToken: fresh.refreshToken, session: JSON.stringify(fresh) }),
  });
  const current = async (signal: AbortSignal): Promise<Session> => {
    const held = await credential.current(signal);
    return held.expiresAt > tools.now() + MINUTE ? held : credential.current(signal, held);
  };

  async function ask(
    path: string,
    signal: AbortSignal,
    form?: Record<string, string>,
  ): Promise<GuardedResponse> {
    const safe = form === undefined;
    const send = (session: Session) =>
      tools.fetch(`${hosts.api}${path}`, {
        method: safe ? 'GET' : 'POST',
        signal,
        safe,
        headers: {
          authorization: `Bearer ${session.accessToken}`,
          'user-agent': agent,
          ...(safe ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined
          ? {}
          : { body: new URLSearchParams({ ...form, api_type: 'json', raw_json: '1' }).toString() }),
      });
    const held = await current(signal);
    let answer = await send(held);
    // A token that was refused has published nothing, so the same request may go again, once.
    if (answer.status === 401) answer = await send(await credential.current(signal, held));
    if (answer.status < 200 || answer.status > 299) throw failureOfReddit(answer, tools.now(), safe);
    if (answer.json === undefined) throw unreadable(NETWORK, answer.status, safe);
    return answer;
  }

  return {
    async get(path, query, signal) {
      const asked = new URLSearchParams({ ...query, raw_json: '1' });
      return (await ask(`${path}?${asked}`, signal)).json;
    },
    async post(path, form, signal) {
      const body = recordOf(recordOf((await ask(path, signal, form)).json)['json']);
      const [error] = listOf(body['errors']);
      if (error !== undefined) throw failureOfErrors(listOf(error), body['ratelimit']);
      return recordOf(body['data']);
    },
  };
}

/** `["RATELIMIT", "Take a break for 9 minutes before trying again.", "ratelimit"]`, inside a 200. */
function failureOfErrors([name, words]: unknown[], seconds: unknown): ChannelError {
  const code = textOf(name) ?? 'unknown';
  const said = textOf(words) ?? '';
  if (/RATELIMIT|QUOTA_FILLED/.test(code))
    return new ChannelError(
      'limited',
      `Reddit asks this account to wait before it posts again.${itSaid(said)}`,
      {
        status: 200,
        code,
        retryAfterMs: typeof seconds === 'number' && seconds >= 0 ? Math.ceil(seconds * 1_000) : waitIn(said),
      },
    );
  if (/^(USER_REQUIRED|VERIFIED_USER_REQUIRED|NO_API|EXPIRED)$/.test(code))
    return new ChannelError('auth', `Reddit does not let this account do that (${code}).${itSaid(said)}`, {
      status: 200,
      code,
    });
  return new ChannelError('rejected', `Reddit refused this (${code}).${itSaid(said)}`, {
    status: 200,
    code,
    duplicate: code === 'ALREADY_SUB',
  });
}

const UNITS = {
  millisecond: 1,
  second: 1_000,
  minute: MINUTE,
  hour: 60 * MINUTE,
  day: 1_440 * MINUTE,
} as const;

/** "try again in 9 minutes", in ms; Reddit rounds down, so one more of the unit is surely enough. */
function waitIn(said: string): number | undefined {
  const [, n, unit] = /(\d{1,4}) (millisecond|second|minute|hour|day)s?/i.exec(said) ?? [];
  const ms = UNITS[unit?.toLowerCase() as keyof typeof UNITS];
  return n === undefined || ms === undefined ? undefined : (Number(n) + 1) * ms;
}

function failureOfReddit(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const said = textOf(body['explanation']) ?? textOf(body['message']);
  if (answer.status === 403 && /insufficient_scope/.test(answer.headers.get('www-authenticate') ?? ''))
    return new ChannelError(
      'auth',
      'The app was not given the right to do this. Authorise it again with the scopes listed.',
      { status: 403, code: 'insufficient_scope' },
    );
  // Every answer carries the state of the ten-minute window; only a 429 says that it is what we wait for.
  const headers = new Headers(answer.headers);
  if (answer.status !== 429) headers.delete('x-ratelimit-reset');
  const failed = failureOfAnswer(
    { ...answer, headers },
    { network: NETWORK, now, safe, said, code: textOf(body['reason']) },
  );
  if (answer.status !== 429 || failed.retryAfterMs !== undefined) return failed;
  return new ChannelError('limited', failed.message, {
    status: 429,
    code: failed.code,
    retryAfterMs: retryAfter(headers, body, now) ?? MINUTE,
  });
}

function readSession(kept: string | undefined): Session | undefined {
  const { accessToken, expiresAt, refreshToken } = recordOf(jsonOf(kept ?? ''));
  return typeof accessToken === 'string' && typeof expiresAt === 'number' && typeof refreshToken === 'string'
    ? { accessToken, expiresAt, refreshToken }
    : undefined;
}
