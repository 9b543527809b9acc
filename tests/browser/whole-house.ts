import { connectAccount } from '../../src/actions/connect-account.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { type House, openHouse, pathIn } from '../subscribers/house.ts';

const CLI = { kind: 'cli', id: 'test', roles: [] } as const;
const MINUTE = 60_000;
export const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

export interface WholeHouse extends House {
  /** Path of every kind of page that the public can meet, by what it is. */
  paths: Record<string, string>;
}

/** The whole service with something on every kind of page that the public can meet. */
export async function openWholeHouse(): Promise<WholeHouse> {
  const house = await openHouse({
    env: { TRUST_PROXY: 'loopback' },
    page: { languages: ['en', 'de', 'ar'] },
  });
  const { app, page, parts, mail } = house;
  const ctx = app.ctx(CLI);
  for (const [channel, name] of [
    ['mastodon', '@northwind@social.example'],
    ['bluesky', '@northwind.example'],
    ['web_push', 'Browsers'],
  ] as const) {
    const id = ctx.newId();
    await connectAccount(ctx, {
      id,
      pageId: page.id,
      channel,
      name,
      role: 'status',
      settings: {},
      sealed: app.secrets.seal(`connections|${id}|sealed`, '{}'),
      template: 'post',
      verified: { account: name, url: null, limits: LIMITS, can: NETWORKS.findable },
    });
  }
  const over = await house.openIncident('Refunds were late');
  await house.say(over);
  await house.say(over, {
    status: 'resolved',
    nextUpdateBy: null,
    blocks: { known: 'Refunds are on time again.' },
  });
  await house.say(over, {
    status: 'postmortem',
    nextUpdateBy: null,
    blocks: {},
    body: 'A disk was full.\n\nWe now look at disks every minute.',
  });
  const work = await openIncident(app.ctx({ kind: 'person', id: 'x', roles: ['author'] }), {
    pageId: page.id,
    kind: 'maintenance',
    title: 'New database for payments',
    scheduledFor: Date.now() + 60 * MINUTE,
    scheduledUntil: Date.now() + 120 * MINUTE,
  });
  await house.say(work, {
    status: 'scheduled',
    nextUpdateBy: Date.now() + 60 * MINUTE,
    blocks: { known: 'We move payments to a new database.' },
  });
  const second = await house.openIncident('Search is slow');
  await house.say(second, {
    blocks: { known: 'Search is slow.', doing: 'We are looking into it.' },
    components: { [parts[1]!.id]: 'degraded_performance' },
  });
  const incident = await house.openIncident();
  const blocks = {
    care: 'We’re sorry: we know people are waiting.',
    known: 'Card payments fail for some customers. Refunds work.',
    unknown: 'When all of them will work.',
    doing: 'We follow http://status.northwind.example/pending closely.',
    action: 'Please pay by bank transfer.',
  };
  await house.say(incident, { blocks, components: { [parts[0]!.id]: 'major_outage' } });
  await house.say(incident, {
    blocks: { ...blocks, known: `Kartenzahlungen sind gestört. ${LONG} ist nicht betroffen.` },
    language: 'de',
  });
  const inner = await setUpPage(ctx, {
    name: 'Inner page',
    url: 'http://inner.northwind.example',
    slug: 'inner',
  });
  await setPageAccess(ctx, { passwords: openPasswords() }, inner.id, {
    password: 'four unrelated words here',
    emails: [],
    networks: [],
  });
  await app.live.settled();
  const manage = await house.join('reader@customer.example');
  await house.post('/subscribe', { by: 'email', address: 'new@customer.example' });
  const [letter] = await mail.waitFor('new@customer.example');
  const month = new Date().toISOString().slice(0, 7);
  return {
    ...house,
    paths: {
      page: '/',
      'page in German': '/de',
      'page from the right': '/ar',
      incident: `/incidents/${incident.id}`,
      'incident from the right': `/ar/incidents/${incident.id}`,
      report: `/incidents/${over.id}`,
      maintenance: `/incidents/${work.id}`,
      history: '/history',
      month: `/history?month=${month}`,
      search: '/history?q=refunds',
      'nothing found': '/history?q=zebra',
      ask: '/ask',
      'ask from the right': '/ar/ask',
      verify: '/verify',
      'verify from the right': '/ar/verify?q=Is%20this%20yours%3F',
      subscribe: '/subscribe',
      'subscribe from the right': '/ar/subscribe',
      'subscribe a browser': '/subscribe?by=web_push',
      'subscribe a program': '/subscribe?by=webhook',
      confirm: pathIn(letter!.text),
      manage,
      'old link': '/subscription/none',
      embed: '/embed/frame',
      wall: '/wall',
      'private door': '/inner',
      'not found': '/no/such/page',
      'not in the past': '/incidents/none',
      error: '/live',
      style: '/style',
    },
  };
}
