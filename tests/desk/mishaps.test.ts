import type { BrowserContext, Page } from 'playwright-core';
import t from 'tap';
import { listOpenIncidents, listUpdates } from '../../db/queries/incidents.ts';
import { revokeTokensOf } from '../../db/queries/people.ts';
import { openChromium } from '../chromium.ts';
import { comeIn, pressYes } from './devices.ts';
import { ask, fieldOf, idIn, openHouse, words } from './house.ts';

/** What happens to people at a desk: nothing they wrote is lost, nothing happens twice, and they are told. */
const house = await openHouse();
const browser = await openChromium();
const read = house.app.store.read;
t.teardown(async () => {
  await browser.close();
  await house.close();
});
const desktop = () => browser.newContext({ viewport: { width: 1440, height: 900 } });
const enter = async (context: BrowserContext, path: string): Promise<Page> =>
  comeIn(await context.newPage(), house.url + path);
const begin = async (title: string): Promise<string> => {
  const author = await house.enter(house.dana);
  return (
    (await author.post('/desk/declare', { title, kind: 'incident', go: 'write' })).to.split('?')[0] ?? ''
  );
};
const know = (page: Page) => page.getByLabel('Know', { exact: true });

t.test('a connection that is lost while writing', async (t) => {
  const path = await begin('Lost line');
  const context = await desktop();
  const dana = await enter(context, await house.link(house.dana));
  await dana.goto(house.url + path);
  await context.setOffline(true);
  await know(dana).fill('Written on a train.');
  await dana.getByRole('button', { name: 'Save and preview' }).click();
  await dana.getByText('This device is offline. Nothing was sent').waitFor();
  t.match(dana.url(), path, 'the browser’s own error page is not where the words were');
  t.equal(await know(dana).inputValue(), 'Written on a train.');
  await context.setOffline(false);
  await dana.getByRole('button', { name: 'Save and preview' }).click();
  await dana.getByText('Saved.', { exact: true }).waitFor();
  t.equal(await know(dana).inputValue(), 'Written on a train.');
  await context.close();
});

t.test('a double click', async (t) => {
  const context = await desktop();
  const dana = await enter(context, await house.link(house.dana));
  await dana.goto(`${house.url}/desk/declare`);
  await dana.getByLabel('What is happening?').fill('Pressed twice');
  await dana.getByRole('button', { name: 'Declare and write the first words' }).dblclick();
  await dana.waitForURL('**/desk/updates/*');
  const made = (await listOpenIncidents(read, house.page.id)).filter((i) => i.title === 'Pressed twice');
  t.equal(made.length, 1, 'declares once');
  await know(dana).fill('Some card payments fail since 14:09 UTC.');
  await dana.getByRole('button', { name: 'Ask for approval' }).dblclick();
  await dana.waitForURL('**/desk/approvals/*');
  const [update] = await listUpdates(read, made[0]?.id ?? '');
  t.equal(update?.state, 'in_review', 'asks once');
  t.match(await dana.locator('#main').textContent(), 'Some card payments fail since 14:09 UTC.');
  await context.close();
});

t.test('two tabs', async (t) => {
  const path = await begin('Two tabs');
  const context = await desktop();
  const one = await enter(context, await house.link(house.dana));
  await one.goto(house.url + path);
  const two = await context.newPage();
  await two.goto(house.url + path);
  await know(one).fill('From the first tab.');
  await know(two).fill('From the second tab.');
  await one.getByRole('button', { name: 'Save and preview' }).click();
  await one.getByText('Saved.', { exact: true }).waitFor();
  await two.getByText('Somebody else saved this update meanwhile').waitFor();
  await two.getByRole('button', { name: 'Save and preview' }).click();
  await two.getByText('saved this update while you were writing').waitFor();
  t.equal(await know(two).inputValue(), 'From the second tab.', 'what was typed is in the form');
  t.match(await two.locator('.conflict').textContent(), 'From the first tab.', 'beside what is saved');
  await two.getByRole('button', { name: 'Save and preview' }).click();
  await two.getByText('Saved.', { exact: true }).waitFor();
  await context.close();
});

t.test('the back button', async (t) => {
  const author = await house.enter(house.dana);
  const id = await ask(author, {}, 'Back and forth');
  const context = await desktop();
  const marcus = await enter(context, await house.link(house.marcus));
  await marcus.goto(`${house.url}/desk/approvals/${id}`);
  await pressYes(marcus);
  await marcus.waitForURL('**/deliveries');
  await marcus.goBack();
  await marcus.waitForURL('**/deliveries');
  t.equal(await marcus.locator('button.hold').count(), 0, 'a yes that was given cannot be given again');

  const path = await begin('Left too early');
  const dana = await enter(context, await house.link(house.dana));
  await dana.goto(house.url + path);
  const kept = dana.waitForResponse((r) => r.url().endsWith('/draft') && r.ok());
  await know(dana).fill('Half a sentence');
  await kept;
  dana.once('dialog', (dialog) => void dialog.accept());
  await dana.goBack();
  await dana.goForward();
  await dana.getByText('never saved').first().waitFor();
  t.match(await dana.locator('#main').textContent(), 'Half a sentence', 'what was left is offered again');
  await context.close();
});

