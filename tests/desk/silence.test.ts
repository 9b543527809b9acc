import t from 'tap';
import { openIncident } from '../../src/actions/open-incident.ts';
import { openWire } from '../browser/wire.ts';
import { openChromium } from '../chromium.ts';
import { comeIn } from './devices.ts';
import { openHouse } from './house.ts';

const house = await openHouse();
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

t.test('a board whose line died without a word says so, and comes back with the news', async (t) => {
  const wire = await openWire(house.url);
  const page = await (await browser.newContext()).newPage();
  await page.clock.install();
  await comeIn(page, wire.url + (await house.link(house.dana)));
  const declare = (title: string) =>
    openIncident(house.app.ctx({ kind: 'person', id: house.dana.id, roles: house.dana.roles }), {
      pageId: house.page.id,
      title,
    });
  await declare('Cards fail');
  await page.getByRole('link', { name: 'Cards fail' }).first().waitFor();
  // The line is there, and carries nothing: no close, no error.
  wire.hush();
  await declare('Transfers fail');
  // It looks by itself, and that look hangs as well.
  const hung = page.waitForRequest((r) => r.resourceType() === 'fetch' && r.url() === `${wire.url}/desk`);
  await page.clock.fastForward(70_000);
  await page.locator('#gone').waitFor({ state: 'visible' });
  t.pass('it does not pass old words off as the newest');
  await hung;
  wire.mend();
  const again = wire.next('/desk/live');
  await page.clock.fastForward(70_000);
  await again;
  await page.getByRole('link', { name: 'Transfers fail' }).first().waitFor();
  await page.locator('#gone').waitFor({ state: 'hidden' });
});
