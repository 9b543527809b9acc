import { createConnection, type Socket } from 'node:net';
import { codesOf } from './classify.ts';
import { ChannelError } from './contract.ts';
import type { Rule } from './guard-rule.ts';

export interface SocketPlace {
  host: string;
  port: number;
}
export interface OpenedSocket {
  socket: Socket;
  /** Whoever runs this server has allowed `smtp://host:port` by name: it may be inside, and without encryption. */
  trusted: boolean;
}

/**
 * A bare TCP connection, for what is not HTTP (mail), by the same rule: the address that was checked is the one that is
 * connected to. The socket is cut when the signal aborts or the deadline passes. Before it is connected every failure
 * is `unsent` or `rejected`: not a byte has left.
 */
export function openSocket(
  rule: Rule,
  to: SocketPlace,
  signal: AbortSignal,
  limits: { connectTimeoutMs: number; timeoutMs: number },
): Promise<OpenedSocket> {
  const { host, port } = to;
  const trusted = rule.trusts('smtp:', host, String(port));
  const refusal = trusted ? undefined : rule.refuseHost(host);
  if (refusal !== undefined) return Promise.reject(refusal);
  if (signal.aborted) return Promise.reject(notConnected(host, 'AbortError'));

  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, ...(trusted ? {} : { lookup: rule.lookup }) });
    const cut = (name: string) => socket.destroy(Object.assign(new Error(name), { code: name }));
    const onAbort = () => cut('AbortError');
    const connecting = setTimeout(() => cut('ETIMEDOUT'), limits.connectTimeoutMs);
    const whole = setTimeout(() => cut('TimeoutError'), limits.timeoutMs);
    signal.addEventListener('abort', onAbort);
    const onError = (error: Error) =>
      reject(error instanceof ChannelError ? error : notConnected(host, codesOf(error)[0] ?? error.name));
    // It stays: a connection that breaks while nobody reads must not end the process.
    socket.on('error', onError);
    socket.once('close', () => {
      clearTimeout(connecting);
      clearTimeout(whole);
      signal.removeEventListener('abort', onAbort);
      reject(notConnected(host, 'closed'));
    });
    socket.once('connect', () => {
      clearTimeout(connecting);
      resolve({ socket, trusted });
    });
  });
}

const notConnected = (host: string, code: string) =>
  new ChannelError('unsent', `Could not connect to ${host}; nothing was sent (${code}).`, { code });
