import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../db/open.ts';
import type { Connection } from '../db/queries/connections.ts';
import type { Incident, Update } from '../db/queries/incidents.ts';
import type { Component, Page } from '../db/queries/pages.ts';
import type { Person } from '../db/queries/people.ts';
import { bootName, type Store } from '../db/store.ts';
import { approveUpdate } from '../src/actions/approve-update.ts';
import { connectAccount, type NewConnection } from '../src/actions/connect-account.ts';
import type { Ctx } from '../src/actions/context.ts';
import { draftUpdate, type UpdateWords } from '../src/actions/draft-update.ts';
import { openIncident } from '../src/actions/open-incident.ts';
import { addPerson } from '../src/actions/people.ts';
import { requestApproval } from '../src/actions/request-approval.ts';
import { addComponent, type NewPage, setUpPage } from '../src/actions/set-up-page.ts';
import { changeOffices } from '../src/actions/sign-in/change-person.ts';
import type { Abilities, Limits } from '../src/domain/channel.ts';
import type { Role } from '../src/domain/words.ts';
import { newId } from '../src/ids.ts';
import { newKey, openSecrets, type Secrets } from '../src/secrets.ts';
import { freshDatabase } from './pg.ts';

export type DatabaseKind = 'sqlite' | 'pg';
/** Every test of a room that touches the database runs on both. */
export const DATABASES: readonly DatabaseKind[] = ['sqlite', 'pg'];

/** A Monday afternoon in March, UTC: 2026-03-02 14:00. */
export const MONDAY = Date.UTC(2026, 2, 2, 14);
export const MINUTE = 60_000;

/** Wall and monotonic time that go on only when a test says so. */
export interface Clock {
  now(): number;
  mono(): number;
  /** Lets time pass, ms. */
  advance(ms: number): void;
  /** Sets the wall clock and leaves the monotonic one alone, as an administrator or NTP does. */
  jump(ms: number): void;
}

export function openClock(start = MONDAY): Clock {
  let now = start;
  let mono = 1_000;
  return {
    now: () => now,
    mono: () => mono,
    advance: (ms) => {
      now += ms;
      mono += ms;
    },
    jump: (ms) => {
      now += ms;
    },
  };
}

/** Where a test's database is: a file in a folder of its own, or a database on the PostgreSQL of this run. */
export interface Place {
  url?: string | undefined;
  file: string;
}

/** A place with nothing in it (`filled`: PostgreSQL's tables are made already), gone when the test file ends. */
export async function freshPlace(database: DatabaseKind, filled = true): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'tocsin.db');
  return database === 'pg' ? { url: await freshDatabase(t, filled), file } : { file };
}

