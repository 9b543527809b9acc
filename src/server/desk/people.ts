import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findCredentials } from '../../../db/queries/credentials.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { getPerson, listLiveTokens, listPeople, type Person } from '../../../db/queries/people.ts';
import { listIdentities } from '../../../db/queries/sign-in.ts';
import { mustBe } from '../../actions/context.ts';
import { addPerson, issueToken } from '../../actions/people.ts';
import { invitePerson } from '../../actions/sign-in/invite.ts';
import { invalid } from '../../domain/error.ts';
import { OFFICES } from '../../domain/office.ts';
import { rolesOn } from '../../domain/rights.ts';
import { ROLES, SCOPES } from '../../domain/words.ts';
import { renderSecret } from '../../templates/desk.ts';
import { renderPeople } from '../../templates/desk-door.ts';
import { ctxOf, mustKnow } from '../who.ts';
import {
  choice,
  choices,
  type Form,
  field,
  formOf,
  type Refused,
  refusedBy,
  text,
  texts,
  troubleOf,
} from './forms.ts';
import { type Desk, frameFor, html } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { usedText, waysText } from './ways.ts';
import { OFFICE, personView, ROLE, SCOPE } from './words.ts';

/** How long an API token may live, days. */
const LIVES = ['30', '90', '365'] as const;
const DAY_MS = 86_400_000;

type ById = { Params: { id: string } };

