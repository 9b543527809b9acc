import { once } from 'node:events';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import type { Test } from 'tap';
import { ChannelError } from '../../src/channels/contract.ts';
import { type GuardOptions, openGuardedFetch } from '../../src/channels/guard.ts';
import type { Address } from '../../src/channels/guard-rule.ts';
import { NAMES } from './ssrf-corpus.ts';

export const never = new AbortController().signal;
export const portOf = (server: TcpServer) => (server.address() as AddressInfo).port;

export async function listen<S extends TcpServer>(
  t: Test,
  server: S,
  host = '127.0.0.1',
  port = 0,
): Promise<S> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

/** A listener on every loopback address that counts who connects. */
export async function openCanary(t: Test) {
  const canary = { connections: 0, port: 0 };
  const count = (socket: Socket) => {
    canary.connections++;
    socket.destroy();
  };
  const v4 = await listen(t, createTcpServer(count), '0.0.0.0');
  canary.port = portOf(v4);
  await listen(t, createTcpServer(count), '::1', canary.port).catch(() => undefined);
  return canary;
}

export const named = async (name: string): Promise<Address[]> => {
  const found = NAMES[name];
  if (found === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' });
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

export function open(t: Test, options: Partial<GuardOptions> = {}) {
  const guard = openGuardedFetch({ allow: [], resolve: named, ...options });
  t.teardown(() => guard.close());
  return guard;
}

export async function refusal(work: Promise<unknown>): Promise<ChannelError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ChannelError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
