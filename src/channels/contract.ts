import type {
  Abilities,
  Draft,
  Failure,
  Inbound,
  Key,
  Limits,
  RemotePost,
  Seen,
  Verified,
} from '../domain/channel.ts';
import { cut, storable } from '../domain/storable.ts';
import type { ConnectionRole } from '../domain/words.ts';

/** The most that is kept of one failure, in UTF-16 units: a network may answer with a book. */
const LONGEST = 1_000;
const LONGEST_CODE = 100;

/** An expected failure, put as what the outbox may do next. Anything else thrown counts as `unknown`. */
export class ChannelError extends Error {
  readonly failure: Failure;
  /** The network's own code, for the attempts log. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The network refused because it has these words already: evidence, after an uncertain try. */
  readonly duplicate: boolean;
  /** The post that the network says exists already (LinkedIn names it). */
  readonly existing: RemotePost | undefined;
  constructor(
    failure: Failure,
    message: string,
    more: {
      code?: string | undefined;
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      duplicate?: boolean;
      existing?: RemotePost;
      cause?: unknown;
    } = {},
  ) {
    // Networks' own words are in it, and it is kept.
    super(cut(storable(message), LONGEST), { cause: more.cause });
    this.name = 'ChannelError';
    this.failure = failure;
    this.code = more.code === undefined ? undefined : cut(storable(more.code), LONGEST_CODE);
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.duplicate = more.duplicate ?? false;
    this.existing = more.existing;
  }
}

/** A call from a network to our address, headers in lower case. */
export interface HookCall {
  method: 'GET' | 'POST';
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Uint8Array;
}
export interface HookAnswer {
  status: number;
  type: string;
  body: string;
}

