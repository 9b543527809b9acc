import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { openChromium } from '../chromium.ts';
import { collect, comeIn } from './devices.ts';
import { ask, idIn, openHouse, words } from './house.ts';

const house = await openHouse({ networks: true });
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

const complaints: string[] = [];
/** A window whose errors and broken policies fail the test. */
const open = async (context: BrowserContext): Promise<Page> => collect(complaints, await context.newPage());
const enter = async (context: BrowserContext, path: string): Promise<Page> =>
  comeIn(await open(context), house.url + path);

t.test('two people, from declared to approved', async (t) => {
  const desktop = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const dana = await enter(desktop, await house.link(house.dana));
  const marcus = await enter(phone, await house.link(house.marcus));

  await dana.keyboard.press('!');
  await dana.waitForURL('**/desk/declare');
  await dana.getByLabel('What is happening?').fill('Card payments failing');
  await dana.keyboard.press('Control+Enter');
  await dana.waitForURL('**/desk/updates/*');
  t.ok(
    await dana.getByText('Only the desk knows').isVisible(),
    'declared with one key, a title and Ctrl Enter',
  );

  await dana.getByLabel('Know', { exact: true }).fill('Some card payments fail since 14:09 UTC.');
  await dana.locator('#rends .rend').first().waitFor();
  const length = dana.locator('#rends .index li', { hasText: '/ 280' });
  const shorter = await length.textContent();
  await dana.getByLabel('Know', { exact: true }).pressSequentially(' Refunds work.');
  await dana.locator('#rends .rend').first().getByText('Refunds work.').waitFor();
  t.not(await length.textContent(), shorter, 'lengths are counted anew');
  t.match(
    await dana.locator('#rends').textContent(),
    'Refunds work.',
    'the exact words follow what is typed',
  );
  t.equal(await dana.evaluate(() => document.activeElement?.id), 'f-known', 'without taking the cursor away');
  await dana.getByRole('button', { name: '+20' }).click();
  const next = await dana.getByLabel('Next update by').inputValue();
  await dana
    .getByText(new RegExp(`Next update by ${next} UTC[^.]*\\.`))
    .first()
    .waitFor();
  await dana.getByText('Nothing in the way').waitFor();

  const asks = marcus.getByRole('link', { name: 'Read and decide Card payments failing' });
  t.equal(await asks.count(), 0);
  await dana.getByLabel('Know', { exact: true }).press('Control+Enter');
  await dana.waitForURL('**/desk/approvals/*');
  await asks.waitFor();
  t.pass('the approver’s board asks him without being loaded again');
  await asks.click();
  await marcus.waitForURL('**/desk/approvals/*');
  // He is announced a moment after his page is there.
  const sheSees = dana.getByText('Marcus Lee is looking too');
  while (!(await sheSees.isVisible())) await dana.reload();
  t.ok(await sheSees.isVisible(), 'and she sees that he looks');

  const hold = marcus.locator('button.hold');
  t.ok(await hold.isVisible());
  t.ok(
    await marcus.getByText('We promise an update by').isVisible(),
    'promise and verdict are on the first screen',
  );
  await hold.click();
  t.match(await hold.textContent(), 'Keep holding', 'a tap is not a yes');
  await hold.hover();
  await marcus.mouse.down();
  await marcus.waitForURL('**/deliveries');
  await marcus.mouse.up();
  await marcus.getByText('Approved and published').waitFor();
  await dana.getByText('It is approved and public').waitFor();
  t.notOk(await dana.locator('#acts').isVisible(), 'what nobody can press any more is gone');

  await marcus.locator('.strips .st.good').first().waitFor();
  await marcus
    .locator('.strips .st.good')
    .nth((house.simulator?.accounts.length ?? 1) - 1)
    .waitFor();
  t.pass('every network delivers while he looks');
  const board = await open(desktop);
  await board.goto(`${house.url}/desk`);
  const left = board.locator('.inc [data-until]').first();
  const was = (await left.textContent()) ?? '';
  await board.locator('.inc [data-until]', { hasNotText: was }).first().waitFor();
  t.match(await left.textContent(), /^\d\d:\d\d$/, 'the promise counts down');
  await desktop.close();
  await phone.close();
});

t.test('what happens while a screen is on its way is on it', async (t) => {
  const author = await house.enter(house.dana);
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const marcus = await enter(phone, await house.link(house.marcus));
  // His socket opens only after the question was asked; his screen was made before.
  const opening = Promise.withResolvers<() => void>();
  await marcus.routeWebSocket('**/desk/live*', (socket) =>
    opening.resolve(() => void socket.connectToServer()),
  );
  await marcus.reload();
  const open = await opening.promise;
  const desktop = await browser.newContext();
  const lena = await enter(desktop, await house.link(await house.add('Lena Moreau', ['approver'])));
  await ask(author, {}, 'Statements late');
  const question = { name: 'Read and decide Statements late' };
  await lena.getByRole('link', question).waitFor();
  const asks = marcus.getByRole('link', question);
  t.equal(await asks.count(), 0, 'the desk of others has long heard of it');
  open();
  await asks.waitFor();
  t.pass('the opening socket says how far the desk has come');
  await desktop.close();
  await phone.close();
});

