import type { Page } from 'playwright-core';
import t from 'tap';
import { listFacts } from '../../db/queries/facts.ts';
import { listOpenIncidents, listUpdates } from '../../db/queries/incidents.ts';
import { openChromium } from '../chromium.ts';
import { said } from '../inbox/said.ts';
import { comeIn } from './devices.ts';
import { ask, openHouse } from './house.ts';

/** News comes by itself: where somebody is on the screen, what they chose and what they had not yet done stays theirs. */
const house = await openHouse();
const connection = await house.plug('Mastodon');
const author = await house.enter(house.dana);
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});
async function enter(path: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await comeIn(page, house.url + (await house.link(house.marcus)));
  await page.goto(house.url + path);
  return page;
}
/** Runs `news`, and resolves when the part with this id has been put in anew. */
async function renewed(page: Page, id: string, news: () => Promise<unknown>): Promise<void> {
  await page.evaluate((part) => document.getElementById(part)?.setAttribute('data-old', ''), id);
  await news();
  await page.locator(`#${id}:not([data-old])`).waitFor({ state: 'attached' });
}
const focus = (page: Page) =>
  page.evaluate(() => ({
    text: document.activeElement?.textContent?.trim(),
    to: document.activeElement?.getAttribute('href'),
  }));

t.test('the focus stays on a link that has no name of its own, whatever comes before it', async (t) => {
  const id = await ask(author, {}, 'Cards fail');
  const page = await enter('/desk');
  await page.getByRole('link', { name: 'Read and decide Cards fail' }).focus();
  const before = await focus(page);
  t.equal(before.to, `/desk/approvals/${id}`);
  await renewed(page, 'wait', () => ask(author, {}, 'Transfers fail'));
  t.same(await focus(page), before);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/desk/approvals/${id}`);
  await page.context().close();
});

t.test('what was chosen and opened in the inbox is there when somebody presses the button', async (t) => {
  const asked = await said(house.app.store, connection, 'Is it down?', Date.now());
  const page = await enter('/desk/inbox');
  const one = page.locator(`#m-${asked}`);
  await one.getByText('What it is about').click();
  const choice = one.getByLabel('Incident', { exact: true });
  await choice.selectOption({ label: 'Transfers fail' });
  const chosen = await choice.inputValue();
  const keep = one.getByRole('button', { name: 'Keep', exact: true });
  await keep.focus();
  await renewed(page, 'inbox-open', () => ask(author, {}, 'Refunds fail'));
  t.equal(await choice.inputValue(), chosen, 'no other incident than the one that was chosen');
  t.match(await focus(page), { text: 'Keep' });
  t.ok(await keep.isVisible(), 'the box is still open');
  await page.keyboard.press('Enter');
  await one.getByRole('link', { name: 'Transfers fail' }).waitFor();
  await page.context().close();
});

t.test('a key that is kept down is one press', async (t) => {
  const id = await ask(author, {}, 'Held key');
  const page = await enter(`/desk/approvals/${id}`);
  const hold = page.locator('button.hold');
  await hold.focus();
  for (let i = 0; i < 4; i += 1) await page.keyboard.down('Enter');
  t.match(await hold.textContent(), 'Press again to approve', 'it asks, and goes on asking');
  await page.keyboard.up('Enter');
  const [incident] = (await listOpenIncidents(house.app.store.read, house.page.id)).filter(
    (i) => i.title === 'Held key',
  );
  t.match(await listUpdates(house.app.store.read, incident!.id), [{ state: 'in_review' }]);
  await page.context().close();
});

t.test('after a yes that could not be sent it takes another whole one', async (t) => {
  const id = await ask(author, {}, 'On a train');
  const page = await enter(`/desk/approvals/${id}`);
  const hold = page.locator('button.hold');
  await page.context().setOffline(true);
  await hold.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('This device is offline. Nothing was sent').waitFor();
  t.match(await hold.textContent(), 'Hold to approve', 'the button is as it was');
  await page.context().setOffline(false);
  const touched = await hold.evaluate((button) => {
    button.dispatchEvent(new MouseEvent('click', { detail: 1, bubbles: true, cancelable: true }));
    return button.textContent;
  });
  t.match(touched, 'Keep holding', 'a touch is no yes');
  t.match(page.url(), `/desk/approvals/${id}`);
  await page.context().close();
});

t.test('Escape closes what lies over the screen, and stops no release behind it', async (t) => {
  const page = await enter('/desk');
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<button aria-keyshortcuts="Escape">Stop</button>');
    document.body.lastElementChild?.addEventListener('click', () => {
      document.body.dataset['stopped'] = '';
    });
  });
  await page.keyboard.press('Control+k');
  const bar = page.getByRole('dialog', { name: 'Commands' });
  await bar.waitFor();
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'hidden' });
  t.equal(await page.locator('body[data-stopped]').count(), 0);
  await page.keyboard.press('Escape');
  await page.locator('body[data-stopped]').waitFor({ state: 'attached' });
  t.pass('the next one does');
  await page.context().close();
});

t.test('a fact is written down once, however often its button is pressed', async (t) => {
  const declared = await author.post('/desk/declare', { title: 'Twice', kind: 'incident', go: 'write' });
  const page = await enter(declared.to);
  // Nothing is answered before both presses were made.
  let answer = () => {};
  const pressed = new Promise<void>((done) => {
    answer = done;
  });
  let sent = 0;
  await page.route('**/facts', async (route) => {
    sent += 1;
    await pressed;
    await route.continue();
  });
  await page.getByText('Add a fact').click();
  await page.getByLabel('What', { exact: true }).fill('Customers affected');
  await page.getByLabel('Value', { exact: true }).fill('1 in 12');
  await page.getByRole('button', { name: 'Add it' }).dblclick();
  answer();
  await page.locator('#factlist', { hasText: '1 in 12' }).waitFor();
  t.equal(sent, 1);
  const incident = await listOpenIncidents(house.app.store.read, house.page.id);
  const facts = await listFacts(house.app.store.read, incident.find((i) => i.title === 'Twice')!.id);
  t.equal(facts.length, 1);
  await page.context().close();
});

t.test('an answer that is lost on its way is no refusal', async (t) => {
  const declared = await author.post('/desk/declare', {
    title: 'Lost answer',
    kind: 'incident',
    go: 'write',
  });
  const page = await enter(declared.to);
  await page.route('**/facts', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByText('Add a fact').click();
  await page.getByLabel('What', { exact: true }).fill('Customers affected');
  await page.getByLabel('Value', { exact: true }).fill('1 in 12');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('this may be done or not').waitFor();
  t.equal(await page.getByLabel('Value', { exact: true }).inputValue(), '1 in 12', 'what was written stays');
  await page.getByRole('link', { name: 'Load this screen anew' }).click();
  await page.locator('#factlist', { hasText: '1 in 12' }).waitFor();
  t.pass('and it was done');
  await page.context().close();
});

t.test('a browser that keeps nothing for a page still has a desk that works', async (t) => {
  const declared = await author.post('/desk/declare', { title: 'Kept out', kind: 'incident', go: 'write' });
  const page = await enter('/desk');
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  });
  await page.goto(house.url + declared.to);
  await page.getByText('Add a fact').waitFor();
  await page.keyboard.press('d');
  await page.waitForURL('**/desk/deliveries');
  t.same(complaints, [], 'no module failed');
  await page.context().close();
});
