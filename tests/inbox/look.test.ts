import t from 'tap';
import { changeDelivery } from '../../db/queries/deliveries.ts';
import { listOpenMentions, listReplies } from '../../db/queries/mentions.ts';
import { newId } from '../../src/ids.ts';
import { keep } from '../../src/inbox/keep.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { ask, openHouse, sayYes } from '../desk/house.ts';

const house = await openHouse();
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

const TEXTS = [
  'My card payment fails at your shop, is it down?',
  'card payments fail again?!',
  'Why do card payments fail since 14:00?',
  'Card payment fails. What now?',
  'I was charged twice and want my money back',
  'Where do I find my receipts? I have looked everywhere, in the mail, in the app and on the web page as well.',
];

t.test('the inbox with all it can hold, both themes, desk and phone', async (t) => {
  const author = await house.enter(house.dana);
  const admin = await house.enter(house.marcus);
  const account = await house.plug('Mastodon');
  await sayYes(admin, await ask(author, {}, 'Card payments failing'));
  const { app } = house;
  const now = Date.now();
  await app.store.transact((w) =>
    keep(
      w,
      account,
      TEXTS.map((text, i) => ({
        id: `said-${i}`,
        url: `https://social.example/${i}`,
        at: now - (70 - i * 8) * 60_000,
        author: { id: `p${i}`, handle: `@person${i}@a-long-name.social.example`, name: `Person ${i}` },
        text,
        post: { id: `said-${i}`, url: null, raw: {} },
      })),
      { now, newId },
    ),
  );
  const [, , held, , charged, receipts] = await listOpenMentions(app.store.read, 10);
  await author.post(`/desk/inbox/${held?.id}/answer`, { text: 'We see it. Please try again later.' });
  const [row] = await listReplies(app.store.read, [held?.id ?? '']);
  await app.store.transact((w) =>
    changeDelivery(w, row!.delivery, {
      state: 'held',
      heldAt: now,
      reason: 'Nobody can say whether it is there.',
    }),
  );
  await author.post(`/desk/inbox/${charged?.id}/answer`, { text: 'You get a refund within the week.' });
  await admin.post(`/desk/inbox/${receipts?.id}/dismiss`, { reason: 'asked in the shop meanwhile' });
  const inbox = (await admin.get('/desk/inbox')).body;
  const draft = (/href="(\/desk\/inbox\?draft[^"]+)"/.exec(inbox)?.[1] ?? '')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&');
  t.match((await admin.get(draft.split('#')[0] ?? '')).body, /<textarea[^>]*>Some card payments fail/);
  const together = /\/desk\/inbox\/\w+\/together/.exec(inbox)?.[0] ?? '';
  t.match(inbox, 'Yes, send it');
  t.match(inbox, 'Nobody can say whether it is there.');
  const [name = '', value = ''] = admin.cookie.split('=');
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of [
      [1280, 900],
      [390, 844],
      [320, 700],
    ] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height } });
      await context.addCookies([{ name, value, url: house.url }]);
      const page = await context.newPage();
      for (const path of ['/desk/inbox', draft, together, '/desk']) {
        await page.goto(house.url + path);
        if (path === together) {
          await page.getByLabel('The answer').fill('There is no risk. It was probably rain in 4,711 places.');
          await page.getByRole('button', { name: 'Review' }).click();
          await page.getByText('None of the published').or(page.getByText('Warning')).first().waitFor();
        }
        t.same(await faultsOf(page), [], `${path} ${colorScheme} ${width}`);
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        t.ok(Number(wide) <= 0, `${path} does not scroll sideways at ${width}`);
      }
      await context.close();
    }
});