t.test('approving by keyboard is two presses', async (t) => {
  const author = await house.enter(house.dana);
  const id = await ask(author, {}, 'Transfers delayed');
  const context = await browser.newContext();
  const marcus = await enter(context, await house.link(house.marcus));
  await marcus.goto(`${house.url}/desk/approvals/${id}`);
  const hold = marcus.locator('button.hold');
  await hold.focus();
  await marcus.keyboard.press('Enter');
  t.match(await hold.textContent(), 'Press again to approve');
  t.match(marcus.url(), `/desk/approvals/${id}`, 'one press is not a yes');
  await marcus.keyboard.press('Enter');
  await marcus.waitForURL('**/deliveries');
  await context.close();
});

t.test('what changes under an approver cannot be approved', async (t) => {
  const author = await house.enter(house.dana);
  const id = await ask(author, {}, 'Refunds slow');
  const context = await browser.newContext();
  const marcus = await enter(context, await house.link(house.marcus));
  await marcus.goto(`${house.url}/desk/approvals/${id}`);
  const draft = await author.get(`/desk/updates/${id}?edit`);
  const version = /name="version" value="(\d+)"/.exec(draft.body)?.[1] ?? '';
  const next = /name="nextUpdateBy" value="([^"]+)"/.exec(draft.body)?.[1] ?? '';
  await author.post(`/desk/updates/${id}`, {
    ...words(version, { known: 'Other words.', nextUpdateBy: next }),
    do: 'request',
  });
  await marcus.getByText('These words have changed').waitFor();
  t.equal(await marcus.locator('button.hold').getAttribute('aria-disabled'), 'true');
  t.notMatch(
    await marcus.locator('#text').textContent(),
    'Other words.',
    'nor are other words put under his eyes',
  );
  await marcus.getByRole('link', { name: 'Load them again' }).click();
  await marcus.getByText('Other words.').first().waitFor();
  await context.close();
});

t.test('a writer is told of another, and keeps what they typed', async (t) => {
  const ines = await house.enter(await house.add('Ines Moreau', ['author']));
  const context = await browser.newContext();
  const dana = await enter(context, await house.link(house.dana));
  const visitor = await house.enter(house.dana);
  const id = idIn(
    (await visitor.post('/desk/declare', { title: 'Login slow', kind: 'incident', go: 'write' })).to,
  );
  await dana.goto(`${house.url}/desk/updates/${id}`);
  await dana.getByLabel('Know', { exact: true }).fill('Dana is writing this.');
  await ines.post(`/desk/updates/${id}`, { ...words(1, { known: 'Ines was faster.' }), do: 'save' });
  await dana.getByText('Somebody else saved this update meanwhile').waitFor();
  t.equal(await dana.getByLabel('Know', { exact: true }).inputValue(), 'Dana is writing this.');
  await dana.getByRole('button', { name: 'Save and preview' }).click();
  await dana.getByText('Ines Moreau saved this update while you were writing').waitFor();
  t.equal(await dana.getByLabel('Know', { exact: true }).inputValue(), 'Dana is writing this.');
  await context.close();
});

t.test('without JavaScript', async (t) => {
  const plain = { javaScriptEnabled: false } as const;
  const desktop = await browser.newContext({ ...plain, viewport: { width: 1440, height: 900 } });
  const phone = await browser.newContext({ ...plain, viewport: { width: 390, height: 844 } });
  const dana = await enter(desktop, await house.link(house.dana));
  await dana.getByRole('link', { name: 'Declare' }).first().click();
  await dana.getByLabel('What is happening?').fill('Dashboard down');
  await dana.getByRole('button', { name: 'Declare and write' }).click();
  await dana.getByLabel('Know', { exact: true }).fill('The dashboard does not open since 15:20 UTC.');
  await dana.getByRole('button', { name: '+30' }).click();
  t.ok(await dana.getByText('The dashboard does not open since 15:20 UTC. Next update').first().isVisible());
  await dana.getByRole('button', { name: 'Ask for approval' }).click();
  await dana.waitForURL('**/approvals/*');
  const marcus = await enter(phone, await house.link(house.marcus));
  await marcus.getByRole('link', { name: 'Read and decide Dashboard down' }).click();
  await marcus.getByRole('link', { name: 'Page', exact: true }).click();
  t.ok(await marcus.getByRole('heading', { name: 'On the status page' }).isVisible(), 'its tabs are links');
  await marcus.locator('button.hold').click();
  await marcus.waitForURL('**/deliveries?said=released');
  t.ok(await marcus.getByText('Approved and published').isVisible(), 'its button is a plain one');
  await desktop.close();
  await phone.close();
});

t.test('no script failed, and no policy was broken', async (t) => {
  // A refused form answers 4xx, which the browser notes in its console as well.
  t.same(
    complaints.filter((x) => !/status of 4(00|09|01)/.test(x)),
    [],
  );
});