const ABILITIES: Abilities = {
  replies: true,
  edit: 'none',
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'none',
  altText: true,
  lagMs: 2_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** What the networks of the tests can do, by the guarantee they give (see the outbox). */
export const NETWORKS = {
  /** A: knows our key for ever. */
  always: { ...ABILITIES, idempotent: 'always' },
  /** A for an hour, then B. */
  window: { ...ABILITIES, idempotent: 'window', idempotentMs: 60 * MINUTE },
  /** B: can be read, so that a lost post is found. */
  findable: ABILITIES,
  /** C: the receiver drops what it has had, and wants every update. */
  receiver: { ...ABILITIES, idempotent: 'receiver', find: false, read: false, everyUpdate: true },
  /** D: cannot be read; a person must look. */
  blind: { ...ABILITIES, find: false, read: false },
  /** D: cannot be read; a missing alert is worse than a double one. */
  direct: { ...ABILITIES, find: false, read: false, whenUnverifiable: 'resend' },
} as const satisfies Record<string, Abilities>;

export const LIMITS: Limits = { unit: 'graphemes', max: 500 };

export interface Connect extends Partial<Omit<NewConnection, 'verified'>> {
  can?: Abilities;
  limits?: Limits;
}

export interface HouseOptions {
  database: DatabaseKind;
  page?: Partial<NewPage>;
  /** Connections to make, by name; by default one findable network called "Town Square". */
  connect?: readonly Connect[];
  clock?: Clock;
  /** A place that another house has used already: a second node, or the same one after a restart. */
  at?: Place;
}

export interface House {
  store: Store;
  place: Place;
  clock: Clock;
  secrets: Secrets;
  /** Name of this run, as the store knows it. */
  boot: string;
  newId(): string;
  /** The context of an action that this person does. */
  ctx(person: Person): Ctx;
  /** The context of something the house does by itself. */
  system: Ctx;
  page: Page;
  admin: Person;
  author: Person;
  approver: Person;
  /** Another person who may approve, and who is legal. */
  second: Person;
  components: Component[];
  connections: Connection[];
  addPerson(name: string, roles: readonly Role[]): Promise<Person>;
  connect(more?: Connect): Promise<Connection>;
  /** An incident nobody has been told of yet. */
  openIncident(title?: string): Promise<Incident>;
  /** Drafts words and asks for their approval. */
  ask(incident: Incident, words?: UpdateWords): Promise<Update>;
  /** The whole road: drafts, asks, and the approver says yes. */
  say(incident: Incident, words?: UpdateWords): Promise<Update>;
  /** Closes the database; done at the end of the test file in any case. */
  close(): Promise<void>;
}

/** Words with a promise, as an open incident needs them. */
export const wordsAt = (now: number, known = 'Card payments fail for some customers.'): UpdateWords => ({
  blocks: { known, doing: 'Our engineers are working on it.' },
  nextUpdateBy: now + 20 * MINUTE,
});

/**
 * A house with a page, people, components and connections on a database of its own, in which nothing is imitated but
 * the clock and the networks. Everything is put away at the end of the test file.
 */
export async function openHouse(options: HouseOptions): Promise<House> {
  const clock = options.clock ?? openClock();
  const place = options.at ?? (await freshPlace(options.database));
  const ids = () => newId(clock.now());
  const boot = bootName(process.pid, ids());
  const store = await openStore(place, boot);
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await store.close();
  };
  t.teardown(close);
  const secrets = openSecrets([newKey()]);
  const base = {
    store,
    now: clock.now,
    newId: ids,
    auditHash: (text: string) => secrets.sign('audit', text),
  };
  const system: Ctx = { ...base, actor: { kind: 'system', id: 'tests', roles: [] } };
  const ctx = (person: Person): Ctx => ({
    ...base,
    actor: { kind: 'person', id: person.id, roles: person.roles },
  });
  const add = (name: string, roles: readonly Role[]) =>
    addPerson(system, { name, email: `${name.toLowerCase()}.${ids()}@company.example`, roles });

  const admin = await add('Ada', ['admin']);
  const author = await add('Arno', ['author']);
  const approver = await add('Bea', ['approver']);
  const second = await add('Cleo', ['approver']);
  await changeOffices(system, second.id, ['legal']);
  const page = await setUpPage(ctx(admin), {
    name: 'Company',
    url: 'https://status.company.example',
    slug: options.at ? ids().slice(0, 18) : '',
    ...options.page,
  });
  const components = [
    await addComponent(ctx(admin), page.id, { name: 'Payments', group: 'Shop' }),
    await addComponent(ctx(admin), page.id, { name: 'Search', group: 'Shop' }),
  ];

  async function connect(more: Connect = {}): Promise<Connection> {
    const id = more.id ?? ids();
    const { can, limits, ...rest } = more;
    return connectAccount(ctx(admin), {
      id,
      pageId: page.id,
      channel: 'scripted',
      name: 'Town Square',
      role: 'brand',
      settings: {},
      sealed: secrets.seal(`connections|${id}|sealed`, '{}'),
      template: 'post',
      ...rest,
      verified: {
        account: '@company',
        url: null,
        limits: limits ?? LIMITS,
        can: can ?? NETWORKS.findable,
      },
    });
  }
  const connections: Connection[] = [];
  for (const one of options.connect ?? [{}]) connections.push(await connect(one));

  async function ask(incident: Incident, words?: UpdateWords): Promise<Update> {
    const draft = await draftUpdate(ctx(author), incident.id, words ?? wordsAt(clock.now()));
    return requestApproval(ctx(author), draft.id, draft.version);
  }
  return {
    store,
    place,
    clock,
    secrets,
    boot,
    newId: ids,
    ctx,
    system,
    page,
    admin,
    author,
    approver,
    second,
    components,
    connections,
    addPerson: add,
    connect,
    openIncident: (title = 'Card payments fail') =>
      openIncident(ctx(author), { pageId: page.id, title, objective: 'Say what works.' }),
    ask,
    async say(incident, words) {
      const asked = await ask(incident, words);
      return approveUpdate(ctx(approver), asked.id, asked.hash!);
    },
    close,
  };
}