t.test('a session that ends in the middle of an approval', async (t) => {
  const author = await house.enter(house.dana);
  const id = await ask(author, {}, 'Signed out');
  const context = await desktop();
  const marcus = await enter(context, await house.link(house.marcus));
  await marcus.goto(`${house.url}/desk/approvals/${id}`);
  await house.app.store.transact((w) => revokeTokensOf(w, house.marcus.id, ['session'], Date.now()));
  await pressYes(marcus);
  await marcus.getByText('You are not signed in').waitFor();
  t.match((await listUpdates(read, await incidentOf(id)))[0], { state: 'in_review' }, 'no yes is counted');
  await comeIn(marcus, house.url + (await house.link(house.marcus)));
  await marcus.waitForURL(`**/desk/approvals/${id}*`);
  t.pass('after signing in he stands where he was');
  await pressYes(marcus);
  await marcus.waitForURL('**/deliveries');
  await context.close();
});

t.test('a session that ends while writing', async (t) => {
  const path = await begin('Signed out at the desk');
  const context = await desktop();
  const lena = await house.add('Lena Moreau', ['author']);
  const page = await enter(context, await house.link(lena));
  await page.goto(house.url + path);
  // What the server still took before is less than what this browser has at the end, however long that lasts.
  await know(page).fill('Words of');
  await house.app.store.transact((w) => revokeTokensOf(w, lena.id, ['session'], Date.now()));
  await know(page).fill('Words of an hour.');
  await page.getByRole('button', { name: 'Save and preview' }).click();
  await page.getByText('You are not signed in').waitFor();
  t.equal(await page.getByLabel('Know').inputValue(), 'Words of an hour.', 'what was written is on the page');
  await comeIn(page, house.url + (await house.link(house.dana)));
  await page.goto(house.url + path);
  await page.locator('form[data-send]').waitFor();
  t.equal(
    await page.locator('#kept-here:visible').count(),
    0,
    'whoever comes next is not told that it is theirs',
  );
  await comeIn(page, house.url + (await house.link(lena)));
  await page.goto(house.url + path);
  await page.getByText('This browser has words of yours').waitFor();
  await page.getByRole('button', { name: 'Put them back' }).click();
  t.equal(await know(page).inputValue(), 'Words of an hour.', 'and is put back where it was');
  await context.close();
});

t.test('a device whose clock is three hours fast', async (t) => {
  const path = await begin('Ahead of time');
  const context = await desktop();
  const dana = await enter(context, await house.link(house.dana));
  await dana.clock.install({ time: Date.now() + 3 * 60 * 60_000 });
  await dana.goto(house.url + path);
  await dana.getByRole('button', { name: '+20' }).click();
  const promised = await dana.getByLabel('Next update by').inputValue();
  const [hours = 0, minutes = 0] = promised.split(':').map(Number);
  const now = Math.floor(Date.now() / 60_000) % 1_440;
  const ahead = (hours * 60 + minutes - now + 1_440) % 1_440;
  t.ok(ahead > 10 && ahead < 30, `${promised} is some twenty minutes from now by the clock of the house`);
  await context.close();
});

t.test('what people paste', async (t) => {
  const author = await house.enter(house.dana);
  const path = await begin('Strange words');
  const save = async (more: Record<string, string>) => {
    const version = fieldOf((await author.get(path)).body, 'version');
    return author.post(path, { ...words(version, more), do: 'save' });
  };
  const long = await save({ known: `${'A sentence that is long. '.repeat(1_200)}` });
  t.equal(long.status, 400, '30,000 characters in a block');
  t.match(long.body, /characters long; \d+ is the most/);
  t.match(long.body, 'A sentence that is long.', 'and what was pasted is still in the form');
  const nul = await save({ known: 'Some pay\u0000ments fail.' });
  t.ok(nul.status === 303 || nul.status === 400, `a null byte is taken out or refused: ${nul.status}`);
  t.notMatch((await author.get(path)).body, '\u0000');
  for (const known of [
    '👩‍👩‍👧‍👦 Families cannot pay 💳 since 14:09 UTC.',
    'لا تعمل بعض المدفوعات منذ 14:09 UTC.',
    '<b>Some</b> payments fail <img src=x onerror=alert(1)> since 14:09 UTC.',
  ]) {
    t.equal((await save({ known })).status, 303, known);
    const body = (await author.get(path)).body;
    t.notMatch(body, '<img src=x');
    t.ok(
      body.includes(known.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('=', '&#x3D;')),
      known,
    );
  }
  for (const [nextUpdateBy, why] of [
    ['1999-12-31 23:59', /passed|future|ahead/],
    ['tomorrow-ish', /Write a time|like 14:40/],
    ['25:61', /Write a time|like 14:40/],
    ['9999-12-31 23:59', /too far away|at most/],
  ] as const) {
    const answer = await save({ nextUpdateBy });
    const body = answer.status === 303 ? (await author.get(path)).body : answer.body;
    t.match(body, why, nextUpdateBy);
  }
  t.match(idIn(path), /\w/);
});

async function incidentOf(updateId: string): Promise<string> {
  const open = await listOpenIncidents(read, house.page.id);
  for (const incident of open)
    if ((await listUpdates(read, incident.id)).some((u) => u.id === updateId)) return incident.id;
  return '';
}
