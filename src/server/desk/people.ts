import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getPerson, listPeople } from '../../../db/queries/people.ts';
import { mustBe } from '../../actions/context.ts';
import { addPerson, issueToken } from '../../actions/people.ts';
import { invalid } from '../../domain/error.ts';
import { ROLES, SCOPES } from '../../domain/words.ts';
import { renderPeople, renderSecret } from '../../templates/desk.ts';
import { ctxOf, mustKnow } from '../who.ts';
import {
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
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { personView, ROLE, SCOPE } from './words.ts';

type ById = { Params: { id: string } };

/** Who may sign in, and what lets them in. Secrets are shown once and never kept. */
export function people(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, form: Form, refused?: Refused) {
    const who = mustKnow(request);
    return renderPeople({
      frame: await frameFor(desk, request, {
        title: 'People',
        room: 'people',
        trouble: troubleOf(refused, ['name', 'email', 'role']),
      }),
      people: (await listPeople(r)).map((p) => ({
        id: p.id,
        ...personView(p.name),
        email: p.email,
        roles: p.roles.join(', '),
        off: p.disabledAt !== null,
        you: p.id === who.person.id,
        linkAction: `/desk/people/${p.id}/link`,
        tokenAction: `/desk/people/${p.id}/token`,
      })),
      mayChange: who.actor.roles.includes('admin'),
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
    });
  }

  app.get('/people', async (request, reply) => html(reply, await draw(request, {})));

  app.post('/people', async (request, reply) => {
    const form = formOf(request);
    try {
      const roles = choices(form, 'role', ROLES);
      if (roles.length === 0) throw invalid('role', 'Choose at least one role.');
      await addPerson(ctxOf(ports.base, request), {
        name: text(form, 'name'),
        email: text(form, 'email'),
        roles,
      });
      return goTo(reply, '/desk/people', 'added');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, form, refused), refused.status);
    }
  });

  // These two answer the form itself: what is shown once must not be kept anywhere on the way to another page.
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
        expires: until(made.token.expiresAt, ports.base.now()),
        back: '/desk/people',
      }),
    );
  });

  app.post<ById>('/people/:id/token', async (request, reply) => {
    const form = formOf(request);
    const person = await getPerson(r, request.params.id);
    try {
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
      });
      return html(
        reply,
        renderSecret({
          frame: await frameFor(desk, request, { title: 'API token', room: 'people' }),
          heading: `API token “${name}”, acting for ${person.name}`,
          words: 'This is the only time it is shown. Copy it to where it is used.',
          secret: made.secret,
          expires: until(made.token.expiresAt, ports.base.now()),
          back: '/desk/people',
        }),
      );
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, {}, refused), refused.status);
    }
  });
}

const until = (at: number | null, now: number): string =>
  at === null ? 'It does not run out.' : `It runs out ${moment(at, now, placeOf(undefined)).text}.`;
