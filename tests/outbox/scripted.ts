import { listAttempts } from '../../db/queries/attempts.ts';
import type { Connection } from '../../db/queries/connections.ts';
import { getConnection } from '../../db/queries/connections.ts';
import { type Delivery, getDelivery, listDeliveriesOfIncident } from '../../db/queries/deliveries.ts';
import type { Incident, Update } from '../../db/queries/incidents.ts';
import { findReceipt } from '../../db/queries/receipts.ts';
import type { Store } from '../../db/store.ts';
import type { UpdateWords } from '../../src/actions/draft-update.ts';
import { type Channel, ChannelError } from '../../src/channels/contract.ts';
import type { Abilities, Draft, Failure, Key, RemotePost, Seen } from '../../src/domain/channel.ts';
import { type Outbox, openOutbox } from '../../src/outbox/outbox.ts';
import type { OutboxAlert, OutboxParts } from '../../src/outbox/parts.ts';
import { type Connect, type House, type HouseOptions, openHouse } from '../house.ts';

export const REQUEST_MS = 30_000;

/** What the network really has. */
export interface Post extends RemotePost {
  key: string;
  text: string;
  /** From when on it can be looked up (wall ms of the test's clock). */
  shownAt: number;
  draft: Draft;
}

export interface Call {
  what: 'publish' | 'find' | 'read' | 'edit' | 'remove';
  key?: string;
  text?: string;
  at: number;
}

/** What becomes of one request. */
export type Step =
  | 'accept'
  /** It never arrived, and nobody can say so. */
  | 'silence'
  /** It was published (after `lateMs`), and the answer was lost. */
  | { lost: number }
  | { failure: Failure; retryAfterMs?: number; duplicate?: boolean; existing?: RemotePost }
  /** Whatever the channel's own code might throw. */
  | { throws: unknown }
  /** Does nothing until told what becomes of it. */
  | { waits: Promise<Step>; arrived(): void };

export interface Network {
  channel: Channel;
  posts: Post[];
  calls: Call[];
  /** What becomes of the next publications, edits and removals; an empty script accepts everything. */
  script: Step[];
  /** What becomes of the next looks; an empty script shows what is there. */
  looks: Step[];
  /** How long a new post takes to be shown, ms. */
  lagMs: number;
  /** Called in the middle of every publication. */
  watch: ((key: string) => Promise<void>) | undefined;
  /** The most requests that were under way at once. */
  most: number;
  /** Lets the next request wait: resolves `arrived` when it came, goes on with `release`. */
  pause(): { arrived: Promise<void>; release(step?: Step): void };
}

/** A network whose behaviour is written down beforehand, and which remembers the truth. */
export function openNetwork(can: Abilities, now: () => number): Network {
  let under = 0;
  let count = 0;
  const network: Network = {
    posts: [],
    calls: [],
    script: [],
    looks: [],
    lagMs: 0,
    watch: undefined,
    most: 0,
    pause() {
      let release: (step: Step) => void = () => undefined;
      let arrived: () => void = () => undefined;
      const come = new Promise<void>((done) => {
        arrived = done;
      });
      const waits = new Promise<Step>((done) => {
        release = done;
      });
      network.script.push({ waits, arrived: () => arrived() });
      return { arrived: come, release: (step = 'accept') => release(step) };
    },
    channel: {
      verify: async () => ({ account: '@company', url: null, limits: { unit: 'graphemes', max: 500 }, can }),
      publish: (draft, key, signal) =>
        request({ what: 'publish', key: key.id, text: draft.text }, signal, (lateMs) =>
          put(draft, key, lateMs),
        ),
      find: async (_draft, key, signal) =>
        look({ what: 'find', key: key.id }, signal, (post) => post.key === key.id),
      read: async (post, signal) => look({ what: 'read' }, signal, (x) => x.id === post.id),
      edit: (post, draft, key, signal) =>
        request({ what: 'edit', key: key.id, text: draft.text }, signal, () => {
          const there = network.posts.find((x) => x.id === post.id);
          if (there) there.text = draft.text;
          return post;
        }),
      async remove(post, signal) {
        await request({ what: 'remove' }, signal, () => {
          network.posts = network.posts.filter((x) => x.id !== post.id);
          return post;
        });
      },
    },
  };

  function put(draft: Draft, key: Key, lateMs: number): RemotePost {
    const known = network.posts.find((p) => p.key === key.id);
    if (known && can.idempotent === 'always') return known;
    count += 1;
    const id = `post-${count}`;
    const post: Post = {
      id,
      url: `https://network.example/${id}`,
      raw: { n: count },
      key: key.id,
      text: draft.text,
      shownAt: now() + lateMs + network.lagMs,
      draft,
    };
    network.posts.push(post);
    return { id: post.id, url: post.url, raw: { n: count } };
  }

  async function request(
    call: Omit<Call, 'at'>,
    signal: AbortSignal,
    does: (lateMs: number) => RemotePost,
  ): Promise<RemotePost> {
    network.calls.push({ ...call, at: now() });
    under += 1;
    network.most = Math.max(network.most, under);
    try {
      await network.watch?.(call.key ?? '');
      let step = network.script.shift() ?? 'accept';
      while (typeof step === 'object' && 'waits' in step) {
        step.arrived();
        step = await Promise.race([step.waits, aborted(signal)]);
      }
      if (step === 'accept') return does(0);
      if (typeof step === 'object' && 'lost' in step) does(step.lost);
      throw errorOf(step);
    } finally {
      under -= 1;
    }
  }

  async function look(
    call: Omit<Call, 'at'>,
    signal: AbortSignal,
    isIt: (p: Post) => boolean,
  ): Promise<Seen | null> {
    network.calls.push({ ...call, at: now() });
    let step = network.looks.shift() ?? 'accept';
    while (typeof step === 'object' && 'waits' in step) {
      step.arrived();
      step = await Promise.race([step.waits, aborted(signal)]);
    }
    if (step !== 'accept') throw errorOf(step);
    const post = network.posts.find((p) => isIt(p) && p.shownAt <= now());
    return post ? { id: post.id, url: post.url, raw: { ...post.raw }, text: post.text } : null;
  }

  return network;
}

