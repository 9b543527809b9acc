/**
 * The truth of the simulated world: accounts, posts, clock and journal. Networks keep posts here in their own
 * ids; tests and pages read them here, past every limit, lag and fault.
 */
import { EventEmitter } from 'node:events';
import type { FaultPlan } from './faults.ts';
import type { AccountSeed, Network, NetworkKind } from './network.ts';
import { DIGITS, seededBytes, seededWord } from './random.ts';

export interface Account {
  network: string;
  id: string;
  handle: string;
  name: string;
  /** The address of its network, or of its own host there; no slash at the end. */
  base: string;
  /** What the channel for this network asks for when it is connected. */
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Other credentials the network takes, which no channel asks for. */
  extra: Record<string, string>;
  options: Record<string, unknown>;
}

/** What is asked for when an account is made; all but the network is optional. */
export interface AccountSpec {
  network: string;
  id?: string;
  handle?: string;
  name?: string;
  secrets?: Record<string, string>;
  /** The network's own variants, and `unlimited: true` for no rate limits. */
  options?: Record<string, unknown>;
}

export interface Post {
  network: string;
  /** Id of the account it is on: its author, or the one that a customer spoke to. */
  account: string;
  /** Native id. */
  id: string;
  author: { id: string; handle: string; name: string };
  byCustomer: boolean;
  /** As the client sent it. */
  text: string;
  at: number;
  /** Native id of the post it answers. */
  parent: string | null;
  /** The client's own key as the network saw it: idempotency key, rkey, webhook id. */
  key: string | null;
  /** How many requests asked for this post; more than one when the network recognised a repeat. */
  receipts: number;
  url: string | null;
  /** Paths below the network's base at which it opens. */
  paths: string[];
  editedAt: number | null;
  deletedAt: number | null;
  /** Earlier texts, oldest first. */
  history: { at: number; text: string }[];
  /** What only this network knows. */
  raw: Record<string, unknown>;
}

export type NewPost = Pick<Post, 'network' | 'account' | 'id' | 'text' | 'at' | 'author'> & Partial<Post>;

export interface JournalEntry {
  seq: number;
  at: number;
  network: string;
  /** Handle, or null when the caller could not be told. */
  account: string | null;
  method: string;
  path: string;
  does: readonly string[];
  /** 0 when the connection was cut instead of answered. */
  status: number;
  faults: string[];
}

/** Enough for a long crash run; older lines are dropped. */
const JOURNAL_MAX = 200_000;

export class World {
  readonly seed: string;
  readonly faults: FaultPlan;
  /** `open` counts calls and sends the headers but never refuses for rate. */
  readonly rates: 'real' | 'open';
  /** Emits `change` with the network's kind after a post was kept, edited or removed. */
  readonly changes = new EventEmitter().setMaxListeners(0);
  /** Where the simulator listens, without a slash at the end. */
  url = '';
  readonly kinds: readonly NetworkKind[];
  networks = new Map<string, Network>();
  readonly accounts: Account[] = [];
  #posts = new Map<string, Post[]>();
  #byId = new Map<string, Post>();
  #journal: JournalEntry[] = [];
  #seq = 0;
  #clock: () => number;
  #skippedMs = 0;

  constructor(options: {
    seed: string;
    kinds: readonly NetworkKind[];
    faults: FaultPlan;
    rates: 'real' | 'open';
    now: () => number;
  }) {
    this.seed = options.seed;
    this.kinds = options.kinds;
    this.faults = options.faults;
    this.rates = options.rates;
    this.#clock = options.now;
    this.#openNetworks();
  }

