import t from 'tap';
import { listOpenMentions } from '../../db/queries/mentions.ts';
import { changePerson } from '../../db/queries/people.ts';
import { FIRST_ADDRESS } from '../../src/actions/sign-in/set-up-first.ts';
import { newId } from '../../src/ids.ts';
import { keep } from '../../src/inbox/keep.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { RIGHTS } from '../server/rights.ts';
import { ask, idIn, openHouse, sayYes, words } from './house.ts';

/** Screens that a test of their own holds to the same, because much has to happen first; and what is no screen. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '/desk/inbox/:id/together': 'tests/inbox/look',
  '/desk/sign-in': 'the door below',
  '/desk/sign-in/second': 'one template with /desk/sign-in',
  '/desk/invitation/:secret': 'the door below',
  '/desk/set-up': 'the door below',
  '/desk/overrides/:id': 'tests/desk/judging-browser',
  '/desk/updates/:id/override': 'tests/desk/judging-browser',
  '/desk/updates/:id/retract': 'one template with /correct',
  '/desk/me/sso': 'leads away',
  '/desk/sign-in/sso': 'leads away',
  '/desk/sign-in/sso/back': 'leads on',
  '/desk/connections/back': 'leads on',
  '/desk/approvals/link/:secret': 'leads on',
  '/desk/live': 'a socket',
  '/desk/pictures/:id': 'a picture',
  '/desk/commands': 'for a program',
  '/desk/audit-head': 'for a program',
};

const house = await openHouse();
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

t.test('every screen, both themes, desk and phone', async (t) => {
  const author = await house.enter(house.dana);
  const admin = await house.enter(house.marcus);
  const waiting = await ask(author, { doing: 'Everything will be fixed by 15:00.' }, 'Waiting for a yes');
  const draft = idIn(
    (await author.post('/desk/declare', { title: 'Being written', kind: 'incident', go: 'write' })).to,
  );
  await author.post(`/desk/updates/${draft}`, {
    ...words(1, { known: 'See https://elsewhere.example/x.', doing: 'There is nothing to worry about.' }),
    do: 'save',
  });
  const late = await author.post(`/desk/updates/${draft}`, {
    ...words(9, { known: 'x'.repeat(500) }),
    do: 'save',
  });
  t.equal(late.status, 409);
  await house.plug('Mastodon');
  await house.plug('X', 'x');
  await sayYes(admin, await ask(author, {}, 'Card payments failing'));
  const list = await admin.get('/desk/deliveries');
  const sent = /\/desk\/updates\/\w+\/deliveries/.exec(list.body)?.[0] ?? '';
  const incident = /\/desk\/incidents\/\w+/.exec((await admin.get('/desk/incidents')).body)?.[0] ?? '';
  await admin.post('/desk/templates/library', { page: house.page.id });
  const template =
    /\/desk\/templates\/(?!new|library)\w+/.exec((await admin.get('/desk/templates')).body)?.[0] ?? '';
  const planned = idIn(
    (
      await author.post('/desk/maintenance', {
        title: 'New database',
        known: 'We move.',
        scheduledFor: '2099-11-29 02:00',
        scheduledUntil: '2099-11-29 04:00',
        reminders: '3600000',
        autoStart: '1',
      })
    ).to,
  );
  const work =
    /\/desk\/incidents\/\w+(?=">New database)/.exec((await admin.get('/desk/incidents')).body)?.[0] ?? '';
  await admin.post('/desk/maps', {
    page: house.page.id,
    question: 'Was I charged?',
    m1: 'A payment that fails is not charged.',
    s1: 'The ledger says so.',
  });
  const map = /\/desk\/maps\/(?!new)\w+/.exec((await admin.get('/desk/maps')).body)?.[0] ?? '';
  t.match(map, /maps/);
  const screens = [
    '/desk',
    '/desk/declare',
    '/desk/incidents',
    incident,
    `/desk/updates/${draft}`,
    '/desk/approvals',
    `/desk/approvals/${waiting}`,
    `/desk/approvals/${waiting}#changed`,
    '/desk/deliveries',
    sent,
    '/desk/templates',
    '/desk/templates/new',
    template,
    `/desk/declare?template=${template.split('/').at(-1)}`,
    `${incident}/report`,
    `${incident}/no-change`,
    '/desk/me',
    '/desk/connections',
    '/desk/connections/add/mastodon',
    '/desk/people',
    '/desk/subscribers',
    '/desk/settings',
    `/desk/pages/${house.page.id}`,
    `/desk/pages/${house.page.id}/components`,
    '/desk/policy',
    '/desk/maps',
    '/desk/maps/new',
    map,
    '/desk/advice?cause=us&preventable=1',
    `${incident}/facts`,
    `${incident}/record`,
    sent.replace('deliveries', 'correct'),
    `/desk/pages/${house.page.id}/components`,
    '/desk/maintenance/new',
    `/desk/updates/${planned}/plan`,
    work,
    '/desk/help',
    '/desk/nowhere',
    '/desk/sign-in/abc',
  ];
  const account = await house.plug('Facebook', 'facebook');
  const said = {
    id: 'said-1',
    url: 'https://social.example/1',
    at: Date.now(),
    author: { id: '7', handle: '@mira' },
  };
  await house.app.store.transact((w) =>
    keep(w, account, [{ ...said, text: 'Is it down?', post: { id: 'said-1', url: null } }], {
      now: Date.now(),
      newId,
    }),
  );
  const [heard] = await listOpenMentions(house.app.store.read, 1);
  await house.app.store.transact((w) =>
    keep(w, account, [{ ...said, id: 'said-2', text: 'Thanks!', post: { id: 'said-2', url: null } }], {
      now: Date.now(),
      newId,
    }),
  );
  await admin.post(`/desk/inbox/${heard?.id}/dismiss`, { reason: 'thanks' });
  screens.push('/desk/inbox', `/desk/connections/${account.id}`, '/desk/connections/add/telegram');
  const covered = (url: string) =>
    screens.some((path) =>
      new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`).test(path.split(/[?#]/)[0] ?? ''),
    );
  t.same(
    Object.keys(RIGHTS).filter((route) => {
      const url = route.replace('GET ', '');
      return /^GET \/desk/.test(route) && !url.includes('-:hash') && !(url in ELSEWHERE) && !covered(url);
    }),
    [],
    'a new screen: put it into the list above, or say what looks at it',
  );
  const [name = '', value = ''] = admin.cookie.split('=');
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height } });
      await context.addCookies([{ name, value, url: house.url }]);
      const page = await context.newPage();
      for (const path of screens) {
        await page.goto(house.url + path);
        // A theme changes colours and nothing else, so the dark one needs the one rule that looks at them.
        const faults = await faultsOf(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
        t.same(faults, [], `${colorScheme} ${width} ${path}`);
      }
      await context.close();
    }
  const narrow = await browser.newContext({ viewport: { width: 320, height: 700 } });
  await narrow.addCookies([{ name, value, url: house.url }]);
  const page = await narrow.newPage();
  for (const path of screens) {
    await page.goto(house.url + path);
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `320 px ${path}`);
  }
  await narrow.close();
});

t.test('the door: the first set-up, an invitation, signing in', async (t) => {
  const first = await house.add('Administrator', ['admin', 'author', 'approver']);
  await house.app.store.transact((w) => changePerson(w, first.id, { email: FIRST_ADDRESS }));
  const admin = await house.enter({ ...first, email: FIRST_ADDRESS });
  const marcus = await house.enter(house.marcus);
  const invited = await marcus.post('/desk/people', {
    name: 'Ines Duarte with a very long name that goes on and on',
    email: 'ines@northwind.example',
    role: 'approver',
  });
  const link = /\/desk\/invitation\/[\w-]+/.exec(invited.body)?.[0] ?? '';
  const [name = '', value = ''] = admin.cookie.split('=');
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 390, 320]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 } });
      const page = await context.newPage();
      for (const path of ['/desk', '/desk/sign-in', '/desk/sign-in/abc', link, '/desk/set-up']) {
        if (path === '/desk/set-up') await context.addCookies([{ name, value, url: house.url }]);
        await page.goto(house.url + path);
        t.equal(await page.locator('button.main-act').count(), 1, `one thing to do: ${path}`);
        t.same(await faultsOf(page), [], `${colorScheme} ${width} ${path}`);
        t.ok(
          (await page.evaluate(() => document.documentElement.scrollWidth)) <= width,
          `no sideways scroll: ${width} ${path}`,
        );
      }
      await context.close();
    }
});
