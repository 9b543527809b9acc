import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listPages } from '../../../db/queries/pages.ts';
import { askForNewPasskey } from '../../actions/sign-in/passkeys.ts';
import { isFirst, setUpFirstPerson } from '../../actions/sign-in/set-up-first.ts';
import { conflict } from '../../domain/error.ts';
import { renderSetUp } from '../../templates/desk-door.ts';
import { ctxOf, mustBeFresh, mustKnow } from '../who.ts';
import { doorRefusal, NEW_PASSWORD_HELP, passkeyView, passwordField } from './door.ts';
import { type Form, field, formOf, type Refused, text, troubleOf, wrongWith } from './forms.ts';
import { bareFrame, type Desk, goTo, html } from './frame.ts';

const APPROVALS = [
  {
    value: 'two',
    label: 'Two people.',
    about: 'Nobody approves their own words. Invite somebody before the first incident.',
  },
  {
    value: 'solo',
    label: 'Solo.',
    about: 'I am alone: I may approve my own words. Every screen says so, and so does the log.',
  },
];

/** Until the first person has put in who they are, every screen leads to the set-up. */
export async function sendToSetUp(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const isScreen = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (!isScreen || !request.who || !isFirst(request.who.person)) return;
  if (request.routeOptions.url === '/desk/set-up') return;
  return goTo(reply, '/desk/set-up');
}

/** The first run: who the first person is, whose page it is, and who approves, which has no default. */
export function setUp(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, form: Form, refused?: Refused) {
    const [page] = await listPages(r);
    const fresh = Object.keys(form).length === 0;
    return renderSetUp({
      frame: {
        ...bareFrame(ports, desk.assets, request, page),
        title: 'Set up',
        person: null,
        csrf: mustKnow(request).csrf,
        trouble: troubleOf(refused, ['name', 'email', 'pageName', 'timeZone', 'approvals', 'password']),
      },
      action: '/desk/set-up',
      name: field('name', 'Your name', '', text(form, 'name'), refused),
      email: field('email', 'Your email address', 'You sign in with it.', text(form, 'email'), refused),
      password: passwordField('password', 'Password', NEW_PASSWORD_HELP, 'new-password', refused),
      passkey: passkeyView(desk, 'new', '/desk/set-up/ask', 'Set up with a passkey'),
      pageName: field(
        'pageName',
        'Name of the service',
        'As customers know it.',
        text(form, 'pageName'),
        refused,
      ),
      timeZone: field(
        'timeZone',
        'Time zone',
        'Every time on the page and in posts is in it. Like UTC or Europe/Berlin.',
        fresh ? (page?.timeZone ?? 'UTC') : text(form, 'timeZone'),
        refused,
      ),
      zones: ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')],
      guess: fresh,
      approvals: APPROVALS.map((x) => ({ ...x, chosen: text(form, 'approvals') === x.value })),
      approvalsError: wrongWith(refused, 'approvals'),
    });
  }

  const mustBeFirst = (request: FastifyRequest) => {
    const who = mustBeFresh(request, ports.base.now());
    if (!isFirst(who.person)) throw conflict('The set-up is done. Change things under People and Settings.');
    return who;
  };

  app.get('/set-up', async (request, reply) => {
    if (!isFirst(mustKnow(request).person)) return goTo(reply, '/desk');
    return html(reply, await draw(request, {}));
  });

  app.post('/set-up/ask', async (request, reply) => {
    const who = mustBeFirst(request);
    return reply
      .header('cache-control', 'no-store')
      .send(await askForNewPasskey(ctxOf(ports.base, request), ports.locks, who.person, who.token.id));
  });

  app.post('/set-up', async (request, reply) => {
    const who = mustBeFirst(request);
    const form = formOf(request);
    try {
      await setUpFirstPerson(ctxOf(ports.base, request), ports.locks, {
        name: text(form, 'name'),
        email: text(form, 'email'),
        password: text(form, 'password'),
        passkey: text(form, 'passkey'),
        pageName: text(form, 'pageName'),
        timeZone: text(form, 'timeZone').trim() || 'UTC',
        approvals: text(form, 'approvals'),
        sessionId: who.token.id,
      });
      return goTo(reply, '/desk', 'desk-ready');
    } catch (error) {
      const refused = doorRefusal(error, 400);
      return html(reply, await draw(request, form, refused), refused.status);
    }
  });
}
