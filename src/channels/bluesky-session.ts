import { failureOfAnswer, jsonOf, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { openCredential } from './credential.ts';

export const NETWORK = 'Bluesky';

interface Session {
  did: string;
  handle: string;
  accessJwt: string;
  refreshJwt: string;
}

interface XrpcRequest {
  method: 'GET' | 'POST';
  /** As `com.atproto.repo.putRecord`. */
  nsid: string;
  query?: [string, string][];
  body?: unknown;
  /** A picture, as it is, instead of a body. */
  blob?: { bytes: Uint8Array; mime: string };
  /** Nothing is changed by it. */
  safe: boolean;
  signal: AbortSignal;
}

/** A logged-in account: one session, renewed when the server says that it is old, by one caller at a time. */
interface BlueskySession {
  /** Who we are; logs in when there is no session yet. */
  whoAmI(signal: AbortSignal): Promise<{ did: string; handle: string }>;
  /** A request with our credentials; the parsed answer. */
  call(request: XrpcRequest): Promise<Record<string, unknown>>;
}

/** The server's names for a token that it does not take any more; they come with status 400. */
const STALE = new Set(['ExpiredToken', 'InvalidToken']);

/** Before the first login. */
const NO_SESSION: Session = { did: '', handle: '', accessJwt: '', refreshJwt: '' };

/**
 * Logging in is scarce (30 in 5 minutes, 100 to 300 a day), and a refresh token works once. So the session is kept in
 * the connection's secrets.
 */
export function openBlueskySession(
  service: string,
  values: Record<string, string>,
  tools: ChannelTools,
): BlueskySession {
  const credential = openCredential<Session>({
    first: readSession(jsonOf(values['session'] ?? '')) ?? NO_SESSION,
    renew,
    save: (fresh) => tools.saveSecrets({ session: JSON.stringify(fresh) }),
  });

  async function send(request: XrpcRequest, token: string | undefined): Promise<GuardedResponse> {
    const query = new URLSearchParams(request.query).toString();
    return tools.fetch(`${service}/xrpc/${request.nsid}${query === '' ? '' : `?${query}`}`, {
      method: request.method,
      signal: request.signal,
      safe: request.safe,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.blob === undefined ? {} : { 'content-type': request.blob.mime }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.blob === undefined ? {} : { body: request.blob.bytes }),
    });
  }

  /** Session calls publish nothing, so whatever goes wrong with them, the post was not sent. */
  async function start(
    nsid: string,
    signal: AbortSignal,
    more: { body?: unknown; token?: string },
  ): Promise<Session> {
    const body = more.body === undefined ? {} : { body: more.body };
    const answer = await send({ method: 'POST', nsid, signal, safe: true, ...body }, more.token);
    const made = answer.status === 200 ? readSession(answer.json) : undefined;
    if (made === undefined) throw failureOfXrpc(answer, tools.now(), true);
    return made;
  }

  const login = (signal: AbortSignal): Promise<Session> =>
    start('com.atproto.server.createSession', signal, {
      body: {
        identifier: values['identifier']?.trim().replace(/^@/, ''),
        password: values['password']?.trim(),
      },
    });

  async function renew(old: Session, signal: AbortSignal): Promise<Session> {
    if (old === NO_SESSION) return login(signal);
    try {
      return await start('com.atproto.server.refreshSession', signal, { token: old.refreshJwt });
    } catch (error) {
      // The refresh token is used up or too old; the password still opens a new session.
      if (error instanceof ChannelError && error.failure === 'auth') return login(signal);
      throw error;
    }
  }

  return {
    whoAmI: (signal) => credential.current(signal, NO_SESSION),
    async call(request) {
      const first = await credential.current(request.signal, NO_SESSION);
      let answer = await send(request, first.accessJwt);
      if (isStale(answer)) {
        // A token that was refused has published nothing, so the same request may go again, once.
        const second = await credential.current(request.signal, first);
        answer = await send(request, second.accessJwt);
      }
      if (answer.status !== 200) throw failureOfXrpc(answer, tools.now(), request.safe);
      if (answer.json === undefined) throw unreadable(NETWORK, 200, request.safe);
      return recordOf(answer.json);
    },
  };
}

const codeOf = (answer: GuardedResponse): string => textOf(recordOf(answer.json)['error']) ?? '';
const isStale = (answer: GuardedResponse): boolean =>
  (answer.status === 400 || answer.status === 401) && STALE.has(codeOf(answer));

/** Refusals that are about the account, whatever their status. */
const ABOUT_US = new Set([
  ...STALE,
  'AuthenticationRequired',
  'AuthMissing',
  'AuthFactorTokenRequired',
  'AccountTakedown',
  'AccountDeactivated',
  'AccountSuspended',
  'BadTokenScope',
]);

/** A Bluesky server's answer as a failure: its own names first (an expired token is a 400), then the table. */
export function failureOfXrpc(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const code = codeOf(answer);
  const said = textOf(recordOf(answer.json)['message']);
  if (ABOUT_US.has(code))
    return new ChannelError(
      'auth',
      code === 'AuthFactorTokenRequired'
        ? 'Bluesky asks for a code by email. Connect with an app password instead of the account password.'
        : `Bluesky did not accept our credentials (${code}). Make a new app password and connect the account again.`,
      { status: answer.status, code },
    );
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said, code: code === '' ? undefined : code });
}

function readSession(json: unknown): Session | undefined {
  const { did, handle, accessJwt, refreshJwt } = recordOf(json);
  if (typeof did !== 'string' || typeof accessJwt !== 'string' || typeof refreshJwt !== 'string')
    return undefined;
  return { did, handle: typeof handle === 'string' ? handle : did, accessJwt, refreshJwt };
}
