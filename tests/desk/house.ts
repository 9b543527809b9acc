import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, changeConnection } from '../../db/queries/connections.ts';
import type { Component, Page } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { addPerson, issueToken } from '../../src/actions/people.ts';
import { addComponent, setUpPage } from '../../src/actions/set-up-page.ts';
import { type App, openApp, type Parts } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { ApprovalPolicy } from '../../src/domain/approval.ts';
import type { Role } from '../../src/domain/words.ts';
import { newId, newSecret } from '../../src/ids.ts';
import { newKey } from '../../src/secrets.ts';
import { type StartedSimulator, startSimulator } from '../../src/simulator/start.ts';
import { freePort } from '../free-port.ts';
import { type Answered, openVisitor, type Visitor } from '../visitor.ts';

const CLI = { kind: 'cli', id: 'test', roles: [] } as const;

export interface House {
  app: App;
  url: string;
  simulator: StartedSimulator | undefined;
  page: Page;
  components: Component[];
  dana: Person;
  marcus: Person;
  /** Makes a person with these roles. */
  add(name: string, roles: Role[]): Promise<Person>;
  /** An account whose queue stands still: nothing leaves for it, so that a test decides what became of a delivery. */
  plug(name: string, channel?: string): Promise<Connection>;
  /** A fresh sign-in link's path. */
  link(person: Person): Promise<string>;
  /** Signs a person in without a browser. */
  enter(person: Person): Promise<Visitor>;
  close(): Promise<void>;
}

/** The whole service on loopback: a page, Dana who writes, Marcus who approves and is admin, simulated networks if asked. */
export async function openHouse(
  options: {
    networks?: boolean;
    policy?: Partial<ApprovalPolicy>;
    exercise?: boolean;
    parts?: Partial<Parts>;
    timeZone?: string;
    /** A host with a name: without one browsers make no passkeys. */
    host?: 'localhost';
  } = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-desk-'));
  const simulator = options.networks ? await startSimulator() : undefined;
  // A house that lives at another hour has its networks there too: tokens and windows are counted by both.
  const aheadMs = (options.parts?.clock?.now() ?? Date.now()) - Date.now();
  if (simulator && aheadMs > 0) await skipTime(simulator, aheadMs);
  const port = await freePort();
  const url = `http://${options.host ?? '127.0.0.1'}:${port}`;
  const app = await openApp(
    readConfig({
      DATABASE_FILE: join(folder, 'tocsin.db'),
      PORT: String(port),
      BASE_URL: url,
      TOCSIN_KEYS: newKey(),
      LOG_LEVEL: 'error',
      ALLOW_ORIGINS: simulator ? originsOf(simulator).join(',') : '',
      EXERCISE: options.exercise ? '1' : '0',
    }),
    options.parts,
  );
  await app.listen();
  const ctx = app.ctx(CLI);
  const page = await setUpPage(ctx, {
    name: 'Northwind Pay',
    url,
    timeZone: options.timeZone ?? 'UTC',
    ...(options.policy ? { policy: options.policy } : {}),
  });
  const components = [];
  for (const [name, group] of [
    ['Card payments', 'Payments'],
    ['Bank transfers', 'Payments'],
    ['Dashboard', 'For shops'],
  ] as const)
    components.push(await addComponent(ctx, page.id, { name, group }));
  for (const account of simulator?.accounts ?? []) {
    const id = newId();
    const { verified, settings, sealed, kind } = await app.channels.prepare(account.network, id, {
      ...account.settings,
      ...account.secrets,
    });
    await connectAccount(ctx, {
      id,
      pageId: page.id,
      channel: kind.kind,
      name: kind.name,
      role: 'brand',
      settings,
      sealed,
      template: kind.template,
      verified,
    });
  }
  const add = (name: string, roles: Role[]) =>
    addPerson(ctx, { name, email: `${name.split(' ')[0]?.toLowerCase()}@northwind.example`, roles });
  const plug = async (name: string, channel = 'mastodon') => {
    const kind = app.channels.kind(channel);
    const id = newId();
    const made = await connectAccount(ctx, {
      id,
      pageId: page.id,
      channel,
      name,
      role: 'brand',
      settings: {},
      sealed: app.secrets.seal(`connections|${id}|sealed`, '{}'),
      template: kind.template,
      verified: {
        account: '@northwind',
        url: 'https://social.example/@northwind',
        limits: kind.limits,
        can: kind.can,
      },
    });
    await app.store.transact((w) =>
      changeConnection(w, id, { pausedAt: Date.now(), pausedReason: 'Token revoked.' }),
    );
    return made;
  };
  const link = async (person: Person) => {
    const { secret } = await issueToken(ctx, {
      kind: 'sign_in',
      personId: person.id,
      name: 'Link',
      secret: newSecret(),
    });
    return `/desk/sign-in/${secret}`;
  };
  const dana = await add('Dana Cole', ['author']);
  const marcus = await add('Marcus Lee', ['approver', 'admin']);
  return {
    app,
    url,
    simulator,
    page,
    components,
    dana,
    marcus,
    add,
    plug,
    link,
    async enter(person) {
      const visitor = openVisitor(app);
      await visitor.post(await link(person), {});
      await visitor.get('/desk/help');
      return visitor;
    },
    async close() {
      await app.close();
      await simulator?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the stand-ins answer: their web address, and the mail server among them. */
function originsOf(simulator: StartedSimulator): string[] {
  const servers = simulator.accounts.flatMap((a) => a.settings['server'] ?? []);
  return [new URL(simulator.url).origin, ...servers.filter((s) => s.startsWith('smtp:'))];
}

/** Moves the stand-ins' clock on. */
export async function skipTime(simulator: StartedSimulator, ms: number): Promise<void> {
  const answer = await fetch(`${simulator.url}/_sim/clock`, {
    method: 'POST',
    body: JSON.stringify({ skipMs: ms }),
  });
  if (!answer.ok) throw new Error(`the stand-ins' clock: ${answer.status}`);
}

/** The id in an address of the desk. */
export const idIn = (path: string): string =>
  /\/(?:updates|incidents|approvals)\/(\w+)/.exec(path)?.[1] ?? '';

/** What a field of the page holds now. */
export const fieldOf = (body: string, name: string): string =>
  new RegExp(`name="${name.replace('.', '\\.')}"[^>]*value="([^"]*)"`).exec(body)?.[1] ?? '';

/** A whole, sendable set of words; `more` goes over it. */
export const words = (
  version: string | number,
  more: Record<string, string> = {},
): Record<string, string> => ({
  version: String(version),
  known: 'Some card payments fail since 14:09 UTC.',
  doing: 'We are looking into why.',
  status: 'investigating',
  class: 'B',
  nextUpdateBy: '',
  ...more,
});

/** Declares, writes and asks for approval, as a person at the desk does; gives the update's id. */
export async function ask(
  author: Visitor,
  more: Record<string, string> = {},
  title = 'Card payments failing',
): Promise<string> {
  const declared = await author.post('/desk/declare', { title, kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const draft = await author.get(`/desk/updates/${id}`);
  const asked = await author.post(`/desk/updates/${id}`, {
    ...words(fieldOf(draft.body, 'version'), { nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'), ...more }),
    do: 'request',
  });
  if (asked.status !== 303) throw new Error(`not asked: ${asked.status}`);
  return id;
}

/** Opens the approval, reads it, says yes; gives where that leads. */
export async function sayYes(approver: Visitor, id: string): Promise<Answered> {
  const seen = await approver.get(`/desk/approvals/${id}`);
  return approver.post(`/desk/approvals/${id}/approve`, { hash: fieldOf(seen.body, 'hash') });
}
