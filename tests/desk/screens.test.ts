import { AxeBuilder } from '@axe-core/playwright';
import t from 'tap';
import { listOpenMentions } from '../../db/queries/mentions.ts';
import { newId } from '../../src/ids.ts';
import { keep } from '../../src/inbox/keep.ts';
import { openChromium } from '../chromium.ts';
import { ask, idIn, openHouse, sayYes, words } from './house.ts';

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
        const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
        const { violations } = await (colorScheme === 'dark'
          ? axe.withRules(['color-contrast'])
          : axe
        ).analyze();
        t.same(
          violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`),
          [],
          `${colorScheme} ${width} ${path}`,
        );
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