/** A connected account. Every method takes a signal and must stop, sockets closed, when it aborts. */
export interface Channel {
  /** Proves the credentials and reads what only the network knows: account, limits, abilities. Publishes nothing. */
  verify(signal: AbortSignal): Promise<Verified>;
  publish(draft: Draft, key: Key, signal: AbortSignal): Promise<RemotePost>;
  /** Looks for what an earlier try with this key may have published. Null only after a look that worked. */
  find?(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null>;
  /** Our post as the network shows it now; null when it is not shown. */
  read?(post: RemotePost, signal: AbortSignal): Promise<Seen | null>;
  edit?(post: RemotePost, draft: Draft, key: Key, signal: AbortSignal): Promise<RemotePost>;
  /** Succeeds also when the post is gone already. */
  remove?(post: RemotePost, signal: AbortSignal): Promise<void>;
  /** Mentions and replies after `cursor`, oldest first. */
  poll?(cursor: string | null, signal: AbortSignal): Promise<{ items: Inbound[]; cursor: string | null }>;
  /** The same from the network's webhook, after its signature was checked against the raw body. */
  receive?(headers: Record<string, string>, body: Uint8Array): Inbound[];
  /**
   * The answer to a call by which the network finds out whether the address is ours (a challenge); undefined for any
   * other call. Throws `rejected` for a challenge that is not meant for us.
   */
  greet?(call: HookCall): HookAnswer | undefined;
  /** Says something where only the account's owner sees it, and takes it away again; where that was, in a sentence. */
  tryOut?(signal: AbortSignal): Promise<string>;
  close?(): Promise<void>;
}

/** One value that a person enters when they connect an account. */
export interface Field {
  name: string;
  label: string;
  /** Where to find it, in a sentence. */
  help: string;
  secret: boolean;
  required: boolean;
  placeholder?: string;
}

/** An account that somebody who has signed in on the network can speak for, and what connects it. */
export interface SignedInAccount {
  /** The network's own id, to choose by. */
  id: string;
  /** For people. */
  name: string;
  /** Settings and secrets as `open` takes them; they go over what was entered. */
  values: Record<string, string>;
}

/** What a token endpoint has given us. */
export interface Granted {
  accessToken: string;
  refreshToken: string | undefined;
  /** When the access token ends, ms; undefined when the network does not say. */
  expiresAt: number | undefined;
  answer: Record<string, unknown>;
}

/** How the network's accounts are connected by signing in there (OAuth 2, authorization code), as data. */
export interface SignIn {
  /** What a person enters before they are sent to the network: our app's name and secret there. */
  fields: readonly Field[];
  /** What to create where, in order. The address to copy into the app is shown beside it. */
  steps: readonly string[];
  /** All of them are needed: an account that was given fewer is not connected. */
  scopes: readonly string[];
  scopeSeparator: ' ' | ',';
  /** The network checks a PKCE verifier (S256). */
  pkce: boolean;
  /** How our app shows itself when it exchanges the code. */
  client: 'basic' | 'form';
  /** The field that holds the app's secret. */
  clientSecret: string;
  authorizeAt(values: Record<string, string>): string;
  tokenAt(values: Record<string, string>): string;
  /** What else the network wants to be asked with. */
  ask?: Record<string, string>;
  /** Makes our app on the network, where a program may (RFC 7591 and its kin); gives `clientId` and the secret. */
  register?(
    values: Record<string, string>,
    redirect: string,
    tools: ChannelTools,
    signal: AbortSignal,
  ): Promise<Record<string, string>>;
  /** The accounts that the sign-in can speak for: none, one, or several to choose among. */
  accounts(
    granted: Granted,
    values: Record<string, string>,
    tools: ChannelTools,
    signal: AbortSignal,
  ): Promise<readonly SignedInAccount[]>;
}

/** How the outside world reaches a channel: the guarded HTTP client and the clock, passed in. */
export interface ChannelTools {
  fetch: GuardedFetch;
  now(): number;
  /** Stores renewed credentials durably before they are used (single-use refresh tokens); the others stay as they are. */
  saveSecrets(secrets: Record<string, string>): Promise<void>;
  /** Where the network may call us about this account, and a secret for it; absent before there is one. */
  hook?: { url: string; secret: string };
  /** Agents for libraries that make their own requests; they hold the same guard. */
  agent: import('node:http').Agent;
  secureAgent: import('node:https').Agent;
  /** A bare TCP connection that holds the same guard, for networks that are not HTTP (mail). */
  connect(
    to: { host: string; port: number },
    signal: AbortSignal,
  ): Promise<{ socket: import('node:net').Socket; trusted: boolean }>;
}

export interface GuardedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal: AbortSignal;
  /** Reads only: a lost answer is then `unsent`, not `unknown`. */
  safe?: boolean;
}
export interface GuardedResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed body, or undefined when it is not JSON. */
  json: unknown;
}
/** One request: no redirects, private addresses refused at connect, body at most 1 MiB, deadline by the signal. */
export type GuardedFetch = (url: string, request: GuardedRequest) => Promise<GuardedResponse>;

/** Everything the house needs to know of a kind of network, as data, and a way to open a connected account. */
export interface ChannelKind {
  kind: string;
  name: string;
  lifecycle: 'active' | 'degraded' | 'deprecated' | 'retired';
  /** For a retired kind: since when, and what to use instead. */
  retired?: { since: string; note: string; instead: readonly string[] };
  limits: Limits;
  can: Abilities;
  /** Which message template its words are rendered with; see src/templates/messages. */
  template: 'post' | 'long' | 'email' | 'sms' | 'webhook';
  cost: 'free' | 'per_post' | 'per_recipient';
  defaultRole: ConnectionRole;
  /** The day somebody last held this against the network's documentation, YYYY-MM-DD. */
  checkedOn: string;
  /** What is promised about delivery on this network, in one sentence for people. */
  promise: string;
  /** Why it shows no pictures, in the middle of a sentence; where it is no more than that we send words. */
  withoutPictures?: string;
  fields: readonly Field[];
  /** Steps a person takes on the network's own site before they can connect. */
  steps: readonly string[];
  /** What to enter on the network so that it calls us at once; there when the channel can `receive`. */
  hook?: {
    steps: readonly string[];
    /** The network asks for a secret of ours, to send it with every call. */
    wantsToken: boolean;
  };
  /** Where an account can be connected by signing in on the network. */
  signIn?: SignIn;
  open(values: Record<string, string>, tools: ChannelTools): Channel;
}
