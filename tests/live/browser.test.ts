import t from 'tap';
import { openChromium } from '../chromium.ts';
import { wordsAt } from '../house.ts';
import { goLive, openLiveHouse } from './live-house.ts';

t.test('an open page shows new words by itself, on every way there is to listen', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const complaints: string[] = [];
  const open = async (spoil?: string) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
    page.on('pageerror', (e) => complaints.push(e.message));
    if (spoil) await page.addInitScript(spoil);
    await page.goto(house.base);
    await page.waitForSelector('#conn.live');
    return page;
  };
  const pages = {
    'by socket': await open(),
    'by server-sent events': await open(
      'window.WebSocket = class { constructor() { throw new Error("no way through"); } }',
    ),
  };
  await house.say(incident);
  for (const [way, page] of Object.entries(pages)) {
    await page.waitForSelector('text=Card payments fail for some customers.');
    t.equal(await page.title(), 'Card payments fail for some customers. · Company', way);
  }
  await house.say(incident, wordsAt(house.clock.now(), 'Half of all payments go through again.'));
  const page = pages['by socket'];
  await page.waitForSelector('h1:has-text("Half of all payments")');
  t.equal(await page.locator('#timeline li').count(), 2);
  t.strictSame(complaints, [], 'no policy was broken, no script failed');
  const quiet = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await quiet.goto(`${house.base}/incidents/${incident.id}`);
  t.match(await quiet.textContent('h1'), 'Half of all payments', 'and without scripts it is all there');
});

t.test('an open page outlives a restart', async (t) => {
  const first = await openLiveHouse();
  const incident = await first.openIncident();
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  await page.goto(first.base);
  await page.waitForSelector('#conn.live');
  await first.closeLive();
  await page.waitForSelector('#conn:not(.live)');
  await first.say(incident, wordsAt(first.clock.now(), 'Said in between.'));
  await goLive(first, { port: Number(new URL(first.base).port) });
  await page.waitForSelector('h1:has-text("Said in between.")');
  t.pass('its words are the newest again');
});