  #openNetworks(): void {
    this.networks = new Map(this.kinds.map((kind) => [kind.kind, kind.open(this)]));
  }

  now(): number {
    return this.#clock() + this.#skippedMs;
  }

  /** Moves the networks' clock on, for keys, tokens and windows that run out. */
  skip(ms: number): void {
    this.#skippedMs += ms;
  }

  /** Forgets posts, journal, sessions and rate windows; accounts and their credentials stay. */
  reset(): void {
    this.#posts.clear();
    this.#byId.clear();
    this.#journal = [];
    this.#skippedMs = 0;
    this.#openNetworks();
    for (const kind of this.kinds) this.changes.emit('change', kind.kind);
  }

  /** Makes an account, or gives back the one that has this network and handle. Throws TypeError on nonsense. */
  addAccount(spec: AccountSpec): Account {
    const network = this.networks.get(spec.network);
    if (network === undefined) {
      throw new TypeError(`network: expected one of ${[...this.networks.keys()].join(', ')}`);
    }
    const kind = this.kinds.find((one) => one.kind === spec.network);
    const handle = spec.handle ?? kind?.handle ?? 'northwindpay';
    const there = this.account(spec.network, handle);
    if (there !== undefined) return there;
    if (!/^[\w.-]{1,253}$/.test(handle))
      throw new TypeError('handle: letters, digits, dot, dash, underscore');
    const label = `${spec.network} ${handle}`;
    const seed: AccountSeed = {
      id: spec.id,
      handle,
      name: spec.name ?? 'Northwind Pay',
      options: spec.options ?? {},
      word: (name, length, alphabet) => seededWord(this.seed, `${label} ${name}`, length, alphabet),
      bytes: (name, length) => seededBytes(this.seed, `${label} ${name}`, length),
    };
    const base = `${this.url}/${spec.network}`;
    const made = network.credentials(seed, base);
    const account: Account = {
      network: spec.network,
      id: spec.id ?? made.id ?? `1${seed.word('id', 11, DIGITS)}`,
      handle,
      name: seed.name,
      base: made.base ?? base,
      settings: made.settings,
      secrets: { ...made.secrets, ...spec.secrets },
      extra: made.extra ?? {},
      options: seed.options,
    };
    this.accounts.push(account);
    this.changes.emit('change', spec.network);
    return account;
  }

  /** By native id or handle. */
  account(network: string, name: string): Account | undefined {
    return this.accounts.find((one) => one.network === network && (one.id === name || one.handle === name));
  }

  accountBySecret(network: string, secret: string, value: string): Account | undefined {
    if (value === '') return undefined;
    return this.accounts.find((one) => one.network === network && one.secrets[secret] === value);
  }

  keep(fresh: NewPost): Post {
    const post: Post = {
      byCustomer: false,
      parent: null,
      key: null,
      receipts: 1,
      url: null,
      paths: [],
      editedAt: null,
      deletedAt: null,
      history: [],
      raw: {},
      ...fresh,
    };
    const list = this.#posts.get(post.network) ?? [];
    list.push(post);
    this.#posts.set(post.network, list);
    this.#byId.set(`${post.network} ${post.id}`, post);
    this.changes.emit('change', post.network);
    const lag = this.#lagOf(post);
    if (lag > 0) setTimeout(() => this.changes.emit('change', post.network), lag + 1).unref();
    return post;
  }

  #lagOf(post: Post): number {
    return this.faults.lagMs(post.network, this.account(post.network, post.account));
  }

  /** Gives a stored post other words. */
  edit(post: Post, text: string): void {
    post.history.push({ at: post.editedAt ?? post.at, text: post.text });
    post.text = text;
    post.editedAt = this.now();
    this.changes.emit('change', post.network);
  }

  remove(post: Post): void {
    post.deletedAt = this.now();
    this.changes.emit('change', post.network);
  }

  /** The stored post, removed ones too. */
  post(network: string, id: string): Post | undefined {
    return this.#byId.get(`${network} ${id}`);
  }

  /** Everything ever stored on a network, oldest first, removed ones too. */
  posts(network: string): readonly Post[] {
    return this.#posts.get(network) ?? [];
  }

  /** Whether readers can see it: not removed, and older than the network's lag. */
  shows(post: Post): boolean {
    return post.deletedAt === null && this.now() - post.at >= this.#lagOf(post);
  }

  /** A post that readers can see, or undefined. */
  shown(network: string, id: string): Post | undefined {
    const post = this.post(network, id);
    return post !== undefined && this.shows(post) ? post : undefined;
  }

  record(entry: Omit<JournalEntry, 'seq'>): void {
    this.#seq += 1;
    this.#journal.push({ seq: this.#seq, ...entry });
    if (this.#journal.length > JOURNAL_MAX) this.#journal.splice(0, JOURNAL_MAX / 10);
  }

  /** Requests after the line `since`, oldest first. */
  journal(since = 0): JournalEntry[] {
    return this.#journal.filter((entry) => entry.seq > since);
  }

  /** Whether this account's calls may be refused for rate. */
  metered(account: Account): boolean {
    return this.rates === 'real' && account.options['unlimited'] !== true;
  }
}
