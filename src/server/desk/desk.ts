import type { FastifyInstance } from 'fastify';
import { forbidden } from '../../domain/error.ts';
import type { Live } from '../../live/live.ts';
import type { Ports } from '../ports.ts';
import { mustKnow } from '../who.ts';
import { advice } from './advice.ts';
import { alerts } from './alerts.ts';
import { amend } from './amend/amend.ts';
import { approve } from './approve.ts';
import { askLink } from './ask-link.ts';
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
import type { Desk } from './frame.ts';
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
import { signIn, signOutRoute } from './sign-in.ts';
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
