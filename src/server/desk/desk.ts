import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { forbidden } from '../../domain/error.ts';
import type { Live } from '../../live/live.ts';
import { renderMessage } from '../../templates/desk.ts';
import type { Answer } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { cookieName, mustKnow } from '../who.ts';
import { advice } from './advice.ts';
import { alerts } from './alerts.ts';
import { amend } from './amend/amend.ts';
import { approve } from './approve.ts';
import { askLink, rememberWay } from './ask-link.ts';
import { assets, serveAssets } from './assets.ts';
import { board } from './board.ts';
import { commands } from './commands.ts';
import { compose } from './compose.ts';
import { connectAccounts } from './connect.ts';
import { connectBySignIn } from './connect-sign-in.ts';
import { connections } from './connections.ts';
import { declare } from './declare.ts';
import { deliveries } from './deliveries.ts';
import { sendToEnrol } from './enrol.ts';
import { facts } from './facts.ts';
import { openFeed, serveFeed } from './feed.ts';
import { type Form, text } from './forms.ts';
import { bareFrame, type Desk } from './frame.ts';
import { judgement } from './hand-over.ts';
import { heartbeat } from './heartbeat.ts';
import { inbox } from './inbox.ts';
import { incidents } from './incidents.ts';
import { invitation } from './invitation.ts';
import { maintenance } from './maintenance/maintenance.ts';
import { maps } from './maps.ts';
import { me } from './me.ts';
import { noChange } from './no-change.ts';
import { overrides } from './overrides.ts';
import { components } from './pages/components.ts';
import { pages } from './pages/pages.ts';
import { people } from './people.ts';
import { person } from './person.ts';
import { pictures } from './pictures.ts';
import { policy } from './policy.ts';
import { postmortem } from './postmortem.ts';
import { rating } from './rating.ts';
import { record } from './record.ts';
import { report } from './report.ts';
import { sendToSetUp, setUp } from './set-up.ts';
import { settings } from './settings.ts';
import { drawDoor, signIn, signOutRoute } from './sign-in.ts';
import { connectSso, signInBySso } from './sso.ts';
import { subscribers } from './subscribers.ts';
import { templates } from './templates.ts';

/** The console. Everything works by links and forms; the module only makes it faster and live. */
export async function desk(
  app: FastifyInstance,
  { ports, live }: { ports: Ports; live: Live },
): Promise<void> {
  const { store, now } = ports.base;
  app.decorateRequest('seq', null);
  const feed = openFeed(store, now, (error) => app.log.error({ err: error }, 'desk feed'));
  app.addHook('onClose', async () => feed.close());
  const screens: Desk = { ports, live, r: store.read, assets: assets(), presence: feed.presence };

  serveAssets(app);
  signIn(app, screens);
  signInBySso(app, screens);
  invitation(app, screens);
  askLink(app, screens);
  await app.register(async (inner) => {
    // After the body was read: what a person wrote while their session ended is on the page they get.
    inner.addHook('preHandler', async (request) => {
      if (mustKnow(request).token.kind !== 'session')
        throw forbidden('The desk is for people. Programs use the API at /api/v1, where tokens have scopes.');
    });
    inner.addHook('preHandler', sendToSetUp);
    // Where approvers need a second factor, whoever has none is let in to set one up, and to nothing else.
    inner.addHook('preHandler', sendToEnrol(store.read));
    // Before the screen is read: whatever comes after this number is news to it, also while it travels.
    inner.addHook('preHandler', async (request) => {
      if (request.method === 'GET') request.seq = await feed.seq();
    });
    serveFeed(inner, feed);
    signOutRoute(inner, screens);
    board(inner, screens);
    alerts(inner, screens);
    declare(inner, screens);
    incidents(inner, screens);
    maintenance(inner, screens);
    judgement(inner, screens);
    rating(inner, screens);
    facts(inner, screens);
    noChange(inner, screens);
    report(inner, screens);
    record(inner, screens);
    compose(inner, screens);
    amend(inner, screens);
    approve(inner, screens);
    overrides(inner, screens);
    deliveries(inner, screens);
    inbox(inner, screens);
    connections(inner, screens);
    connectAccounts(inner, screens);
    connectBySignIn(inner, screens);
    people(inner, screens);
    person(inner, screens);
    me(inner, screens);
    connectSso(inner, screens);
    setUp(inner, screens);
    templates(inner, screens);
    heartbeat(inner, screens);
    maps(inner, screens);
    advice(inner, screens);
    subscribers(inner, screens);
    pages(inner, screens);
    components(inner, screens);
    pictures(inner, screens);
    postmortem(inner, screens);
    settings(inner, screens);
    policy(inner, screens);
    commands(inner, screens);
  });
}

/** What a person may have been writing when a request failed; never what they entered as a secret. */
const WRITTEN: Record<string, string> = {
  title: 'Title',
  objective: 'Objective',
  care: 'Care',
  known: 'Know',
  unknown: 'Don’t know',
  doing: 'Doing',
  action: 'Do now',
  body: 'Text',
  nextUpdateBy: 'Next update by',
  reason: 'Reason',
  sentence: 'What happens if it waits',
  answer: 'Answer',
  checked: 'We checked',
  url: 'Address',
};

const HEADINGS: Record<number, string> = {
  400: 'This cannot be done',
  401: 'You are not signed in',
  403: 'You may not do this',
  404: 'There is nothing here',
  409: 'It has changed meanwhile',
  429: 'Too fast',
  503: 'Not now',
};

/** The screen a request came from: its own address, or that of the page whose form it was. */
function screenOf(request: FastifyRequest): string {
  if (request.method === 'GET') return request.url.split('?')[0] ?? '';
  const from = request.headers.referer ?? '';
  return URL.canParse(from) && new URL(from).host === request.host ? new URL(from).pathname : '';
}

/** The page a person gets when a request of the desk failed. What they had written is on it, to be copied. */
export function drawDeskError(
  answer: Answer,
  request: FastifyRequest,
  reply: FastifyReply,
  ports: Ports,
): string {
  const form = (request.method === 'POST' && typeof request.body === 'object' ? request.body : {}) as Form;
  const written = Object.entries(WRITTEN)
    .map(([name, label]) => ({ label, text: text(form ?? {}, name) }))
    .filter((x) => x.text.trim() !== '');
  const unknown = answer.status === 401;
  // After signing in they are back where they were; the words they had typed are kept there for them.
  if (unknown) rememberWay(reply, screenOf(request), ports.secureCookies);
  const atDoor = /\/(sign-in|invitation)\//.test(request.url);
  // Nothing was written and nothing else can be done here: the way in itself.
  if (unknown && request.method === 'GET' && !atDoor && !request.half)
    return drawDoor(
      { ports, assets: assets() },
      request,
      {},
      null,
      request.cookies[cookieName(ports.secureCookies)] !== undefined,
    );
  const heading = HEADINGS[answer.status] ?? 'Something went wrong';
  return renderMessage({
    frame: { ...bareFrame(ports, assets(), request), title: heading },
    heading,
    words: unknown && !atDoor ? 'You have not signed in yet, or it was too long ago.' : answer.body.message,
    steps: unknown
      ? [
          'No way in? Ask an admin of this desk for a sign-in link: they make one under “People”.',
          'Or, on the server, run: npx tocsin sign-in your@address',
          'Each link works once, for 30 minutes.',
        ]
      : [],
    action: unknown ? { href: '/desk/sign-in', label: 'Sign in' } : { href: '/desk', label: 'To the board' },
    written,
  });
}
