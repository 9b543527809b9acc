import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Ctx } from '../../actions/context.ts';
import {
  changeOffices,
  changePageRoles,
  changeRoles,
  disablePerson,
  enablePerson,
  endToken,
  resetSignIn,
  revokeSessions,
} from '../../actions/sign-in/change-person.ts';
import { OFFICES } from '../../domain/office.ts';
import { ROLES } from '../../domain/words.ts';
import { ctxOf } from '../who.ts';
import { choices, type Form, formOf, text } from './forms.ts';
import { type Desk, goTo } from './frame.ts';

/** What an admin can do about one person; every one of these is a verb that checks who asks. */
export function person(app: FastifyInstance, { ports }: Desk): void {
  const act = (
    path: string,
    said: Parameters<typeof goTo>[2],
    verb: (ctx: Ctx, id: string, form: Form) => Promise<unknown>,
  ) =>
    app.post(path, async (request: FastifyRequest, reply) => {
      await verb(ctxOf(ports.base, request), (request.params as { id: string }).id, formOf(request));
      return goTo(reply, '/desk/people', said);
    });

  act('/people/:id/roles', 'roles-changed', (ctx, id, form) =>
    changeRoles(ctx, id, choices(form, 'role', ROLES)),
  );
  act('/people/:id/offices', 'offices-changed', (ctx, id, form) =>
    changeOffices(ctx, id, choices(form, 'office', OFFICES)),
  );
  act('/people/:id/page-roles', 'roles-changed', (ctx, id, form) =>
    changePageRoles(
      ctx,
      id,
      text(form, 'on'),
      text(form, 'usual') === '1' ? null : choices(form, 'role', ROLES),
    ),
  );
  act('/people/:id/off', 'switched-off', disablePerson);
  act('/people/:id/on', 'switched-on', enablePerson);
  act('/people/:id/sessions', 'signed-out', (ctx, id) => revokeSessions(ctx, id));
  act('/people/:id/reset', 'reset', resetSignIn);
  act('/tokens/:id/end', 'token-ended', endToken);
}
