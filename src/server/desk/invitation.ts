import type { FastifyInstance, FastifyRequest } from 'fastify';
import { acceptInvitation, openInvitation } from '../../actions/sign-in/invite.ts';
import { askForNewPasskey } from '../../actions/sign-in/passkeys.ts';
import { renderInvitation } from '../../templates/desk-door.ts';
import {
  DOOR_RATE,
  doorCtx,
  doorRefusal,
  letIn,
  NEW_PASSWORD_HELP,
  passkeyView,
  passwordField,
  visitOf,
} from './door.ts';
import { type Form, field, formOf, type Refused, text, troubleOf } from './forms.ts';
import { bareFrame, type Desk, html } from './frame.ts';

type BySecret = { Params: { secret: string } };

/** Coming in for the first time: one's own name, and a password, a passkey, or both. */
export function invitation(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;

  async function draw(request: FastifyRequest, secret: string, form: Form, refused?: Refused) {
    const { person } = await openInvitation(doorCtx(ports), secret);
    const path = `/desk/invitation/${encodeURIComponent(secret)}`;
    return renderInvitation({
      frame: {
        ...bareFrame(ports, desk.assets, request),
        title: 'Welcome',
        trouble: troubleOf(refused, ['name', 'password']),
      },
      action: path,
      email: person.email,
      name: field('name', 'Your name', 'As others see it.', text(form, 'name') || person.name, refused),
      password: passwordField('password', 'Password', NEW_PASSWORD_HELP, 'new-password', refused),
      passkey: passkeyView(desk, 'new', `${path}/ask`, 'Come in with a passkey'),
      sso: ports.sso ? { href: '/desk/sign-in/sso', name: ports.sso.name } : null,
    });
  }

  app.get<BySecret>('/invitation/:secret', DOOR_RATE, async (request, reply) =>
    html(reply, await draw(request, request.params.secret, {})),
  );

  app.post<BySecret>('/invitation/:secret/ask', DOOR_RATE, async (request, reply) => {
    const ctx = doorCtx(ports);
    const { token, person } = await openInvitation(ctx, request.params.secret);
    return reply
      .header('cache-control', 'no-store')
      .send(await askForNewPasskey(ctx, ports.locks, person, token.id));
  });

  app.post<BySecret>('/invitation/:secret', DOOR_RATE, async (request, reply) => {
    const form = formOf(request);
    try {
      const visit = visitOf(ports, request);
      const input = {
        invitation: request.params.secret,
        name: text(form, 'name'),
        password: text(form, 'password'),
        passkey: text(form, 'passkey'),
      };
      const { session } = await acceptInvitation(doorCtx(ports), ports.locks, input, visit);
      return letIn(ports, reply, session, visit.secret);
    } catch (error) {
      const refused = doorRefusal(error, 400);
      return html(reply, await draw(request, request.params.secret, form, refused), refused.status);
    }
  });
}