/** Who may sign in, and what lets them in. Secrets are shown once and never kept. */
export function people(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  /** A person with all that only admins see: what lets them in, when it was used, and what can be done about it. */
  async function rowOf(p: Person, you: boolean, admin: boolean) {
    const now = ports.base.now();
    const [page] = await listPages(r);
    const place = placeOf(page);
    const held = admin ? await listLiveTokens(r, ['session', 'api', 'invite'], now, p.id) : [];
    const seen = Math.max(0, ...held.filter((x) => x.kind === 'session').map((x) => x.lastUsedAt ?? 0));
    const ways = await findCredentials(r, p.id);
    const waits = ways.passwordHash === null && ways.passkeys.length === 0 && !you;
    const path = `/desk/people/${p.id}`;
    return {
      id: p.id,
      ...personView(p.name),
      email: p.email,
      roles: rolesText(p, await listPages(r)),
      off: p.disabledAt !== null,
      you,
      ways: admin ? waysText(ways, (await listIdentities(r, p.id)).length > 0) : '',
      seen: held.some((x) => x.kind === 'invite')
        ? 'invited, not here yet'
        : seen === 0
          ? 'not signed in'
          : usedText(seen, now, place).replace('last used', 'last here'),
      choices: ROLES.map((x) => ({ value: x, label: x, chosen: p.roles.includes(x) })),
      offices: OFFICES.map((x) => ({
        value: x,
        label: x,
        about: OFFICE[x],
        chosen: p.offices?.includes(x) ?? false,
      })),
      officesAction: `${path}/offices`,
      rolesAction: `${path}/roles`,
      mayInvite: waits,
      inviteAction: `${path}/invitation`,
      linkAction: `${path}/link`,
      tokenAction: `${path}/token`,
      sessionsAction: `${path}/sessions`,
      resetAction: `${path}/reset`,
      switchAction: p.disabledAt === null ? `${path}/off` : `${path}/on`,
      switchLabel: p.disabledAt === null ? 'Switch off' : 'Switch on',
      mayApproveToken: you,
      pageRoles:
        admin && !p.roles.includes('admin')
          ? (await listPages(r)).map((page) => ({
              id: page.id,
              name: page.name,
              action: `${path}/page-roles`,
              own: p.pageRoles !== null && Object.hasOwn(p.pageRoles, page.id),
              held: rolesOn(p, page.id).join(', ') || 'nothing',
              choices: ROLES.filter((x) => x !== 'admin').map((x) => ({
                value: x,
                label: x,
                chosen: rolesOn(p, page.id).includes(x),
              })),
            }))
          : [],
      tokens: held
        .filter((x) => x.kind === 'api')
        .map((x) => ({
          name: x.name,
          may: x.scopes.join(', '),
          ends: moment(x.expiresAt ?? now, now, place),
          used: usedText(x.lastUsedAt, now, place),
          endAction: `/desk/tokens/${x.id}/end`,
        })),
    };
  }

  async function draw(request: FastifyRequest, form: Form, refused?: Refused) {
    const who = mustKnow(request);
    const admin = who.actor.roles.includes('admin');
    return renderPeople({
      frame: await frameFor(desk, request, {
        title: 'People',
        room: 'people',
        trouble: troubleOf(refused, ['name', 'email', 'role']),
      }),
      people: await Promise.all((await listPeople(r)).map((p) => rowOf(p, p.id === who.person.id, admin))),
      mayChange: admin,
      name: field('name', 'Name', '', text(form, 'name'), refused),
      email: field('email', 'Email address', '', text(form, 'email'), refused),
      roles: ROLES.map((x) => ({
        value: x,
        label: x,
        about: ROLE[x],
        chosen: texts(form, 'role').includes(x),
      })),
      rolesError: refused?.field === 'role' ? refused.message : null,
      scopes: SCOPES.map((x) => ({ value: x, label: x, about: SCOPE[x], chosen: x === 'read' })),
      others: SCOPES.filter((x) => x !== 'approve').map((x) => ({
        value: x,
        label: x,
        about: SCOPE[x],
        chosen: x === 'read',
      })),
      lives: LIVES.map((x) => ({ value: x, label: `${x} days`, chosen: x === '90' })),
    });
  }

  /** Shows the one link by which a person comes in for the first time. */
  async function showInvitation(request: FastifyRequest, reply: FastifyReply, person: Person) {
    const secret = ports.makeSecret();
    const token = await invitePerson(ctxOf(ports.base, request), person.id, secret);
    return html(
      reply,
      renderSecret({
        frame: await frameFor(desk, request, { title: 'Invitation', room: 'people' }),
        heading: `Invitation for ${person.name}`,
        words: `It works once. Send it to ${person.email} in a way you trust: whoever opens it first chooses the password.`,
        secret: `${ports.baseUrl}/desk/invitation/${secret}`,
        expires: until(token.expiresAt, ports.base.now(), placeOf((await listPages(r))[0])),
        back: '/desk/people',
      }),
    );
  }

  app.get('/people', async (request, reply) => html(reply, await draw(request, {})));

  app.post('/people', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const form = formOf(request);
    try {
      const roles = choices(form, 'role', ROLES);
      if (roles.length === 0) throw invalid('role', 'Choose at least one role.');
      const added = await addPerson(ctxOf(ports.base, request), {
        name: text(form, 'name'),
        email: text(form, 'email'),
        roles,
      });
      return await showInvitation(request, reply, added);
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, form, refused), refused.status);
    }
  });

  app.post<ById>('/people/:id/invitation', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    return showInvitation(request, reply, await getPerson(r, request.params.id));
  });

  // These answer the form itself: what is shown once must not be kept anywhere on the way to another page.
  app.post<ById>('/people/:id/link', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const person = await getPerson(r, request.params.id);
    const made = await issueToken(ctx, {
      kind: 'sign_in',
      personId: person.id,
      name: 'Link',
      secret: ports.makeSecret(),
    });
    return html(
      reply,
      renderSecret({
        frame: await frameFor(desk, request, { title: 'Sign-in link', room: 'people' }),
        heading: `Sign-in link for ${person.name}`,
        words: 'It works once. Send it in a way you trust: whoever opens it first is let in.',
        secret: `${ports.baseUrl}/desk/sign-in/${made.secret}`,
        expires: until(made.token.expiresAt, ports.base.now(), placeOf((await listPages(r))[0])),
        back: '/desk/people',
      }),
    );
  });

  app.post<ById>('/people/:id/token', async (request, reply) => {
    const form = formOf(request);
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const person = await getPerson(r, request.params.id);
    try {
      const days = text(form, 'days') === '' ? 90 : Number(choice(form, 'days', LIVES));
      const scopes = choices(form, 'scope', SCOPES);
      if (scopes.length === 0) throw invalid('scope', 'Choose at least one thing the token may do.');
      const name = text(form, 'name').trim();
      if (name === '' || name.length > 100)
        throw invalid('scope', 'Say what the token is for, in 1 to 100 characters.');
      const made = await issueToken(ctxOf(ports.base, request), {
        kind: 'api',
        personId: person.id,
        name,
        scopes,
        secret: ports.makeApiToken(),
        expiresInMs: days * DAY_MS,
      });
      return html(
        reply,
        renderSecret({
          frame: await frameFor(desk, request, { title: 'API token', room: 'people' }),
          heading: `API token “${name}”, acting for ${person.name}`,
          words: 'This is the only time it is shown. Copy it to where it is used.',
          secret: made.secret,
          expires: until(made.token.expiresAt, ports.base.now(), placeOf((await listPages(r))[0])),
          back: '/desk/people',
        }),
      );
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, {}, refused), refused.status);
    }
  });
}

/** "approver; on Shop: viewer". */
const rolesText = (p: Person, pages: readonly { id: string; name: string }[]): string =>
  [
    [...p.roles, ...(p.offices ?? [])].join(', '),
    ...pages
      .filter((page) => p.pageRoles !== null && Object.hasOwn(p.pageRoles, page.id))
      .map((page) => `on ${page.name}: ${rolesOn(p, page.id).join(', ') || 'nothing'}`),
  ].join('; ');

const until = (at: number | null, now: number, place: ReturnType<typeof placeOf>): string =>
  at === null ? 'It does not run out.' : `It runs out ${moment(at, now, place).text}.`;
