import type { Page } from 'playwright-core';
import t from 'tap';
import { openChromium } from '../chromium.ts';
import { collect, comeIn } from './devices.ts';
import { ask, openHouse } from './house.ts';

/** What comes by itself never comes between a person's hand and what it reaches for. */
const house = await openHouse();
await house.plug('Mastodon');
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});
const complaints: string[] = [];
async function enter(path: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  return comeIn(collect(complaints, page), house.url + path);
}
/** When the screen has fetched itself anew and has had time to show it. */
const renewed = (page: Page) =>
  page
    .waitForResponse((r) => new URL(r.url()).pathname === '/desk' && r.request().resourceType() === 'fetch')
    .then(async (answer) => {
      await answer.finished();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    });

t.test('what is pressed while news comes gets its click, and the news comes after it', async (t) => {
  const author = await house.enter(house.dana);
  const first = await ask(author, {}, 'Cards fail');
  const page = await enter(await house.link(house.marcus));
  const link = page.getByRole('link', { name: 'Read and decide Cards fail' });
  await link.hover();
  await page.mouse.down();
  const news = renewed(page);
  await ask(author, {}, 'Transfers fail');
  await news;
  await page.mouse.up();
  await page.waitForURL(`**/desk/approvals/${first}`);
  t.pass('the link under the finger was followed');
  await page.goBack();

  const other = page.getByRole('link', { name: 'Read and decide Cards fail' });
  await other.hover();
  await page.mouse.down();
  const more = renewed(page);
  await ask(author, {}, 'Refunds fail');
  await more;
  await page.mouse.move(2, 2);
  await page.mouse.up();
  await page.getByRole('link', { name: 'Read and decide Refunds fail' }).waitFor();
  t.pass('and whoever thinks better of it sees the news at once');
  await page.context().close();
});

t.test('who types on while the last look at their words is under way', async (t) => {
  const author = await house.enter(house.dana);
  const declared = await author.post('/desk/declare', { title: 'Login slow', kind: 'incident', go: 'write' });
  const page = await enter(await house.link(house.dana));
  // The first answer begins and never ends by itself.
  await page.addInitScript(() => {
    const { fetch } = window;
    let isFirst = true;
    window.fetch = async (address, options) => {
      if (!isFirst || !String(address).endsWith('/preview')) return fetch(address, options);
      isFirst = false;
      document.documentElement.dataset['began'] = '';
      return new Response(
        new ReadableStream({
          start: (body) =>
            options?.signal?.addEventListener('abort', () => body.error(options.signal?.reason)),
        }),
      );
    };
  });
  await page.goto(house.url + declared.to);
  const known = page.getByLabel('Know', { exact: true });
  await known.fill('Some people');
  await page.locator('html[data-began]').waitFor();
  await known.fill('Some people cannot sign in.');
  await page.locator('#rends .rend', { hasText: 'Some people cannot sign in.' }).first().waitFor();
  t.same(complaints, [], 'no script failed');
  await page.context().close();
});
