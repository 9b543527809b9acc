import { changePerson, type Person } from '../../db/queries/people.ts';
import { issueToken } from '../../src/actions/people.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import { newSecret } from '../../src/ids.ts';
import { openHouse } from './house.ts';

/** The service with somebody of every kind, for tests of who may do what. */
export const routes: string[] = [];
export const house = await openHouse(
  {},
  {
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
    },
  },
);
export const { app, clock } = house;
export const CLI = app.ctx({ kind: 'cli', id: 'test', roles: [] });

export interface Who {
  name: string;
  /** Headers of a request of theirs. */
  headers(unsafe: boolean): Promise<Record<string, string>>;
  /** After a route that ended it. */
  again?(): void;
  roles: readonly Role[];
  kind: 'nobody' | 'half' | 'session' | 'forged' | 'token' | 'dead token';
  scopes?: readonly Scope[];
}

export async function enter(person: Person, kind: 'session' | 'half') {
  const secret = newSecret();
  const { token } = await issueToken(CLI, { kind, personId: person.id, name: 'Browser', secret });
  return { cookie: `tocsin=${secret}`, csrf: app.secrets.sign('csrf', token.id) };
}
export function session(name: string, person: Person): Who {
  let held: ReturnType<typeof enter> | undefined;
  return {
    name,
    roles: person.roles,
    kind: 'session',
    again: () => {
      held = undefined;
    },
    async headers(unsafe) {
      held ??= enter(person, 'session');
      const { cookie, csrf } = await held;
      return unsafe ? { cookie, 'x-csrf': csrf } : { cookie };
    },
  };
}
export async function program(
  person: Person,
  scopes: Scope[],
  name = `token: ${scopes.join(', ')}`,
): Promise<Who> {
  const secret = await house.token(person, scopes);
  return {
    name,
    roles: person.roles,
    scopes,
    kind: 'token',
    headers: async () => ({ authorization: `Bearer ${secret}` }),
  };
}

const ALL: Role[] = ['viewer', 'responder', 'author', 'approver', 'admin'];
export const people = Object.fromEntries(
  await Promise.all(ALL.map(async (role) => [role, await house.add(`The ${role}`, [role])] as const)),
) as Record<Role, Person>;
export const target = await house.add('Target', ['viewer']);
const off = await house.add('Off', ['admin']);
const deadToken = await program(off, ['read', 'draft', 'approve', 'admin'], 'token of one who is off');
const offCookie = (await enter(off, 'session')).cookie;
await app.store.transact((w) => changePerson(w, off.id, { disabledAt: clock.now() }));

export const principals: Who[] = [
  { name: 'anonymous', roles: [], kind: 'nobody', headers: async () => ({}) },
  { name: 'switched off', roles: [], kind: 'nobody', headers: async () => ({ cookie: offCookie }) },
  {
    name: 'second factor pending',
    roles: [],
    kind: 'half',
    headers: async () => ({ cookie: (await enter(people.admin, 'half')).cookie }),
  },
  {
    name: 'a session’s cookie as a token',
    roles: [],
    kind: 'dead token',
    headers: async () => {
      const { cookie } = await enter(people.admin, 'session');
      return { authorization: `Bearer ${cookie.split('=')[1]}` };
    },
  },
  {
    name: 'a token as a cookie',
    roles: [],
    kind: 'nobody',
    headers: async () => ({ cookie: `tocsin=${await house.token(people.admin, ['read', 'admin'])}` }),
  },
  ...ALL.map((role) => session(role, people[role])),
  {
    name: 'admin without the form’s token',
    roles: ['admin'],
    kind: 'forged',
    headers: async () => ({ cookie: (await enter(people.admin, 'session')).cookie }),
  },
  await program(people.admin, ['draft']),
  await program(people.admin, ['read']),
  await program(people.admin, ['read', 'draft']),
  await program(people.admin, ['read', 'approve']),
  await program(people.admin, ['read', 'admin']),
  await program(people.viewer, ['read', 'draft', 'approve', 'admin'], 'token of a viewer, all scopes'),
  { ...deadToken, kind: 'dead token', roles: [] },
];

let asked = 0;
/** One request of somebody, with what their kind sends along. */
export async function ask(
  method: string,
  url: string,
  who: Who,
  payload?: { form?: unknown; json?: unknown },
) {
  const unsafe = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  asked += 1;
  const body =
    payload?.json !== undefined
      ? { type: 'application/json', text: JSON.stringify(payload.json) }
      : payload?.form !== undefined
        ? {
            type: 'application/x-www-form-urlencoded',
            text: new URLSearchParams(payload.form as Record<string, string>).toString(),
          }
        : undefined;
  return app.server.inject({
    method: method as 'GET',
    url,
    // Nobody is held back for asking often: that is another test's.
    remoteAddress: `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`,
    headers: {
      host: 'localhost:8080',
      ...(await who.headers(unsafe)),
      ...(body ? { 'content-type': body.type } : {}),
    },
    ...(body ? { payload: body.text } : {}),
  });
}

export const by = (name: string): Who => principals.find((p) => p.name === name)!;
