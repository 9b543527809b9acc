import { listAlerts } from '../../db/queries/alerts.ts';
import { changeConnection } from '../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { keepMention } from '../../db/queries/mentions.ts';
import { insertOverride } from '../../db/queries/overrides.ts';
import { changePerson, type Person } from '../../db/queries/people.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { addFact } from '../../src/actions/facts/add-fact.ts';
import { handOver } from '../../src/actions/hand-over/hand-over.ts';
import { saveMap } from '../../src/actions/message-maps.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { issueToken } from '../../src/actions/people.ts';
import { keepPicture } from '../../src/actions/pictures/keep-picture.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import { newSecret } from '../../src/ids.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { png } from '../pictures.ts';
import { openHouse } from './house.ts';
import { OF_A_PAGE, RIGHTS, type Rule } from './rights.ts';

/** The service with somebody of every kind and something of every kind, for tests of who may do what. */
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

/** The rule of a route; a page's own routes are the same at every page's address, read-only and public. */
export function ruleOf(route: string): Rule | undefined {
  const [method = '', url = ''] = route.split(' ');
  const own = url.replace(/^(\/:a)?(\/:b)?(?=\/)/, '').replace(/(?<=^\/api\/v2\/.*)\.json$/, '');
  return RIGHTS[route] ?? (OF_A_PAGE.includes(own) && isOfAPage(method, own) ? 'public' : undefined);
}
/**
 * The reads of a status page refuse other methods in words of their own, so they have routes for them. Subscribing is
 * for everybody, and what it changes is held by private links; so are asking and saying that one is still affected.
 */
const isOfAPage = (method: string, own: string) =>
  method === 'GET' ||
  own.startsWith('/api/v2/') ||
  /^\/(subscri(be|ption)|verify|affected|ask)(\/|$)/.test(own);

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

type Outcome = 'in' | 401 | 403 | 'not 403';

export function expected(rule: Rule, who: Who, unsafe: boolean): Outcome {
  if (rule === 'public') return 'in';
  if (who.kind === 'dead token') return 401;
  if (rule === 'open' || rule === 'link') return 'not 403';
  const known = who.kind === 'session' || who.kind === 'forged' || who.kind === 'token';
  if (rule === 'door') return who.kind === 'forged' && unsafe ? 403 : 'not 403';
  if (rule === 'half') return who.kind === 'half' ? 'in' : who.kind === 'forged' && unsafe ? 403 : 401;
  if (!known) return 401;
  // From nowhere: the journey with the right Origin is in auth.test.ts.
  if (rule === 'socket') return 403;
  if (who.kind === 'forged' && unsafe) return 403;
  const has = (roles: readonly Role[]) =>
    who.roles.includes('admin') || who.roles.some((r) => roles.includes(r));
  if ('desk' in rule) return who.kind !== 'token' && has(rule.desk) ? 'in' : 403;
  if (who.kind === 'token' && !['read', rule.scope].every((s) => who.scopes?.includes(s as Scope)))
    return 403;
  return has(rule.api) ? 'in' : 403;
}

export const incident = await openIncident(
  app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }),
  {
    pageId: house.page.id,
    title: 'Card payments fail',
    objective: 'Say what works.',
  },
);
const picture = await keepPicture(CLI, incident.id, png());
export const update = await draftUpdate(
  app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }),
  incident.id,
  { blocks: { known: 'Card payments fail.' } },
);
export const connection = await connectAccount(CLI, {
  id: 'plugged',
  pageId: house.page.id,
  channel: 'mastodon',
  name: 'Town Square',
  role: 'brand',
  settings: {},
  sealed: app.secrets.seal('connections|plugged|sealed', '{}'),
  template: 'post',
  verified: { account: '@company', url: null, limits: LIMITS, can: NETWORKS.findable },
});
// An account that stands still, so that its delivery waits for a person to settle it.
await app.store.transact((w) =>
  changeConnection(w, connection.id, { pausedAt: clock.now(), pausedReason: 'x' }),
);
const author = app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] });
const said = await draftUpdate(author, incident.id, {
  blocks: { known: 'Card payments fail.' },
  nextUpdateBy: clock.now() + 20 * 60_000,
});
const wanted = await requestApproval(author, said.id, said.version);
await approveUpdate(
  app.ctx({ kind: 'person', id: people.approver.id, roles: ['approver'] }),
  said.id,
  wanted.hash!,
);
const [delivery] = await listDeliveriesOfUpdates(app.store.read, [said.id]);
export const template = await saveTemplate(author, house.page.id, {
  name: 'Payments',
  title: 'Card payments fail',
  status: 'investigating',
  blocks: { known: 'Card payments fail.' },
  slots: [],
});
const fact = await addFact(author, incident.id, { key: 'Customers affected', value: '1 in 12' });
const offered = await handOver(author, incident.id, people.approver.id, 'My shift ends.');
const [alert] = await listAlerts(app.store.read, house.page.id, 1);
const map = await saveMap(app.ctx({ kind: 'person', id: target.id, roles: ['author'] }), {
  pageId: house.page.id,
  incidentId: null,
  question: 'Was I charged twice?',
  messages: [{ text: 'Your money is safe.', supports: [] }],
});
const alone = {
  id: 'overridden',
  pageId: house.page.id,
  incidentId: incident.id,
  updateId: said.id,
  hash: wanted.hash!,
  personId: target.id,
  reason: 'life_safety' as const,
  sentence: 'People are in danger.',
  assurance: 'passkey',
  at: clock.now(),
  reviewDueAt: clock.now() + 60_000,
  reviewedBy: null,
  reviewedAt: null,
  verdict: null,
  note: null,
  remindedAt: null,
};
await app.store.transact((w) => insertOverride(w, alone));
const mention = 'something-said';
await app.store.transact((w) =>
  keepMention(
    w,
    mention,
    connection,
    {
      id: '1',
      url: null,
      at: clock.now(),
      author: { id: '7', handle: '@mira' },
      text: 'Is it down?',
      post: { id: '1', url: null, raw: {} },
    },
    clock.now(),
  ),
);
const targetToken = (
  await issueToken(CLI, {
    kind: 'api',
    personId: target.id,
    name: 'T',
    secret: newSecret(),
    scopes: ['read'],
  })
).token;

