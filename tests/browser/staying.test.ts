import t from 'tap';
import { addComponent } from '../../src/actions/set-up-page.ts';
import { wordsAt } from '../house.ts';
import { isLive, openPublicHouse, readAt, says } from './reader.ts';

const PHONE = { width: 390, height: 700 };

t.test('new words arrive where they belong and leave their reader in peace', async (t) => {
  const house = await openPublicHouse();
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  const reader = await readAt(house, { viewport: PHONE });
  const { page } = reader;
  await isLive(page);
  const top = () => page.evaluate(() => scrollY);
  await house.say(incident, wordsAt(house.clock.now(), 'Half of all payments go through again.'));
  await says(page, 'h1', 'Half of all payments');
  t.equal(await top(), 0, 'at the top they are simply there');
  t.notOk(await page.locator('#unread').isVisible(), 'and nothing more is to be seen');
  t.strictSame(await reader.told(), ['New: Half of all payments go through again.']);

  await page.locator('#components').evaluate((el) => el.scrollIntoView());
  const where = () => page.locator('#components').evaluate((el) => el.getBoundingClientRect().top);
  const before = await where();
  const { clock } = house;
  clock.advance(60_000);
  await house.say(incident, {
    ...wordsAt(clock.now(), 'All payments go through again.'),
    blocks: {
      known: 'All payments go through again. Those that failed were not charged. Refunds work.',
      unknown: 'Whether some are late.',
      doing: 'We are watching it.',
      action: 'You can pay by card again.',
    },
  });
  await says(page, 'h1', 'All payments go through');
  t.ok(Math.abs((await where()) - before) < 1, 'what was read stays under the eye');
  t.ok(await page.locator('#unread').isVisible(), 'a mark says that there is something above');
  t.equal((await reader.told()).length, 2, 'said aloud, once');
  t.equal(await page.locator('#say').getAttribute('aria-live'), 'polite');
  await page.locator('#unread').click();
  await page.waitForFunction(() => scrollY < 200);
  await page.locator('#unread').waitFor({ state: 'hidden' });

  // What is no news is not called news: a lamp beside an account, and the time that has passed.
  await page.locator('#components').evaluate((el) => el.scrollIntoView());
  clock.advance(120_000);
  const other = await house.openIncident('Search is slow');
  await house.say(other, {
    ...wordsAt(clock.now(), 'Search is slow.'),
    components: { [house.components[1]!.id]: 'degraded_performance' },
  });
  await says(page, '#components .degraded', 'Search');
  t.equal((await reader.told()).length, 3, 'another incident is news');
  await page.locator('#unread').click();
  await page.waitForFunction(() => scrollY < 200);
  await page.locator('#unread').waitFor({ state: 'hidden' });
  await page.locator('#components').evaluate((el) => el.scrollIntoView());
  clock.advance(120_000);
  await addComponent(house.ctx(house.admin), house.page.id, { name: 'Refunds', group: 'Shop' });
  await says(page, '#components', 'Refunds');
  t.notOk(await page.locator('#unread').isVisible(), 'a part more is none');
  t.equal((await reader.told()).length, 3);
  t.equal(reader.loads(), 1, 'and never was the page loaded again');
  t.strictSame(reader.complaints, []);
});

t.test('off the network and back: Live, Reconnecting, Copy, and no word lost or said twice', async (t) => {
  const house = await openPublicHouse();
  const { clock } = house;
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  // Its clock stands: no way is tried after another while we look at what is said of the first.
  const reader = await readAt(house, { clock: clock.now(), still: true });
  const { page, wire } = reader;
  await isLive(page);
  wire.cut();
  await says(page, '#conn.reconnecting', 'Reconnecting');
  t.notOk(await page.locator('#bar').isVisible(), 'a moment is no reason to warn');
  for (const known of ['One in three payments fails.', 'One in ten payments fails.']) {
    clock.advance(60_000);
    await house.say(incident, wordsAt(clock.now(), known));
  }
  await house.live.settled();
  await page.clock.fastForward(46_000);
  await says(page, '#conn.copy', /Copy from 14:00\s+not live/);
  await says(page, '#bar:not([hidden])', 'This is a copy from 14:00 UTC.');
  await says(page, '#promise.old', 'This copy promised an update by');
  wire.mend();
  await page.clock.fastForward(60_000);
  await page.clock.resume();
  await isLive(page);
  // How far down it had come by then is for the machine to say; each way asks so.
  t.match(wire.asked.at(-1), /^\/live(\/events|\/poll)?\?.*&after=\d+/, 'it asks for what it has not seen');
  await says(page, 'h1', 'One in ten payments fails.');
  t.equal(await page.locator('#timeline li').count(), 3, 'nothing is missing and nothing twice');
  t.notOk(await page.locator('#bar').isVisible());
  await says(page, '#promise.open', 'Next update by');
  t.equal(reader.loads(), 1);
});

t.test('silence of 45 seconds is no life, however open the line seems', async (t) => {
  const house = await openPublicHouse();
  const { clock } = house;
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  const { page, wire } = await readAt(house, { clock: clock.now() });
  await isLive(page);
  await page.clock.fastForward(30_000);
  await isLive(page);
  clock.advance(30_000);
  await house.say(incident, wordsAt(clock.now(), 'One in ten payments fails.'));
  await says(page, 'h1', 'One in ten');
  await page.clock.fastForward(30_000);
  await isLive(page);
  wire.hush();
  await house.say(incident, wordsAt(clock.now(), 'Nobody hears this.'));
  await house.live.settled();
  await page.clock.fastForward(46_000);
  await says(page, '#conn.copy', /Copy from 14:00\s+not live/);
  t.match(await page.locator('h1').textContent(), 'One in ten', 'the old words');
  await says(page, '#ruler .now', 'our copy ends 14:00');
  wire.mend();
  await page.clock.fastForward(60_000);
  await isLive(page);
  await says(page, 'h1', 'Nobody hears this.');
});

t.test('where a network lets no socket through, each next way tells the same words', async (t) => {
  const house = await openPublicHouse();
  const { clock } = house;
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  const reader = await readAt(house, { path: '/favicon.svg' });
  const { page, wire } = reader;
  const say = async (known: string) => {
    await house.say(incident, wordsAt(clock.now(), known));
    await house.live.settled();
  };
  const openAs = async (lets: Partial<typeof wire.lets>, live = true) => {
    Object.assign(wire.lets, lets);
    await page.clock.install({ time: clock.now() });
    await page.goto(wire.url);
    if (live) await isLive(page);
  };
  // A question under way when the clock jumps sets its next timer only once it was answered.
  const onward = async (known: string) => {
    while ((await page.locator('h1', { hasText: known }).count()) === 0) await page.clock.fastForward(5_000);
  };
  await openAs({ socket: false });
  await say('By events.');
  await says(page, 'h1', 'By events.');

  await openAs({ events: false });
  await say('By polling.');
  await onward('By polling.');
  await isLive(page);

  await openAs({ poll: false }, false);
  await page.clock.fastForward(11_000);
  await says(page, '#conn.copy', 'Copy from 14:00');
  clock.advance(60_000);
  await say('By the page itself.');
  await onward('By the page itself.');
  await says(page, '#conn.copy', 'Copy from 14:01');
  t.equal(await page.locator('#timeline li').count(), 4);

  // The network is better again: the best way is taken.
  Object.assign(wire.lets, { socket: true });
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await isLive(page);
  t.strictSame(reader.complaints, []);
});
