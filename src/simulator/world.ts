/**
 * The truth of the simulated world: accounts, posts, clock and journal. Networks keep posts here in their own
 * ids; tests and pages read them here, past every limit, lag and fault.
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Account, AccountSpec, JournalEntry, NewPost, Post } from './facts.ts';
import type { FaultPlan } from './faults.ts';
import type { AccountSeed, Network, NetworkKind } from './network.ts';
import type { Picture } from './pictures.ts';
import { DIGITS, seededBytes, seededWord } from './random.ts';

/** Enough for a long crash run; older lines are dropped. */
const JOURNAL_MAX = 200_000;
/** Pictures whose bytes are kept; older ones are only counted. */
const PICTURES_MAX = 200;

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
  /** Ports of the networks that have a server of their own. */
  readonly ports = new Map<string, number>();
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

  /** Bytes of pictures as they were uploaded, by name. */
  readonly pictures = new Map<string, { mime: string; bytes: Uint8Array }>();

  /** Keeps an upload. Its name is made of its bytes, unless the network has one for it. */
  keepPicture(
    alt: string,
    mime: string,
    bytes: Uint8Array,
    name = createHash('sha256').update(bytes).digest('hex'),
  ): Picture {
    this.pictures.set(name, { mime, bytes });
    for (const [oldest] of this.pictures) {
      if (this.pictures.size <= PICTURES_MAX) break;
      this.pictures.delete(oldest);
    }
    return { alt, mime, size: bytes.length, name };
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
    this.pictures.clear();
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
      // Its owner's app on the network, for signing in; networks that show it elsewhere name it there.
      extra: {
        clientId: seed.word('app', 18, DIGITS),
        clientSecret: seed.word('app secret', 40),
        ...made.extra,
      },
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
      replacedBy: null,
      replaces: [],
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
    return this.faults.lagMs(post.network, () => this.account(post.network, post.account));
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

  /** The newest version of a post. */
  newest(post: Post): Post {
    const next = post.replacedBy === null ? undefined : this.post(post.network, post.replacedBy);
    return next === undefined ? post : this.newest(next);
  }

  /** The posts above it that readers can see, topmost first. */
  above(post: Post): Post[] {
    const parent = post.parent === null ? undefined : this.shown(post.network, post.parent);
    return parent === undefined ? [] : [...this.above(parent), parent];
  }

  /** The answers below it that readers can see, and theirs, oldest first. */
  below(post: Post): Post[] {
    const thread = new Set([post.id, ...post.replaces]);
    return this.posts(post.network).filter((one) => {
      if (one.parent === null || !thread.has(one.parent) || !this.shows(one)) return false;
      for (const id of [one.id, ...one.replaces]) thread.add(id);
      return one.replacedBy === null;
    });
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
