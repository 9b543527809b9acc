import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Agent, buildConnector, type Dispatcher, request as send } from 'undici';
import { codesOf, failureOfError, jsonOf } from './classify.ts';
import { ChannelError, type GuardedFetch, type GuardedRequest, type GuardedResponse } from './contract.ts';
import { buildRule, guardAgent, portOf, type RuleOptions } from './guard-rule.ts';
import { type OpenedSocket, openSocket, type SocketPlace } from './guard-socket.ts';

/** Some servers refuse callers without a name (GoToSocial answers 418). */
const USER_AGENT = 'Tocsin/0.1 (status broadcast)';
const SOCKETS_PER_ORIGIN = 4;
const MIB = 1024 * 1024;

export interface GuardOptions extends RuleOptions {
  /** Deadline of a whole request, from the first look-up to the last byte of the answer, in ms. */
  timeoutMs?: number;
  /** Deadline of the connection, in ms; what it ends was surely not sent. */
  connectTimeoutMs?: number;
  /** Largest answer that is read, in bytes after decompression. */
  maxBody?: number;
}
export interface Guarded {
  fetch: GuardedFetch;
  /** For libraries that make their own plain http requests: allow-listed origins only. */
  agent: HttpAgent;
  /** The same for https. */
  secureAgent: HttpsAgent;
  /** A bare TCP connection by the same rule, for mail. */
  connect(to: SocketPlace, signal: AbortSignal): Promise<OpenedSocket>;
  /** Cuts every open connection. */
  close(): Promise<void>;
}

/**
 * The only way out of this process to addresses that people have typed. The rule is enforced where the socket is
 * connected, not where the URL is read: an address that was fine when it was saved can point inside by the time it is
 * used, so every looked-up address is checked and the socket goes to exactly the one that was.
 */
export function openGuardedFetch(options: GuardOptions): Guarded {
  const { timeoutMs = 30_000, maxBody = MIB } = options;
  const connectTimeout = options.connectTimeoutMs ?? Math.min(10_000, timeoutMs);
  const rule = buildRule(options);
  const open = buildConnector({ timeout: connectTimeout });
  const openChecked = buildConnector({ timeout: connectTimeout, lookup: rule.lookup });

  const dispatcher = new Agent({
    connections: SOCKETS_PER_ORIGIN,
    // A kept-alive socket that its server is just closing would turn a post into one that may have arrived.
    pipelining: 0,
    connect(to, done) {
      const port = to.port || portOf(to.protocol);
      const refusal = rule.refuse(to.protocol, to.hostname, port);
      if (refusal !== undefined) {
        done(refusal, null);
        return;
      }
      (rule.trusts(to.protocol, to.hostname, port) ? open : openChecked)(to, done);
    },
  });

  const fetch: GuardedFetch = async (address, request) => {
    const url = rule.read(address);
    const safe = request.safe ?? false;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    let started = false;
    const watched = dispatcher.compose((dispatch) => (opts, handler) => {
      const noticing: Dispatcher.DispatchHandler = {
        onRequestStart(...args) {
          // A request that was called off while it waited for a socket is dropped in here, before its first byte.
          started = !signal.aborted;
          handler.onRequestStart?.(...args);
        },
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      };
      return dispatch(opts, noticing);
    });
    try {
      return await exchange(watched, url, { ...request, signal }, maxBody);
    } catch (error) {
      throw asChannelError(error, url, { safe, started });
    }
  };

  const agentOptions = { keepAlive: false, maxSockets: SOCKETS_PER_ORIGIN, timeout: timeoutMs };
  return {
    fetch,
    agent: guardAgent(new HttpAgent(agentOptions), 'http:', rule),
    secureAgent: guardAgent(new HttpsAgent(agentOptions), 'https:', rule),
    connect: (to, signal) => openSocket(rule, to, signal, { connectTimeoutMs: connectTimeout, timeoutMs }),
    close: () => dispatcher.destroy(),
  };
}

async function exchange(
  dispatcher: Dispatcher,
  url: URL,
  request: GuardedRequest,
  maxBody: number,
): Promise<GuardedResponse> {
  const answer = await send(url, {
    dispatcher,
    signal: request.signal,
    method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'gzip, deflate, br', ...request.headers },
    body: request.body ?? null,
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) headers.append(name, one);
  const status = answer.statusCode;
  let text = '';
  try {
    text = await readBody(answer.body, headers.get('content-encoding'), maxBody);
  } catch (error) {
    // A refusal did nothing, however badly its explanation arrives; these two say enough without one.
    if (status !== 401 && status !== 429)
      throw status >= 400 && status < 500 ? cutRefusal(url, status, error) : error;
  }
  return { status, headers, text, json: jsonOf(text) };
}

const cutRefusal = (url: URL, status: number, cause: unknown) =>
  new ChannelError('unsent', `${url.host} refused with ${status}, and its explanation was cut off.`, {
    status,
    code: 'cut_refusal',
    cause,
  });

type Body = Dispatcher.ResponseData['body'];

/** Reads and decompresses, and stops at the limit before it holds more than the limit. */
async function readBody(body: Body, encoding: string | null, maxBody: number): Promise<string> {
  const unpack = unpacker(encoding);
  const source = unpack === undefined ? body : body.pipe(unpack);
  if (unpack !== undefined) body.on('error', (error) => unpack.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maxBody) throw Object.assign(new Error('too long'), { code: 'body_too_long' });
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
    unpack?.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unpacker(encoding: string | null) {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

/** The host is named, never the path or a header: those can be secrets. */
function asChannelError(error: unknown, url: URL, about: { safe: boolean; started: boolean }): ChannelError {
  if (error instanceof ChannelError) return error;
  const code = codesOf(error)[0] ?? (error instanceof Error ? error.name : 'unknown');
  // Our own request was malformed (a line break in a header, say): nothing left, and nothing would next time.
  if (code === 'UND_ERR_INVALID_ARG')
    return new ChannelError('rejected', `The request to ${url.host} could not be made.`, { code });
  const failure = failureOfError(error, about);
  const what =
    about.started || about.safe
      ? about.started
        ? `The connection to ${url.host} was lost before the answer was complete`
        : `Could not connect to ${url.host}`
      : `Could not connect to ${url.host}; nothing was sent`;
  return new ChannelError(failure, `${what} (${code}).`, { code, cause: error });
}
