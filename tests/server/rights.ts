import type { Role, Scope } from '../../src/domain/words.ts';

/**
 * Who may do what: every route of the service, by the rule that holds for it. The test beside it fails on a route that
 * is not here, so whoever adds one has to decide.
 */
export type Rule =
  /** Everybody, and nobody is looked up. */
  | 'public'
  /** Everybody; a token that does not hold is still refused. */
  | 'open'
  /** The door: it decides by what is brought to it, a password or a link. */
  | 'door'
  /** Only between the two factors. */
  | 'half'
  /** A browser's own socket; its Origin is looked at as well. */
  | 'socket'
  /** People at the desk with one of these roles (admins have all); never a program. */
  | { desk: readonly Role[] }
  /** People and programs with one of these roles; programs need the scope, and `read`. */
  | { api: readonly Role[]; scope: Scope };

const ANY: readonly Role[] = ['viewer', 'responder', 'author', 'approver'];
const any: Rule = { desk: ANY };
const writers: Rule = { desk: ['author', 'approver'] };
const approvers: Rule = { desk: ['approver'] };
const admins: Rule = { desk: [] };
const reads: Rule = { api: ANY, scope: 'read' };
const drafts: Rule = { api: ['author', 'approver'], scope: 'draft' };
const approves: Rule = { api: ['approver'], scope: 'approve' };
const settles: Rule = { api: ['author', 'approver'], scope: 'approve' };
const switches: Rule = { api: ['approver'], scope: 'admin' };
const rules: Rule = { api: [], scope: 'admin' };

