/**
 * What a stand-in network is. To add one: write `networks/<kind>.ts` that exports a `NetworkKind`, add it to
 * the list in `networks/index.ts`, and it has a base address (`<url>/<kind>`), accounts, faults, a journal, a
 * timeline page, permalinks and truth endpoints. The smallest whole example is `networks/webhook.ts`.
 *
 *   export const pager: NetworkKind = {
 *     kind: 'pager',
 *     name: 'Pager',
 *     open(world) {
 *       return {
 *         credentials: (seed, base) => ({ settings: { api: base }, secrets: { token: seed.word('token', 32) } }),
 *         authenticate: (call) =>
 *           world.accountBySecret('pager', 'token', bearer(call)) ?? json(401, { error: 'bad token' }),
 *         refusal: (code) => json(code, { error: `status ${code}` }),
 *         expired: () => json(401, { error: 'expired' }),
 *         routes: [
 *           { method: 'POST', path: '/pages', does: ['publish'], run: (call, account) => { … world.keep({ … }) … } },
 *           { method: 'GET', path: '/pages/:id', does: ['read', 'find'], run: (call) => … },
 *         ],
 *       };
 *     },
 *   };
 *
 * State of a network (rate windows, sessions, keys) lives in the closure of `open`, which runs again on reset.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Account, Post } from './facts.ts';
import type { World } from './world.ts';

/** What a route is for, so that a fault can name it. `any` in a fault matches them all. */
export const OPERATIONS = [
  'publish',
  'read',
  'find',
  'verify',
  'edit',
  'remove',
  'poll',
  'session',
  'prepare',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One HTTP request as a network sees it; paths are below its base address. */
export interface Call {
  method: string;
  path: string;
  /** Values of the `:names` in the route's path. */
  params: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  /** The body when it is a JSON object or a form (`a[]=1` gives a list under `a`); else empty. */
  body: Record<string, unknown>;
  /** Scheme, host and path as the client wrote them, without the query: what OAuth 1 signs. */
  address: string;
  /** Where this network is, without a slash at the end; with the site when the path named one. */
  base: string;
  /** The account whose own host this is, when the path began with `/~<handle>`. */
  site: Account | undefined;
  /** Milliseconds. */
  now: number;
}

/** An HTTP answer. A body that is not a string or bytes goes out as JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

interface AnyRoute {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments; `:name` takes one segment, `*name` at the end takes the rest. */
  path: string;
  does: readonly Operation[];
}
/** A route that wants credentials: it runs only for an account that `authenticate` found. */
export interface Route extends AnyRoute {
  run(call: Call, account: Account): Answer | Promise<Answer>;
}
/** A route that anybody may call. `about` names the account it concerns, for faults and the journal. */
export interface OpenRoute extends AnyRoute {
  about?(call: Call): Account | undefined;
  run(call: Call): Answer | Promise<Answer>;
}

/** Where the made-up credentials of a new account come from: the same for the same seed and handle. */
export interface AccountSeed {
  id: string | undefined;
  handle: string;
  name: string;
  options: Record<string, unknown>;
  word(label: string, length: number, alphabet?: string): string;
  bytes(label: string, length: number): Buffer;
}

/** What a customer says to one of our accounts. */
export interface Said {
  text: string;
  author: { id: string; handle: string; name: string };
  /** Native id of the post it answers. */
  inReplyTo: string | null;
  at: number;
}

export interface Credentials {
  /** Native id; by default the seed's, or a number of 12 digits. */
  id?: string;
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Where its own host is, when that is not the network's base. */
  base?: string;
  /** Credentials that no channel asks for (other tokens the network would take), for tests. */
  extra?: Record<string, string>;
}

export interface Network {
  credentials(seed: AccountSeed, base: string): Credentials;
  /** Who is calling a route that wants credentials, or this network's refusal. */
  authenticate(call: Call): Account | Answer;
  /** This network's own words for an HTTP error; wait in seconds. */
  refusal(code: number, retryAfter: number | undefined, now: number): Answer;
  /** Its answer to a token that was good once. */
  expired(): Answer;
  /** Turns a call away before anything else looks at it. */
  before?(call: Call): Answer | undefined;
  routes: readonly Route[];
  openRoutes?: readonly OpenRoute[];
  /** Counts the call against this network's rate limits; the headers go on every answer. */
  meter?(call: Call, account: Account, route: Route): { headers: Record<string, string>; refused: boolean };
  /** Keeps what a customer said, in this network's ids; absent where nobody can answer. */
  hear?(account: Account, said: Said, base: string): Post;
  /** Paths below the base at which this account's timeline opens, besides `/@<handle>`. */
  profiles?(account: Account): string[];
}

export interface NetworkKind {
  /** First path segment of its base address, and the `kind` of the channel that talks to it. */
  kind: string;
  /** For people. */
  name: string;
  /** Handle of the account it has when nobody asks for accounts. */
  handle?: string;
  open(world: World): Network;
  /**
   * For a network that is not HTTP (SMTP): its own server, opened once, before there are accounts. Credentials find
   * the port in `world.ports`; what comes in meets `world.faults.draw` and ends in `world.keep` and `world.record`.
   */
  listen?(world: World, host: string, port: number): Promise<{ port: number; close(): Promise<void> }>;
}

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body, headers };
}

/** The token of `Authorization: Bearer …`, or an empty string. */
export function bearer(call: Call): string {
  return /^Bearer\s+(\S+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? '';
}

/** A body field when it is a string, else undefined. */
export function textField(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

/** A body field when it is an object, else an empty one. */
export function objectField(body: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = body[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
