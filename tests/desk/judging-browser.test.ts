import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { listOverrides } from '../../db/queries/overrides.ts';
import { listApprovals } from '../../db/queries/words.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { openClock } from '../house.ts';
import type { Visitor } from '../visitor.ts';
import { addPasskey, collect, comeIn } from './devices.ts';
import { ask, fieldOf, idIn, openHouse, words } from './house.ts';

const clock = openClock(Date.now());
const house = await openHouse({ host: 'localhost', parts: { clock } });
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

const complaints: string[] = [];
const enter = async (context: BrowserContext, path: string): Promise<Page> =>
  comeIn(collect(complaints, await context.newPage()), house.url + path);
const clean = async (page: Page, name: string) => t.same(await faultsOf(page), [], `axe: ${name}`);
const stateOf = async (visitor: Visitor, id: string) => (await visitor.get(`/desk/updates/${id}`)).to;

t.test('approving is shown by the approver’s own passkey, and by nothing else', async (t) => {
  const author = await house.enter(house.dana);
  const id = await ask(author, { known: 'Payments fail for 1 in 12 customers since 14:09 UTC.' });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const marcus = await enter(context, await house.link(house.marcus));
  const phone = await addPasskey(marcus);
  await marcus.goto(`${house.url}/desk/approvals/${id}`);
  await marcus.getByRole('link', { name: /^Facts/ }).click();
  t.ok(
    await marcus.getByText('No fact behind it').first().isVisible(),
    'each number is shown with its source or none',
  );
  await clean(marcus, 'the approver’s facts');
  if (process.env['SHOTS']) await marcus.screenshot({ path: `${process.env['SHOTS']}/approve-facts.png` });
  await marcus.getByRole('link', { name: 'Text', exact: true }).click();
  const hold = marcus.locator('button.hold');
  await phone.refuse(true);
  await hold.focus();
  await marcus.keyboard.press('Enter');
  await marcus.keyboard.press('Enter');
  await marcus.getByText('The passkey was not shown, so nothing was sent').waitFor();
  t.match(await hold.textContent(), 'Hold to approve', 'and the button is as it was');
  await phone.refuse(false);
  const plain = await house.enter(house.marcus);
  const seen = await plain.get(`/desk/approvals/${id}`);
  const bare = await plain.post(`/desk/approvals/${id}/approve`, { hash: fieldOf(seen.body, 'hash') });
  t.equal(bare.status, 403, 'a session alone is not enough for whoever has a passkey');
  t.match(await stateOf(author, id), `/desk/approvals/${id}`, 'nothing went out');
  await hold.focus();
  await marcus.keyboard.press('Enter');
  await marcus.keyboard.press('Enter');
  await marcus.waitForURL('**/deliveries**');
  const [approval] = await listApprovals(house.app.store.read, [id]);
  t.equal(approval?.assurance, 'passkey');
  await context.close();
});