/** A path that is there, so that it is the right that decides and not a missing thing. */
export function pathOf(url: string): string {
  const word = /\/([\w-]+)\/:id/.exec(url)?.[1] ?? '';
  const own: Record<string, string | undefined> = {
    facts: fact.id,
    'hand-overs': offered.id,
    alerts: alert?.id,
    maps: map.id,
    overrides: alone.id,
    inbox: mention,
    mentions: mention,
    pages: house.page.id,
    pictures: picture.id,
  };
  const id =
    own[word] ??
    (url.includes('/updates/:id') || url.includes('/approvals/:id')
      ? update.id
      : url.includes('/templates/:id')
        ? template.id
        : url.includes('/incidents/:id')
          ? incident.id
          : url.includes('/deliveries/:id')
            ? delivery!.id
            : url.includes('/connections/:id')
              ? connection.id
              : url.includes('/tokens/:id')
                ? targetToken.id
                : target.id);
  return url
    .replace(':id', id)
    .replace(':kind', 'mastodon')
    .replace(':secret', 'A'.repeat(43))
    .replace('*', 'logo.svg')
    .replace(/:\w+/g, 'x');
}

const TEMPLATE = { name: 'Another', title: 'T', status: 'investigating', known: 'Words.', version: '99' };
export const FORM: Record<string, Record<string, string>> = {
  'POST /desk/incidents/:id/facts': { key: 'x', value: '1' },
  'POST /desk/facts/:id/dispute': { version: '99', reason: 'x' },
  'POST /desk/facts/:id/withdraw': { version: '99', reason: 'x' },
  'POST /desk/facts/:id/confirm': { version: '99', source: 'x' },
  'POST /desk/facts/:id/correct': { version: '99', value: '2', reason: 'x' },
  'POST /desk/incidents/:id/hand-over': { to: target.id },
  'POST /desk/hand-overs/:id': { say: 'no', answer: 'Not I.' },
  'POST /desk/inbox/:id/replies/:reply/judge': { verdict: 'no', note: 'x' },
  'POST /desk/incidents/:id/rating': { impact: 'major' },
  'POST /desk/incidents/:id/gate': { told: '9', of: '9', how: 'all of them, by phone' },
  'POST /desk/incidents/:id/waive': { reason: 'It cannot wait any longer.' },
  'POST /desk/people/:id/offices': { office: 'legal' },
  'POST /desk/updates/:id/override': {
    hash: '0'.repeat(64),
    why: 'life_safety',
    sentence: 'It cannot wait.',
  },
  'POST /desk/overrides/:id/review': { verdict: 'right', note: '' },
  'POST /desk/settings/second': { to: 'off' },
  'POST /desk/people/:id/page-roles': { on: house.page.id, usual: '1' },
  'POST /desk/maintenance': { title: 'x', known: 'x', scheduledFor: '02:00', scheduledUntil: '04:00' },
  'POST /desk/updates/:id/plan': { version: '99', scheduledFor: '02:00', scheduledUntil: '04:00' },
  'POST /desk/incidents/:id/hold': { hold: 'yes' },
  'POST /desk/incidents/:id/go': { as: 'start' },
  'POST /desk/pages': { name: 'x', slug: 'x' },
  'POST /desk/maps': { question: 'x', m1: 'x' },
  'POST /desk/maps/:id': { version: '99', question: 'x', m1: 'x' },
  'POST /desk/maps/:id/clear': { version: '99' },
  'POST /desk/templates': TEMPLATE,
  'POST /desk/templates/:id': TEMPLATE,
  'POST /desk/templates/:id/clear': { version: '99' },
  'POST /desk/settings/sending/off': { sure: '1', reason: 'x' },
  'POST /desk/settings/sending/on': { sure: '1' },
  'POST /desk/declare': { title: 'Anything', kind: 'incident', go: 'only' },
  'POST /desk/updates/:id': {
    version: '1',
    known: 'Words.',
    status: 'investigating',
    class: 'B',
    nextUpdateBy: '',
  },
  'POST /desk/updates/:id/withdraw': { reason: 'x' },
  'POST /desk/approvals/:id/return': { reason: 'Not yet.' },
  'POST /desk/approvals/:id/approve': { hash: '0'.repeat(64) },
  'POST /desk/deliveries/:id/confirm': { url: 'https://social.example/1' },
  'POST /desk/deliveries/:id/give-up': { reason: 'x' },
  'POST /desk/people': { name: 'X', email: 'nowhere', role: 'viewer' },
  'POST /desk/people/:id/roles': { role: 'viewer' },
  'POST /desk/people/:id/token': { name: 'x', scope: 'read' },
  'POST /desk/settings': { name: '', url: 'x', timeZone: 'UTC' },
};
export const JSON_BODY: Record<string, unknown> = {
  'POST /api/v1/incidents/:id/facts': { key: 'x', value: '1' },
  'POST /api/v1/facts/:id/confirm': { version: 99, source: 'x' },
  'POST /api/v1/facts/:id/dispute': { version: 99, reason: 'x' },
  'POST /api/v1/facts/:id/withdraw': { version: 99, reason: 'x' },
  'POST /api/v1/facts/:id/correct': { version: 99, value: '2', reason: 'x' },
  'POST /api/v1/incidents/:id/hand-over': { to: target.id },
  'POST /api/v1/templates': { name: 'x', title: 'x', status: 'investigating', blocks: { known: 'x' } },
  'PUT /api/v1/templates/:id': {
    version: 99,
    name: 'x',
    title: 'x',
    status: 'investigating',
    blocks: { known: 'x' },
  },
  'POST /api/v1/templates/:id/clear': { version: 99, until: 8e12 },
  'POST /api/v1/incidents/:id/updates/from-template': { templateId: template.id },
  'POST /api/v1/maps': { question: 'x', messages: [{ text: 'x', supports: [] }] },
  'POST /api/v1/maps/:id/clear': { version: 99 },
  'POST /api/v1/sending/off': { reason: 'x' },
  'POST /api/v1/incidents': { title: 'By a program' },
  'POST /api/v1/maintenances': { title: 'x', blocks: { known: 'x' }, from: 8e12, until: 8.1e12 },
  'PATCH /api/v1/incidents/:id': { impactOverride: 'major' },
  'POST /api/v1/incidents/:id/window': { until: 8e12 },
  'POST /api/v1/incidents/:id/cancel': {},
  'POST /api/v1/incidents/:id/hold': { hold: true },
  'POST /api/v1/incidents/:id/go': { as: 'start' },
  'POST /api/v1/incidents/:id/updates': { blocks: { known: 'x' } },
  'PATCH /api/v1/updates/:id': { version: 999 },
  'POST /api/v1/updates/:id/request-approval': { version: 999 },
  'POST /api/v1/updates/:id/approve': { hash: '0'.repeat(64) },
  'POST /api/v1/updates/:id/return': { reason: 'x' },
  'POST /api/v1/updates/:id/correct': { note: 'x' },
  'POST /api/v1/updates/:id/retract': { note: 'x' },
  'POST /api/v1/updates/:id/withdraw': { reason: 'x' },
  'POST /api/v1/deliveries/:id/confirm': { url: 'https://social.example/1' },
  'POST /api/v1/deliveries/:id/give-up': { reason: 'x' },
  'POST /api/v1/mentions/:id/answer': { text: 'x' },
  'POST /api/v1/mentions/:id/dismiss': { reason: '' },
  'POST /api/v1/mentions/:id/replies/:reply/confirm': { url: 'https://social.example/1' },
  'POST /api/v1/mentions/:id/link': { incidentId: null },
  'POST /api/v1/mentions/:id/replies/:reply/judge': { verdict: 'no', note: 'x' },
  'POST /api/v1/mentions/:id/replies/:reply/give-up': { reason: 'x' },
  'POST /api/v1/connections': { channel: 'mastodon', values: {} },
  'POST /api/v1/people': { name: 'X', email: 'nowhere', roles: ['viewer'] },
  'POST /api/v1/tokens': { personId: 'nobody', name: 'x', scopes: ['read'] },
  'POST /api/v1/components': { name: 'Payments' },
};

let asked = 0;
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
