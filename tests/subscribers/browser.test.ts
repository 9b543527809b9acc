import t, { type Test as Tap } from 'tap';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { openHouse, pathIn } from './house.ts';

// The page's own address is where the browser finds it, as on a real host.
const house = await openHouse({ env: { TRUST_PROXY: 'loopback' }, page: { languages: ['en', 'ar', 'de'] } });
const { mail, base } = house;
const browser = await openChromium();
t.teardown(() => browser.close());

const SIZES = [
  { name: 'desktop', width: 1280, height: 900 },
  { name: 'phone', width: 320, height: 720 },
];

async function look(path: string, t: Tap): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const { name, width, height } of SIZES) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('console', (m) => m.type() === 'error' && wrong.push(m.text()));
      await page.goto(`${base}${path}`);
      t.same(await faultsOf(page), [], `${path.slice(0, 20)} ${name} ${colorScheme}`);
      t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'no sideways scroll');
      t.same(
        wrong.filter((text) => !text.includes('404')),
        [],
      );
      await context.close();
    }
}

t.test('subscribing, changing and stopping without scripts', { timeout: 300_000 }, async (t) => {
  const incident = await house.openIncident();
  await house.say(incident);
  await house.app.live.settled();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/incidents/${incident.id}`);
  await page.getByRole('link', { name: 'Get updates' }).click();
  t.ok(await page.getByLabel(/Only “Card payments fail”/).isChecked(), 'from an incident: that one');
  await page.getByLabel('Your email address').fill('person@customer.example');
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  const [letter] = await mail.waitFor('person@customer.example');
  await page.goto(`${base}${pathIn(letter!.text)}`);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('You will hear from us').waitFor();
  t.ok(await page.getByLabel(/Only “Card payments fail”/).isChecked());
  await page.getByLabel('Everything', { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const manage = new URL(page.url()).pathname;
  await look('/subscribe', t);
  await look('/ar/subscribe?by=webhook', t);
  await look('/subscribe?by=web_push', t);
  await look(manage, t);
  await look('/subscription/none', t);
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await page.getByRole('heading', { name: 'You are unsubscribed.' }).waitFor();
  await context.close();
});

t.test(
  'the small form on the front page, and a mistake that says what to mend',
  { timeout: 300_000 },
  async (t) => {
    const page = await browser.newPage();
    await page.goto(`${base}/`);
    await page.getByLabel('Your email address').fill('front@customer.example');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await mail.waitFor('front@customer.example');
    await page.goto(`${base}/subscribe?by=webhook`);
    await page.getByLabel('Address that we call').fill('https://127.0.0.1/hook');
    await page.getByRole('button', { name: 'Subscribe' }).click();
    const field = page.getByLabel('Address that we call');
    t.equal(await field.getAttribute('aria-invalid'), 'true');
    t.equal(await field.inputValue(), 'https://127.0.0.1/hook', 'what was typed is kept');
    await page.getByText('Enter a public address').waitFor();
    await page.close();
  },
);