t.test('S11: one person, nobody answers, the glass is broken with a passkey', async (t) => {
  const sam = await house.add('Sam Ortiz', ['author']);
  const author = await house.enter(house.dana);
  const saved = await author.post('/desk/templates', {
    name: 'Gas leak',
    title: 'Gas leak in the hall',
    status: 'investigating',
    class: 'B',
    known: 'There is a gas leak in the hall.',
    unknown: 'We do not know yet where from.',
    action: 'Leave the hall now.',
  });
  t.equal(saved.status, 303);
  const approver = await house.enter(house.marcus);
  const list = (await approver.get('/desk/templates')).body;
  const template = /\/desk\/templates\/(\w+)\/clear/.exec(list)?.[1] ?? '';
  await approver.post(`/desk/templates/${template}/clear`, { version: '1', days: '30' });
  clock.advance(1_000);
  const visitor = await house.enter(sam);
  const declared = await visitor.post('/desk/declare', {
    template,
    title: 'Gas leak in the hall',
    kind: 'incident',
    go: 'write',
  });
  const id = idIn(declared.to);
  const draft = await visitor.get(`/desk/updates/${id}`);
  const asked = await visitor.post(`/desk/updates/${id}`, {
    ...words(fieldOf(draft.body, 'version'), {
      known: 'There is a gas leak in the hall.',
      unknown: 'We do not know yet where from.',
      action: 'Leave the hall now.',
      doing: '',
      class: 'A',
      nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    }),
    do: 'request',
  });
  t.equal(asked.status, 303);
  const context = await browser.newContext();
  const page = await enter(context, await house.link(sam));
  await addPasskey(page);
  await page.goto(`${house.url}/desk/approvals/${id}`);
  t.ok(await page.getByText(/s more to answer/).isVisible(), 'the approvers are waited for');
  clock.advance(90_000);
  await page.reload();
  await page.keyboard.press('Control+Shift+Enter');
  await page.waitForURL('**/override');
  await clean(page, 'breaking the glass');
  if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/override.png` });
  const hold = page.locator('button.hold');
  await page.getByLabel('Lives or health are in danger').check();
  await page.getByLabel('What happens if it waits').fill('People are still in the hall.');
  await hold.click();
  t.match(await hold.textContent(), 'Keep holding', 'a tap breaks nothing');
  await hold.hover();
  await page.mouse.down();
  await page.waitForURL('**/deliveries**');
  await page.mouse.up();
  await page.getByText('Everybody is alarmed').waitFor();
  const board = await approver.get('/desk');
  t.match(board.body, /OVERRIDE: Sam Ortiz put words out without a second person/, 'loudly');
  const review = /\/desk\/overrides\/\w+/.exec(board.body)?.[0] ?? '';
  t.equal(
    (await visitor.post(`${review}/review`, { verdict: 'right', note: 'Fine.' })).status,
    403,
    'never by Sam',
  );
  const context2 = await browser.newContext();
  const marcus = await enter(context2, await house.link(house.marcus));
  await marcus.goto(house.url + review);
  await clean(marcus, 'the review');
  await marcus.getByLabel(/It was right/).check();
  await marcus.getByLabel('What you found').fill('The leak was real and nobody answered.');
  await marcus.getByRole('button', { name: 'Close the review' }).click();
  await marcus.getByText('Reviewed. It stands in the report.').waitFor();
  const incident = /\/desk\/incidents\/\w+/.exec(marcus.url())?.[0] ?? '';
  await marcus.goto(`${house.url}${incident}/report`);
  t.ok(await marcus.getByText('1 of 1 reviewed within the hour').isVisible(), 'M13 in the report');
  await marcus.goto(`${house.url}${incident}/record`);
  t.ok(await marcus.getByText(/life safety: People are still in the hall/).isVisible(), 'and in the record');
  await clean(marcus, 'the record');
  const [row] = await listOverrides(house.app.store.read, incident.split('/').at(-1)!);
  t.match(row, { assurance: 'passkey', reason: 'life_safety', verdict: 'right' });
  await context.close();
  await context2.close();
});

t.test(
  'beside the composer: facts are added, confirmed and put in; what is typed outlives a crash',
  async (t) => {
    const author = await house.enter(house.dana);
    const declared = await author.post('/desk/declare', {
      title: 'Transfers slow',
      kind: 'incident',
      go: 'write',
    });
    const path = declared.to.split('?')[0] ?? '';
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const dana = await enter(context, await house.link(house.dana));
    await dana.goto(house.url + path);
    await dana.getByLabel('Know', { exact: true }).fill('Transfers are slow since');
    await dana.getByText('Add a fact').click();
    await dana.getByLabel('What', { exact: true }).fill('Since');
    await dana.getByLabel('Value', { exact: true }).fill('14:09 UTC');
    await dana.getByLabel('Source', { exact: true }).fill('Alert PAY-7');
    await dana.getByRole('button', { name: 'Add it' }).click();
    await dana.locator('#factlist').getByText('Unconfirmed').waitFor();
    t.equal(
      await dana.getByLabel('Know', { exact: true }).inputValue(),
      'Transfers are slow since',
      'nothing typed is lost',
    );
    await dana.getByRole('button', { name: 'Confirm 14:09 UTC' }).click();
    await dana.locator('#factlist').getByText('Confirmed').waitFor();
    await dana.getByLabel('Know', { exact: true }).focus();
    await dana.keyboard.press('End');
    await dana.getByRole('button', { name: 'Insert 14:09 UTC' }).click();
    t.equal(
      await dana.getByLabel('Know', { exact: true }).inputValue(),
      'Transfers are slow since 14:09 UTC',
    );
    await dana.getByLabel('Know', { exact: true }).fill('Transfers are slow since 14:10 UTC.');
    await dana.getByText('The ledger says 14:09 UTC').first().waitFor();
    await clean(dana, 'the composer with its facts');
    if (process.env['SHOTS']) await dana.screenshot({ path: `${process.env['SHOTS']}/composer.png` });

    // Not an earlier pause's: the one that carries these words.
    const kept = dana.waitForResponse(
      (r) => r.url().endsWith('/draft') && r.ok() && /nobody(\+|%20)saved/.test(r.request().postData() ?? ''),
    );
    await dana.getByLabel('Know', { exact: true }).fill('Words that nobody saved.');
    await kept;
    // A crash: the window is gone without a word, and another one is opened.
    await dana.close({ runBeforeUnload: false });
    const again = await context.newPage();
    await again.goto(house.url + path);
    await again.getByText('You typed this here and never saved it').waitFor();
    await clean(again, 'what was kept');
    await again.getByRole('link', { name: 'Put it back' }).click();
    await again.waitForURL('**kept**');
    t.equal(await again.getByLabel('Know', { exact: true }).inputValue(), 'Words that nobody saved.');

    // The server is out of reach: this browser keeps the words by itself.
    await context.setOffline(true);
    await again.getByLabel('Know', { exact: true }).fill('Words the server never saw.');
    await again.waitForFunction(() => Object.values(localStorage).some((x) => x.includes('never saw')));
    await again.close({ runBeforeUnload: false });
    await context.setOffline(false);
    const third = await context.newPage();
    await third.goto(house.url + path);
    await third.getByText('This browser has words of yours').waitFor();
    await third.getByRole('button', { name: 'Put them back' }).click();
    t.equal(await third.getByLabel('Know', { exact: true }).inputValue(), 'Words the server never saw.');
    await context.close();
  },
);

t.test('two at one update see each other; the command bar goes everywhere', async (t) => {
  const author = await house.enter(house.dana);
  const declared = await author.post('/desk/declare', {
    title: 'Dashboard down',
    kind: 'incident',
    go: 'write',
  });
  const [one, two] = [await browser.newContext(), await browser.newContext()];
  const dana = await enter(one, await house.link(house.dana));
  await dana.goto(house.url + declared.to);
  const marcus = await enter(two, await house.link(house.marcus));
  await marcus.goto(house.url + declared.to);
  await dana.getByText('Marcus Lee has this open too').waitFor();
  await marcus.close();
  await dana.getByText('Marcus Lee has this open too').waitFor({ state: 'detached' });
  await dana.goto(`${house.url}/desk`);
  await dana.keyboard.press('.');
  const bar = dana.getByRole('combobox', { name: 'What do you want to do?' });
  await bar.fill('facts dashboard');
  await dana.getByRole('option', { name: 'Facts of Dashboard down' }).waitFor();
  await clean(dana, 'the command bar');
  await bar.press('Enter');
  await dana.waitForURL('**/facts');
  await dana.keyboard.press('Control+k');
  await bar.fill('approvals policy');
  await dana.keyboard.press('Escape');
  t.equal(await dana.locator('dialog[open]').count(), 0, 'Esc closes it');
  await one.close();
  await two.close();
});

t.test('new screens are clean, and fit 320 px', async (t) => {
  const admin = await house.enter(house.marcus);
  const incident = /\/desk\/incidents\/\w+/.exec((await admin.get('/desk/incidents')).body)?.[0] ?? '';
  await admin.post(`${incident}/facts`, { key: 'Where', value: 'Rotterdam', source: 'Harbour office' });
  const sam = (await admin.get(incident)).body.match(/<option value="(\w+)">Sam Ortiz/)?.[1] ?? '';
  await admin.post(`${incident}/hand-over`, { to: sam, note: 'My shift ends at 15:00.' });
  const [name = '', value = ''] = admin.cookie.split('=');
  const screens = [
    '/desk',
    incident,
    `${incident}/facts`,
    '/desk/policy',
    '/desk/maps',
    '/desk/maps/new',
    '/desk/advice?cause=us&preventable=1',
    '/desk/templates',
    '/desk/people',
    '/desk/me',
    `${incident}/record`,
  ];
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [390, 'dark'],
    [320, 'light'],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    await context.addCookies([{ name, value, url: house.url }]);
    const page = await context.newPage();
    for (const path of screens) {
      await page.goto(house.url + path);
      if (width === 320)
        t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `320 px ${path}`);
      else await clean(page, `${width} ${path}`);
      if (process.env['SHOTS'])
        await page.screenshot({
          path: `${process.env['SHOTS']}/${width}${path.replaceAll(/[/?&=]/g, '-')}.png`,
        });
    }
    await context.close();
  }
  t.strictSame(complaints, [], 'no script failed anywhere');
});