export const RIGHTS: Readonly<Record<string, Rule>> = {
  'GET /livez': 'public',
  'GET /readyz': 'public',
  'GET /live.js': 'public',
  'GET /favicon.svg': 'public',
  'GET /favicon.ico': 'public',
  'GET /robots.txt': 'public',
  'GET /style': 'public',
  'GET /': 'public',
  'GET /:a': 'public',
  'GET /:a/:b': 'public',
  'GET /live': 'public',
  'GET /live/events': 'public',
  'GET /live/poll': 'public',
  'GET /card/:file': 'public',

  'POST /api/v1/incidents': drafts,
  'GET /api/v1/incidents': reads,
  'GET /api/v1/incidents/:id': reads,
  'GET /api/v1/incidents/:id/record': reads,
  'POST /api/v1/incidents/:id/updates': drafts,
  'GET /api/v1/updates/:id': reads,
  'PATCH /api/v1/updates/:id': drafts,
  'GET /api/v1/updates/:id/preview': reads,
  'POST /api/v1/updates/:id/request-approval': drafts,
  'POST /api/v1/updates/:id/approve': approves,
  'POST /api/v1/updates/:id/return': approves,
  'POST /api/v1/updates/:id/withdraw': { api: ['author', 'approver', 'responder'], scope: 'draft' },
  'GET /api/v1/deliveries': reads,
  'POST /api/v1/deliveries/:id/confirm': settles,
  'POST /api/v1/deliveries/:id/resend': settles,
  'POST /api/v1/deliveries/:id/give-up': settles,
  'GET /api/v1/channels': reads,
  'GET /api/v1/connections': reads,
  'POST /api/v1/connections': rules,
  'POST /api/v1/connections/:id/on': switches,
  'POST /api/v1/connections/:id/off': switches,
  'POST /api/v1/connections/:id/resume': switches,
  'GET /api/v1/sending': reads,
  'POST /api/v1/sending/off': switches,
  'POST /api/v1/sending/on': switches,
  'GET /api/v1/people': rules,
  'POST /api/v1/people': rules,
  'POST /api/v1/people/:id/sign-in-link': rules,
  'GET /api/v1/tokens': rules,
  'POST /api/v1/tokens': rules,
  'POST /api/v1/tokens/:id/revoke': rules,
  'GET /api/v1/pages': reads,
  'GET /api/v1/components': reads,
  'POST /api/v1/components': rules,
  'GET /api/docs': 'open',
  'GET /api/docs/static/index.html': 'open',
  'GET /api/docs/static/swagger-initializer.js': 'open',
  'GET /api/docs/json': 'open',
  'GET /api/docs/yaml': 'open',
  'GET /api/docs/static/*': 'open',
  'GET /api/v1/openapi.json': 'open',

  'GET /desk/desk-:hash.css': 'open',
  'GET /desk/desk-:hash.js': 'open',
  'GET /desk/passkey-:hash.js': 'open',
  'GET /desk/sign-in': 'open',
  'POST /desk/sign-in': 'door',
  'POST /desk/sign-in/passkey/ask': 'door',
  'POST /desk/sign-in/passkey': 'door',
  'GET /desk/sign-in/second': 'half',
  'POST /desk/sign-in/second/ask': 'half',
  'POST /desk/sign-in/second': 'half',
  'GET /desk/sign-in/:secret': 'open',
  'POST /desk/sign-in/:secret': 'door',
  'GET /desk/sign-in/sso': 'open',
  'GET /desk/sign-in/sso/back': 'open',
  'GET /desk/invitation/:secret': 'door',
  'POST /desk/invitation/:secret/ask': 'door',
  'POST /desk/invitation/:secret': 'door',

  'GET /desk/live': 'socket',
  'POST /desk/sign-out': any,
  'GET /desk': any,
  'GET /desk/declare': any,
  'POST /desk/declare': writers,
  'GET /desk/incidents': any,
  'GET /desk/incidents/:id': any,
  'GET /desk/incidents/:id/report': any,
  'GET /desk/incidents/:id/no-change': any,
  'POST /desk/incidents/:id/no-change': writers,
  'POST /desk/incidents/:id/updates': writers,
  'GET /desk/updates/:id': any,
  'POST /desk/updates/:id': writers,
  'POST /desk/updates/:id/preview': any,
  'POST /desk/updates/:id/withdraw': { desk: ['author', 'approver', 'responder'] },
  'GET /desk/approvals': any,
  'GET /desk/approvals/:id': any,
  'POST /desk/approvals/:id/approve': approvers,
  'POST /desk/approvals/:id/return': approvers,
  'GET /desk/deliveries': any,
  'GET /desk/updates/:id/deliveries': any,
  'POST /desk/deliveries/:id/confirm': writers,
  'POST /desk/deliveries/:id/resend': writers,
  'POST /desk/deliveries/:id/give-up': writers,
  'GET /desk/connections': any,
  'GET /desk/connections/add/:kind': admins,
  'POST /desk/connections/add/:kind': admins,
  'POST /desk/connections/:id/on': approvers,
  'POST /desk/connections/:id/off': approvers,
  'POST /desk/connections/:id/resume': approvers,
  'GET /desk/people': any,
  'POST /desk/people': admins,
  'POST /desk/people/:id/invitation': admins,
  'POST /desk/people/:id/link': admins,
  'POST /desk/people/:id/token': admins,
  'POST /desk/people/:id/roles': admins,
  'POST /desk/people/:id/off': admins,
  'POST /desk/people/:id/on': admins,
  'POST /desk/people/:id/sessions': admins,
  'POST /desk/people/:id/reset': admins,
  'POST /desk/tokens/:id/end': admins,
  'GET /desk/me': any,
  'POST /desk/me/password': any,
  'POST /desk/me/passkeys/ask': any,
  'POST /desk/me/passkeys': any,
  'POST /desk/me/passkeys/:id/remove': any,
  'POST /desk/me/app': any,
  'POST /desk/me/app/on': any,
  'POST /desk/me/app/off': any,
  'POST /desk/me/codes': any,
  'POST /desk/me/sessions': any,
  'GET /desk/me/sso': any,
  'GET /desk/set-up': any,
  'POST /desk/set-up/ask': any,
  'POST /desk/set-up': any,
  'GET /desk/settings': any,
  'POST /desk/settings': admins,
  'POST /desk/settings/sending/off': approvers,
  'POST /desk/settings/sending/on': approvers,
  'GET /desk/templates': any,
  'GET /desk/templates/new': any,
  'GET /desk/templates/:id': any,
  'POST /desk/templates': writers,
  'POST /desk/templates/:id': writers,
  'POST /desk/templates/library': writers,
  'POST /desk/templates/:id/clear': approvers,
  'POST /desk/templates/:id/revoke': approvers,
  'GET /desk/help': any,
};

/** What every page has, at its own address: the front page's, below `/:a` and `/:a/:b` as well. All of it is public. */
export const OF_A_PAGE: readonly string[] = [
  '/incidents/:id',
  '/history',
  '/u/:code',
  '/api/v2/summary',
  '/api/v2/status',
  '/api/v2/components',
  '/api/v2/incidents',
  '/api/v2/incidents/unresolved',
  '/api/v2/incidents/resolved',
  '/api/v2/scheduled-maintenances',
  '/api/v2/scheduled-maintenances/upcoming',
  '/api/v2/scheduled-maintenances/active',
  '/api/v2/subscribers',
  '/history.atom',
  '/history.rss',
  '/updates.atom',
  '/updates.rss',
  '/feed.json',
  '/maintenance.ics',
  '/cap.atom',
  '/badge.svg',
  '/og.png',
  '/embed/frame',
  '/embed/frame.js',
  '/embed/script.js',
  '/badge/:file',
  '/og/:file',
  '/cap/:file',
  '/embed/incidents/:file',
  '/oembed',
  '/se-v2.js',
];
