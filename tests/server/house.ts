import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Page } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { addPerson, issueToken } from '../../src/actions/people.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { type App, openApp, type Parts } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import { newApiToken, newSecret } from '../../src/ids.ts';
import { newKey } from '../../src/secrets.ts';
import { type Clock, openClock } from '../house.ts';
import { openVisitor, type Visitor } from '../visitor.ts';

const CLI = { kind: 'cli', id: 'test', roles: [] } as const;
export const ORIGIN = 'http://localhost:8080';
export const PASSWORD = 'four unrelated words here';

export interface House {
  app: App;
  clock: Clock;
  page: Page;
  add(name: string, roles: Role[]): Promise<Person>;
  /** Gives a person a password, by the road of an invitation. */
  addWithPassword(name: string, roles: Role[], password?: string): Promise<Person>;
  /** A sign-in link made on the server's command line (`cli`), or by an admin at the desk. */
  link(person: Person, by?: 'cli' | 'system'): Promise<string>;
  token(person: Person, scopes: Scope[]): Promise<string>;
  /** Signs in by a link. */
  enter(person: Person): Promise<Visitor>;
}

let hosts = 0;

/** The whole service without a socket, on time that a test moves. Put away at the end of the test file. */
export async function openHouse(
  env: Record<string, string> = {},
  parts: Partial<Parts> = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-door-'));
  const clock = openClock();
  const app = await openApp(
    readConfig({
      DATABASE_FILE: join(folder, 'tocsin.db'),
      BASE_URL: ORIGIN,
      TOCSIN_KEYS: newKey(),
      PORT: '0',
      ...env,
    }),
    { logger: false, clock, ...parts },
  );
  t.teardown(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ctx = app.ctx(CLI);
  const page = await setUpPage(ctx, { name: 'Northwind Pay', url: ORIGIN });
  const add = (name: string, roles: Role[]) =>
    addPerson(ctx, { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@northwind.example`, roles });
  const link = async (person: Person, by: 'cli' | 'system' = 'cli') => {
    const { secret } = await issueToken(app.ctx({ ...CLI, kind: by }), {
      kind: 'sign_in',
      personId: person.id,
      name: 'Link',
      secret: newSecret(),
    });
    return `/desk/sign-in/${secret}`;
  };
  return {
    app,
    clock,
    page,
    add,
    link,
    async addWithPassword(name, roles, password = PASSWORD) {
      const person = await add(name, roles);
      const visitor = buildVisitor(app);
      await visitor.post(await link(person), {});
      const set = await visitor.post('/desk/me/password', { password });
      if (set.status !== 303) throw new Error(`no password: ${set.status} ${set.body}`);
      return person;
    },
    async token(person, scopes) {
      const secret = newApiToken();
      await issueToken(ctx, { kind: 'api', personId: person.id, name: 'Test', scopes, secret });
      return secret;
    },
    async enter(person) {
      const visitor = buildVisitor(app);
      await visitor.post(await link(person), {});
      return visitor;
    },
  };
}

/** Somebody new, from an address of their own. */
export function buildVisitor(app: App): Visitor {
  hosts += 1;
  const address = `10.${hosts >> 16}.${(hosts >> 8) & 255}.${hosts & 255}`;
  return openVisitor(app, { host: new URL(ORIGIN).host, address });
}