function errorOf(step: Step): unknown {
  if (step === 'silence' || (typeof step === 'object' && 'lost' in step))
    return new ChannelError('unknown', 'The connection broke after the request had left.');
  if (typeof step === 'object' && 'throws' in step) return step.throws;
  if (typeof step === 'object' && 'failure' in step)
    return new ChannelError(step.failure, `The network said: ${step.failure}.`, {
      ...step,
      code: 'E1',
      status: 499,
    });
  return new Error('this step needs no error');
}

const aborted = (signal: AbortSignal) =>
  new Promise<Step>((done) => {
    const stop = () => done({ throws: signal.reason });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

export interface Desk {
  house: House;
  /** By connection id. */
  networks: Map<string, Network>;
  network(n?: number): Network;
  outbox: Outbox;
  alerts: OutboxAlert[];
  /** Unexpected errors; a test that expects none ends with this empty. */
  reports: string[];
  /** Lets time pass and everything that is then due be done. */
  pass(ms: number): Promise<void>;
  rest(): Promise<void>;
  deliveries(incidentId: string): Promise<Delivery[]>;
  delivery(id: string): Promise<Delivery>;
  connection(n?: number): Promise<Connection>;
  /** Outcomes of the tries of a delivery, oldest first. */
  tries(id: string): Promise<string[]>;
  receipt(id: string): ReturnType<typeof findReceipt>;
  /** Resolves as soon as a delivery is in a state. */
  becomes(id: string, state: Delivery['state']): Promise<void>;
  /** Says something in an incident (a new one by default) and gives its deliveries, before they are sent. */
  say(
    incident?: Incident,
    words?: UpdateWords,
  ): Promise<{ incident: Incident; update: Update; rows: Delivery[] }>;
  connect(connect: Connect): Promise<Connection>;
}

export interface DeskOptions extends HouseOptions {
  requestMs?: number;
  failpoint?(name: string): void;
  channelOf?(connection: Connection, networks: Map<string, Network>): Channel;
}

/** A house with scripted networks and a real outbox. */
export async function openDesk(
  t: { teardown(work: () => unknown): unknown },
  options: DeskOptions,
): Promise<Desk> {
  const house = await openHouse(options);
  const networks = new Map<string, Network>();
  const alerts: OutboxAlert[] = [];
  const reports: string[] = [];
  for (const c of house.connections) networks.set(c.id, openNetwork(c.can, house.clock.now));
  const outbox = openOutboxOn(house, house.store, house.boot, networks, { alerts, reports }, options);
  t.teardown(async () => {
    await outbox.close();
    await house.close();
  });
  const { store, clock } = house;
  const all = () => [...networks.values()];
  return {
    house,
    networks,
    network: (n = 0) => all()[n]!,
    outbox,
    alerts,
    reports,
    async pass(ms) {
      clock.advance(ms);
      await outbox.idle();
    },
    rest: () => outbox.idle(),
    deliveries: (incidentId) => listDeliveriesOfIncident(store.read, incidentId),
    delivery: (id) => getDelivery(store.read, id),
    connection: (n = 0) => getConnection(store.read, house.connections[n]!.id),
    tries: async (id) => (await listAttempts(store.read, [id])).map((a) => `${a.kind} ${a.outcome}`),
    receipt: (id) => findReceipt(store.read, id),
    becomes: (id, state) => until(store, async () => (await getDelivery(store.read, id)).state === state),
    async say(given, words) {
      const incident = given ?? (await house.openIncident());
      const update = await house.say(incident, words);
      const rows = await listDeliveriesOfIncident(store.read, incident.id);
      return { incident, update, rows: rows.filter((d) => d.updateId === update.id) };
    },
    async connect(one) {
      const connection = await house.connect(one);
      house.connections.push(connection);
      networks.set(connection.id, openNetwork(connection.can, clock.now));
      return connection;
    },
  };
}

/** An outbox of its own run on these networks: after a crash, or on another node. */
export const openOutboxOn = (...on: Parameters<typeof partsOn>): Outbox => openOutbox(partsOn(...on));

/** What a run of its own works with. */
export function partsOn(
  house: House,
  store: Store,
  boot: string,
  networks: Map<string, Network>,
  told: { alerts: OutboxAlert[]; reports: string[] },
  options: Pick<DeskOptions, 'requestMs' | 'failpoint' | 'channelOf'> = {},
): OutboxParts {
  return {
    store,
    tick: () => ({ now: house.clock.now(), mono: house.clock.mono(), boot }),
    newId: house.newId,
    channelOf: (c) => options.channelOf?.(c, networks) ?? networks.get(c.id)!.channel,
    report: (error, where) =>
      told.reports.push(`${where}: ${error instanceof Error ? error.message : String(error)}`),
    requestMs: options.requestMs ?? REQUEST_MS,
    failpoint: options.failpoint ?? (() => undefined),
    alert: (what) => told.alerts.push(what),
  };
}

/** Resolves as soon as `check` holds; looks again after every event, and never at the clock. */
export async function until(store: Store, check: () => Promise<boolean>): Promise<void> {
  for (;;) {
    let stop: () => void = () => undefined;
    const hint = new Promise<void>((done) => {
      stop = store.onHint(done);
    });
    try {
      if (await check()) return;
      await hint;
    } finally {
      stop();
    }
  }
}
