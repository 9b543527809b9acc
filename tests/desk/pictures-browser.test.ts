import type { BrowserContextOptions, Page } from 'playwright-core';
import t from 'tap';
import type { Person } from '../../db/queries/people.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { noise, photo, png } from '../pictures.ts';
import { collect, comeIn } from './devices.ts';
import { fieldOf, idIn, openHouse, sayYes, words } from './house.ts';

const house = await openHouse();
await house.plug('Mastodon');
await house.plug('X', 'x');
await house.plug('Telegram', 'telegram');
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

const complaints: string[] = [];
async function enter(person: Person, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  return comeIn(collect(complaints, await context.newPage()), house.url + (await house.link(person)));
}
const clean = async (page: Page, name: string) => t.same(await faultsOf(page), [], `axe: ${name}`);
const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
/** Presses Tab until something is focused; never more often than a patient person would. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 80; i += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`nobody gets to ${selector} by keyboard`);
}

const dana = await house.enter(house.dana);
async function draft(): Promise<string> {
  const declared = await dana.post('/desk/declare', { title: 'Cards fail', kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const open = await dana.get(`/desk/updates/${id}`);
  await dana.post(
    `/desk/updates/${id}`,
    words(fieldOf(open.body, 'version'), { nextUpdateBy: fieldOf(open.body, 'nextUpdateBy') }),
  );
  return id;
}

const ALT = 'A notice on a shop door: cash only today.';
const id = await draft();

t.test('a picture is attached and described with the keyboard alone', async (t) => {
  const page = await enter(house.dana);
  await page.goto(`${house.url}/desk/updates/${id}?edit`);
  await page.locator('#f-known').focus();
  await page.locator('#f-known').press('End');
  await page.keyboard.type(' Shops put up notices.');
  await tabTo(page, '#f-picture');
  // What opens here is the browser's own dialog; what it gives back lands in the field that has the focus.
  await page
    .locator('input[type=file]:focus')
    .setInputFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: photo() });
  await page.getByText('Press Attach').waitFor();
  await tabTo(page, '[data-attach]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#f-alt-/);
  t.ok(
    await page.evaluate(() => document.activeElement?.id.startsWith('f-alt-')),
    'the next key press describes it',
  );
  t.match(await page.locator('#f-known').inputValue(), /Shops put up notices\./, 'what was typed came along');
  await page.getByText('A picture has no description').first().waitFor();
  await page.keyboard.type(ALT);
  await page.locator('#l-media .lint').waitFor({ state: 'detached' });
  const shown = page.locator('.rend', { hasText: 'Mastodon' }).locator('.shots img');
  await page.waitForFunction(
    (alt) => document.querySelector('.rend .shots img')?.getAttribute('alt') === alt,
    ALT,
  );
  t.equal(await shown.getAttribute('alt'), ALT, 'the exact post shows it as it will be described');
  await page.getByText('No picture on Telegram: we send it the words').waitFor();
  await clean(page, 'the composer with a picture');
  await page.setViewportSize({ width: 320, height: 800 });
  t.equal(await sideways(page), 0, 'no sideways scroll on the smallest phone');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/approvals/);
  await page.context().close();
});

t.test('the approver sees picture and description on a phone, and the page keeps its place', async (t) => {
  const page = await enter(house.marcus, {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
  });
  await page.goto(`${house.url}/desk/approvals/${id}`);
  const picture = page.getByRole('img', { name: ALT }).first();
  await picture.waitFor();
  t.ok(await page.getByText('For people who cannot see it').first().isVisible());
  t.ok(((await picture.boundingBox())?.width ?? 0) <= 390);
  t.equal(await sideways(page), 0);
  await clean(page, 'the approval with a picture');
  await page.context().close();

  await sayYes(await house.enter(house.marcus), id);
  await house.app.live.settled();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const reader = await context.newPage();
  // A picture that never comes keeps the place it would have had.
  await reader.route('**/files/**', () => undefined);
  await reader.goto(`${house.url}/`, { waitUntil: 'commit' });
  const img = reader.getByRole('img', { name: ALT });
  await img.waitFor({ state: 'attached' });
  await img.scrollIntoViewIfNeeded();
  const box = await img.boundingBox();
  t.ok(
    box && Math.abs(box.width / box.height - 64 / 96) < 0.05,
    `${box?.width} × ${box?.height} is kept free`,
  );
  await reader.unroute('**/files/**');
  await reader.goto(`${house.url}/`);
  await img.scrollIntoViewIfNeeded();
  await reader.waitForFunction(() => {
    const shown = document.querySelector<HTMLImageElement>('#pictures img');
    return shown?.complete === true && shown.naturalWidth > 0;
  });
  t.equal(await sideways(reader), 0);
  await clean(reader, 'the page with a picture');
  await context.close();
});

t.test('what is too large is made smaller before it is sent, and what is pasted is put in', async (t) => {
  const page = await enter(house.dana);
  const other = await draft();
  await page.goto(`${house.url}/desk/updates/${other}?edit`);
  const large = noise(2_600, 1_800);
  t.ok(large.length > 4_000_000);
  await page.locator('#f-picture').setInputFiles({ name: 'large.png', mimeType: 'image/png', buffer: large });
  await page.getByText(/Made smaller: 4\.\d MB to/).waitFor();
  await page.locator('[data-attach]').click();
  await page.waitForURL(/#f-alt-/);
  await page.getByText(/JPEG, 2048 × \d+|JPEG, 1600 × \d+|JPEG, 1200 × \d+/).waitFor();

  await page.evaluate(
    (bytes) => {
      const list = new DataTransfer();
      list.items.add(new File([new Uint8Array(bytes)], 'shot.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: list, bubbles: true }));
    },
    [...png(77)],
  );
  t.equal(
    await page.evaluate(() => document.querySelector<HTMLInputElement>('#f-picture')?.files?.[0]?.name),
    'shot.png',
  );
  await page.locator('[data-attach]').click();
  await page.getByText('What picture 2 shows').waitFor();
  await page.getByRole('button', { name: /Take it away.*picture 1/ }).click();
  await page.waitForURL(/#f-media/);
  t.equal(await page.locator('.pic').count(), 1);
  await page.context().close();
});

t.test('nothing went wrong in a browser', async (t) => {
  t.same(complaints, []);
});
