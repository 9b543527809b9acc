import type { Page } from 'playwright-core';
import t, { type Test as Tap } from 'tap';
import { invitePerson } from '../../src/actions/sign-in/invite.ts';
import { setUpFirst } from '../../src/cli/first-run.ts';
import { newSecret } from '../../src/ids.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { plugInSensor } from '../desk/devices.ts';
import { freePort } from '../free-port.ts';
import { openHouse, PASSWORD } from './house.ts';

const port = await freePort();
const origin = `http://localhost:${port}`;
const house = await openHouse({ BASE_URL: origin, PORT: String(port) });
await house.app.listen();
const first = (await setUpFirst(house.app, origin))!;
const browser = await openChromium();
t.teardown(() => browser.close());

async function open(javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 390, height: 844 } });
  return context.newPage();
}
async function hasNoFaults(t: Tap, page: Page): Promise<void> {
  t.strictSame(await faultsOf(page), [], `${new URL(page.url()).pathname} has no faults`);
  const over = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  t.notOk(over, 'and fits a phone');
}
t.test('the first person comes in by the link, sets up with a passkey, and comes back with it', async (t) => {
  const page = await open();
  await plugInSensor(page);
  await page.goto(first);
  await page.getByRole('button', { name: 'Sign in here' }).click();
  await page.waitForURL('**/desk/set-up');
  await hasNoFaults(t, page);
  await page.getByLabel('Your name').fill('Grace Hopper');
  await page.getByLabel('Your email address').fill('grace@northwind.example');
  await page.getByLabel('Name of the service').fill('Northwind Pay');
  await page.getByRole('radio', { name: /^Two people/ }).check();
  await page.getByRole('button', { name: 'Set up with a passkey' }).click();
  await page.getByText('The desk is yours.').waitFor();
  await page.goto(`${origin}/desk/me`);
  await page.getByText('Passkey', { exact: true }).first().waitFor();
  await hasNoFaults(t, page);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page
    .getByRole('region', { name: 'Authenticator app' })
    .getByRole('button', { name: 'Turn it on' })
    .waitFor();
  await hasNoFaults(t, page);
  await page.getByRole('button', { name: 'Make new ones' }).click();
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  await hasNoFaults(t, page);
  await page.goto(`${origin}/desk/people`);
  await page.getByText('Change', { exact: false }).first().click();
  await hasNoFaults(t, page);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.waitForURL('**/desk/sign-in');
  await hasNoFaults(t, page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('You are signed in.').waitFor();
  t.match(await page.content(), 'Grace Hopper');

  await page.context().close();
});

t.test('without JavaScript: an invitation, a password, a code from paper', async (t) => {
  const person = await house.add('Ivo', ['author']);
  const secret = newSecret();
  await invitePerson(house.app.ctx({ kind: 'cli', id: 'test', roles: [] }), person.id, secret);
  const page = await open(false);
  await page.goto(`${origin}/desk/invitation/${secret}`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Come in with this password' }).click();
  await page.waitForURL('**/desk?said=in');
  t.equal(await page.locator('[data-passkey]:visible').count(), 0, 'no button that could do nothing');
  await page.goto(`${origin}/desk/me`);
  t.match(await page.content(), person.email);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('Email address').fill(person.email);
  await page.getByLabel('Password').fill('not the right one');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('do not belong together').waitFor();
  t.equal(await page.getByLabel('Email address').inputValue(), person.email, 'what was typed is kept');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/desk?said=in');
  await page.context().close();
});
