import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { openChromium } from '../chromium.ts';
import { collect, comeIn, pressYes } from './devices.ts';
import { ask, idIn, openHouse, sayYes } from './house.ts';

const WRONG = 'All card payments fail.';
const RIGHT = 'Some card payments fail.';
const NOTE = 'We said all card payments; it is some.';

const house = await openHouse({ networks: true });
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

const complaints: string[] = [];
const enter = async (context: BrowserContext, path: string): Promise<Page> =>
  comeIn(collect(complaints, await context.newPage()), house.url + path);

async function holdYes(page: Page): Promise<void> {
  await pressYes(page);
  await page.waitForURL('**/deliveries');
}

t.test('a mistake is put right on every network by two people', async (t) => {
  const author = await house.enter(house.dana);
  const wrong = await ask(author, { known: WRONG }, 'Card payments failing');
  const desktop = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const dana = await enter(desktop, await house.link(house.dana));
  const marcus = await enter(phone, await house.link(house.marcus));
  await marcus.goto(`${house.url}/desk/approvals/${wrong}`);
  await holdYes(marcus);
  const every = (house.simulator?.accounts.length ?? 1) - 1;
  await marcus.locator('.strips .st.good').nth(every).waitFor();

  const reader = await browser.newPage();
  await reader.goto(house.url);
  t.match(await reader.locator('h1').textContent(), WRONG);

  await dana.goto(`${house.url}/desk/updates/${wrong}/deliveries`);
  await dana.getByRole('link', { name: 'Correct…' }).click();
  await dana.waitForURL('**/correct');
  const plan = dana.locator('.plan');
  t.ok(
    await plan.getByText('The post itself is changed').first().isVisible(),
    'what will be done is said first',
  );
  t.ok(await plan.getByText('an answer to it puts it right').first().isVisible());
  await dana.getByLabel('What was wrong').fill(NOTE);
  await dana.keyboard.press('Control+Enter');
  await dana.waitForURL(/\/desk\/updates\/[^/]+$/);
  t.equal(
    await dana.getByLabel('Know', { exact: true }).inputValue(),
    WRONG,
    'the wrong words are there to be changed',
  );
  await dana.getByText('These are the same words as before').first().waitFor();
  await dana.getByLabel('Know', { exact: true }).fill(RIGHT);
  await dana.locator('#rends .rend').first().getByText(`Correction: ${NOTE}`).waitFor();
  await dana.getByLabel('Know', { exact: true }).press('Control+Enter');
  await dana.waitForURL('**/desk/approvals/*');

  await marcus.goto(dana.url());
  const amending = marcus.locator('#amending');
  t.match(await amending.textContent(), NOTE, 'the approver reads what was wrong');
  t.ok(await amending.getByText('The post itself is changed').first().isVisible(), 'and the plan');
  await marcus.goto(`${dana.url()}#changed`);
  t.ok(await marcus.locator('#changed del', { hasText: 'All' }).first().isVisible(), 'and old beside new');
  t.ok(await marcus.locator('#changed ins', { hasText: 'Some' }).first().isVisible());
  await marcus.goto(dana.url().replace(/[?#].*$/, ''));
  await holdYes(marcus);
  await marcus.locator('.strips .st.good').nth(every).waitFor();

  await reader.getByText(NOTE).first().waitFor();
  t.match(await reader.locator('h1').textContent(), RIGHT, 'an open page changes by itself');
  await reader.getByText('What we wrote before').click();
  t.ok(
    await reader.locator('#timeline details del', { hasText: WRONG }).isVisible(),
    'the old words stay readable',
  );

  await dana.goto(`${house.url}/desk/updates/${wrong}/retract`);
  await dana.getByLabel('Why it is taken back').fill('Nothing of it was so.');
  await dana.keyboard.press('Control+Enter');
  await dana.waitForURL(/\/desk\/updates\/[^/]+$/);
  t.equal(await dana.getByLabel('Know', { exact: true }).count(), 0, 'a retraction says one thing');
  await dana.locator('#rends .rend').first().getByText('Retracted: Nothing of it was so.').waitFor();
  t.same(complaints, []);
  await desktop.close();
  await phone.close();
});

t.test('taking posts off networks is offered to approvers, and only where the page allows it', async (t) => {
  const author = await house.enter(house.dana);
  const marcus = await house.enter(house.marcus);
  const id = await ask(author, { known: 'All refunds fail.' }, 'Refunds fail for now');
  await sayYes(marcus, id);
  const offered = async (who: typeof marcus) =>
    /name="remove"/.test((await who.get(`/desk/updates/${id}/retract`)).body);
  t.notOk(await offered(marcus), 'not by itself');
  const refused = await marcus.post(`/desk/updates/${id}/retract`, { note: 'It is harmful.', remove: 'yes' });
  t.equal(refused.status, 403);
  await marcus.post(`/desk/pages/${house.page.id}/policy`, {
    proof: ['A'],
    alone: ['A', 'D'],
    mayRemove: 'yes',
  });
  t.ok(await offered(marcus));
  t.notOk(await offered(author), 'an author cannot ask for it');
  const draft = await marcus.post(`/desk/updates/${id}/retract`, { note: 'It is harmful.', remove: 'yes' });
  t.equal(draft.status, 303);
  t.match((await marcus.get(`/desk/updates/${idIn(draft.to)}`)).body, 'Retraction, posts taken off');
});
