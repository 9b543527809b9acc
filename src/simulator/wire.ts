/** The road of one request through a network: match, authenticate, count, go wrong as planned, answer, journal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parseBody } from './body.ts';
import type { Account } from './facts.ts';
import type { Fault } from './faults.ts';
import type { Answer, Call, Network, OpenRoute, Route } from './network.ts';
import type { World } from './world.ts';

/** What happens to the answer: cut the connection, or send half and the rest `lateMs` later. */
type Ending = { cut: true } | { cut: false; answer: Answer; lateMs: number };

const patterns = new WeakMap<Route | OpenRoute, RegExp>();

function pattern(route: Route | OpenRoute): RegExp {
  let known = patterns.get(route);
  if (known === undefined) {
    const source = route.path
      .replace(/[.]/g, '\\.')
      .replace(/:(\w+)/g, '(?<$1>[^/]+)')
      .replace(/\*(\w+)/g, '(?<$1>.+)');
    known = new RegExp(`^${source}/?$`);
    patterns.set(route, known);
  }
  return known;
}

function match<R extends Route | OpenRoute>(
  routes: readonly R[],
  method: string,
  path: string,
): { route: R; params: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const found = pattern(route).exec(path);
    if (found !== null) return { route, params: decoded(found.groups ?? {}) };
  }
  return undefined;
}

function decoded(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** Whether some route of the network takes this request, so that it is not a page. */
export function isRoute(network: Network, method: string, path: string): boolean {
  return (
    match(network.openRoutes ?? [], method, path) !== undefined ||
    match(network.routes, method, path) !== undefined
  );
}

/** Answers one request to a network. `path` is below the base; `signal` ends planned waits at shutdown. */
export async function serveNetwork(
  world: World,
  network: Network,
  request: { kind: string; base: string; path: string; url: URL; raw: Buffer; site: Account | undefined },
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const at = world.now();
  const call: Call = {
    method: req.method ?? 'GET',
    path: request.path,
    params: {},
    query: request.url.searchParams,
    headers: req.headers,
    raw: request.raw,
    body: parseBody(req.headers['content-type'] ?? '', request.raw),
    address: `http://${req.headers.host ?? request.url.host}${request.url.pathname}`,
    base: request.base,
    site: request.site,
    now: at,
  };
  // `/accounts/verify_credentials` wants credentials; the open `/accounts/:id` must not take it.
  const closed = match(network.routes, call.method, call.path);
  const open = closed === undefined ? match(network.openRoutes ?? [], call.method, call.path) : undefined;
  const matched = open ?? closed;
  call.params = matched?.params ?? {};
  const does = matched?.route.does ?? [];
  const known = closed !== undefined ? network.authenticate(call) : (open?.route.about?.(call) ?? call.site);
  const account = known !== undefined && 'handle' in known ? known : undefined;
  const faults = world.faults.draw(request.kind, account, does, closed !== undefined);

  let headers: Record<string, string> = {};
  const run = async (): Promise<Answer> => {
    const early = network.before?.(call);
    if (early !== undefined) return early;
    if (open !== undefined) return open.route.run(call);
    if (closed === undefined) return network.refusal(404, undefined, call.now);
    if (known === undefined || !('handle' in known)) {
      return (known as Answer | undefined) ?? network.refusal(401, undefined, call.now);
    }
    const meter = network.meter?.(call, known, closed.route);
    headers = meter?.headers ?? {};
    if (meter?.refused === true && world.metered(known)) {
      const refusal = network.refusal(429, undefined, call.now);
      return { ...refusal, headers: { ...refusal.headers, ...meter.headers } };
    }
    return closed.route.run(call, known);
  };

  const ending = await withFaults(world, network, faults, request.base, run, signal);
  world.record({
    at,
    network: request.kind,
    account: account?.handle ?? null,
    method: call.method,
    path: `${call.path}${request.url.search}`,
    does,
    status: ending.cut ? 0 : ending.answer.status,
    faults: faults.map((fault) => fault.kind),
  });
  if (ending.cut) {
    req.socket.destroy();
    return;
  }
  await send(
    res,
    { ...ending.answer, headers: { ...headers, ...ending.answer.headers } },
    ending.lateMs,
    signal,
  );
}

async function withFaults(
  world: World,
  network: Network,
  faults: readonly Fault[],
  base: string,
  run: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Ending> {
  let lateMs = 0;
  for (const fault of faults) {
    const now = world.now();
    switch (fault.kind) {
      case 'delay':
        if (fault.after === true) {
          const answer = await run();
          await pause(fault.ms ?? 0, signal);
          return { cut: false, answer, lateMs };
        }
        await pause(fault.ms ?? 0, signal);
        break;
      case 'slow_body':
        lateMs = fault.ms ?? 0;
        break;
      case 'drop_before':
        return { cut: true };
      case 'drop_after':
        await run();
        return { cut: true };
      case 'error_after':
        await run();
        return { cut: false, answer: network.refusal(fault.code ?? 502, fault.retryAfter, now), lateMs };
      case 'status': {
        const refusal = network.refusal(fault.code ?? 500, fault.retryAfter, now);
        const answer = fault.body === undefined ? refusal : { ...refusal, body: fault.body };
        return { cut: false, answer, lateMs };
      }
      case 'expired_token':
        return { cut: false, answer: network.expired(), lateMs };
      case 'html_200':
        return { cut: false, answer: PROXY_PAGE, lateMs };
      case 'redirect':
        return {
          cut: false,
          answer: { status: 302, headers: { location: fault.location ?? `${base}/elsewhere` }, body: '' },
          lateMs,
        };
      case 'lag':
        break;
    }
  }
  return { cut: false, answer: await run(), lateMs };
}

const PROXY_PAGE: Answer = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html><head><title>Sign in to the network</title></head><body><h1>Welcome</h1></body></html>',
};

/** Sends an answer; with `lateMs` the second half of the body follows after that time. */
export async function send(
  res: ServerResponse,
  answer: Answer,
  lateMs: number,
  signal: AbortSignal,
): Promise<void> {
  const plain = typeof answer.body === 'string' || answer.body instanceof Uint8Array;
  const bytes =
    answer.body === undefined
      ? Buffer.alloc(0)
      : Buffer.from(plain ? (answer.body as string) : JSON.stringify(answer.body));
  const type = plain ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const headers: Record<string, string> = {
    ...(bytes.length > 0 ? { 'content-type': type } : {}),
    ...answer.headers,
  };
  if (answer.status !== 204) headers['content-length'] = String(bytes.length);
  res.writeHead(answer.status, headers);
  if (lateMs > 0) {
    const half = Math.floor(bytes.length / 2);
    res.write(bytes.subarray(0, half));
    await pause(lateMs, signal);
    res.end(bytes.subarray(half));
  } else {
    res.end(bytes);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch {
    // The simulator is closing: the wait is over, the sockets go next.
  }
}
