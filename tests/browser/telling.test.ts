import t from 'tap';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { announceMaintenance } from '../../src/actions/maintenance/announce.ts';
import { sayPlannedNow } from '../../src/actions/maintenance/run-plan.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { addComponent } from '../../src/actions/set-up-page.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { correct, retract } from '../amend.ts';
import { MINUTE, openClock, wordsAt } from '../house.ts';
import { isLive, openPublicHouse, readAt, says } from './reader.ts';

const NOTE = 'We said all cards; it is some.';

/** The house with what it does by itself, when its time has come. */
async function openWatchfulHouse(...options: Parameters<typeof openPublicHouse>) {
  const house = await openPublicHouse(...options);
  const timers = openTimers({ base: house.system, report: (error) => house.reports.push(error) });
  t.teardown(() => timers.close());
  return house;
}

t.test('a promise runs out before its reader’s eyes, by the server’s clock', async (t) => {
  // The two clocks are moved one after the other: a beat between would tell the page a time that never was.
  const house = await openWatchfulHouse({}, { limits: { beatMs: 10 * MINUTE } });
  const { clock } = house;
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  clock.advance(19 * MINUTE + 40_000);
  // A visitor whose clock is three hours fast.
  const { page, told } = await readAt(house, { clock: clock.now() + 180 * MINUTE, still: true });
  await page.evaluate(() => {
    const counted: string[] = [];
    Object.assign(window, { counted });
    new MutationObserver(() => counted.push(document.getElementById('left')?.textContent ?? '')).observe(
      document.body,
      { subtree: true, childList: true, characterData: true },
    );
  });
  await isLive(page);
  await says(page, '#conn', '14:19 UTC');
  await says(page, '#left', /^in 0:\d\d$/);
  await says(page, '#here', '15:20 where you are.');
  t.equal(await page.locator('#promise.open').count(), 1);
  /** Time goes on for both, and the house is heard of. */
  const pass = async (ms: number) => {
    await page.clock.fastForward(ms);
    clock.advance(ms);
    await addComponent(house.ctx(house.admin), house.page.id, { name: `Part ${ms}`, group: 'Shop' });
    await says(page, '#components', `Part ${ms}`);
  };
  await pass(25_000);
  await says(page, '#left', /^in 0:00$/);
  t.equal(await page.locator('#promise.open').count(), 1, 'a promise of 14:20 is kept up to 14:20:59');
  await pass(35_000);
  const before = (await told()).length;
  await page.clock.fastForward(21_000);
  clock.advance(21_000);
  await says(page, '#promise.late', /We promised an update by\s+14:20/);
  await says(page, '#left', 'We are late, by 1 min. The team is still working.');
  await says(page, '#say', 'We are late, by 1 min.');
  await says(page, '#ruler .now', 'now 14:21');
  await page.locator('#ruler .over[d^=M]').waitFor({ state: 'attached' });
  const late = (await told()).slice(before);
  t.match(late[0], 'We are late, by 1 min.');
  t.strictSame(late.slice(1), [], 'said once, whoever noticed first');
  const counted = await page.evaluate(() => (window as unknown as { counted: string[] }).counted);
  t.strictSame(
    counted.filter(
      (text) => !/^(in 0:\d\d|in \d+ min|We are late, by \d min\. The team is still working\.)$/.test(text),
    ),
    [],
    'nothing else was ever shown in its place',
  );
  await house.say(incident, wordsAt(clock.now(), 'Half of all payments go through again.'));
  await says(page, '#promise.open .big', '14:41');
  await says(page, '#timeline', 'Promised by 14:20: 1 min late.');
  t.equal(await page.locator('#promise.late').count(), 0);
});

t.test('nobody is called late by a visitor’s clock', async (t) => {
  // What answers say of the time is what this machine says, so the house lives now.
  const house = await openPublicHouse({ clock: openClock(Date.now()) });
  await house.say(await house.openIncident());
  await house.live.settled();
  const fast = house.clock.now() + 180 * MINUTE;

  // Nobody has told it the time yet: what the server printed stands.
  const waiting = await readAt(house, { path: '/favicon.svg' });
  await waiting.page.clock.install({ time: fast });
  const dialled = waiting.wire.next('/live?').then(() => waiting.wire.hush());
  await waiting.page.goto(waiting.wire.url);
  await dialled;
  await waiting.page.clock.fastForward(8_000);
  t.equal(await waiting.page.locator('#promise.open').count(), 1);
  t.equal(await waiting.page.locator('#left').textContent(), 'in 20 min');
  t.strictSame(await waiting.told(), []);

  // Nothing but the page itself gets through, and says when it was sent.
  const alone = await readAt(house, { path: '/favicon.svg' });
  Object.assign(alone.wire.lets, { socket: false, events: false, poll: false });
  await alone.page.clock.install({ time: fast });
  await alone.page.goto(alone.wire.url);
  await says(alone.page, '#conn.copy', 'Copy from');
  await says(alone.page, '#promise.old', 'This copy promised an update by');
  await says(alone.page, '#left', /^in (1\d:\d\d|20:00)$/);
  t.strictSame(await alone.told(), []);
});

t.test('wrong words are put right before their reader’s eyes', async (t) => {
  const house = await openPublicHouse();
  const { clock } = house;
  const incident = await house.openIncident();
  const wrong = await house.say(incident, wordsAt(clock.now(), 'All card payments fail.'));
  await house.live.settled();
  const { page, told, loads } = await readAt(house);
  await isLive(page);
  clock.advance(5 * MINUTE);
  const right = await correct(house, wrong, 'Some card payments fail.', NOTE, {
    blocks: { known: 'Some card payments fail.', doing: 'Our engineers are working on it.' },
  });
  await says(page, 'h1', 'Some card payments fail.');
  const box = page.locator('#corrections .corr');
  t.match(await box.locator('h2').textContent(), 'Correction, 14:05 UTC');
  t.match(
    await box.innerText(),
    /At 14:00 we wrote:.*Some card payments fail\..*We said all cards; it is some\./s,
  );
  const wrongWords = box.locator('del');
  t.match(await wrongWords.textContent(), 'All card payments fail.');
  t.match(await wrongWords.evaluate((el) => getComputedStyle(el).textDecorationLine), 'line-through');
  t.match(await wrongWords.textContent(), 'Wrong: ', 'a strike alone says nothing aloud');
  await says(page, '#timeline li', /Corrected 14:05/);
  await says(page, '.state', '1 correction');
  t.match((await told()).at(-1), /^New: Correction, 14:05 UTC.*All card payments fail.*Some card payments/s);
  await page.locator('#timeline summary').click();
  t.ok(await page.locator('#timeline del').first().isVisible(), 'what stood there is one press away');

  clock.advance(MINUTE);
  await retract(house, right);
  await says(page, '#corrections', /Taken back 14:06/);
  t.equal(loads(), 1);
});

t.test('languages: switched, turned around, and honest when they lag', async (t) => {
  const house = await openPublicHouse({ page: { languages: ['en', 'de', 'ar'] } });
  const { clock } = house;
  const incident = await house.openIncident();
  const say = async (language: string, known: string) => {
    await house.say(incident, {
      blocks: { known, doing: '…' },
      nextUpdateBy: clock.now() + 20 * MINUTE,
      language,
    });
    await house.live.settled();
  };
  await say('en', 'Some card payments fail.');
  await say('de', 'Einige Kartenzahlungen schlagen fehl.');
  await say('ar', 'بعض المدفوعات بالبطاقة تفشل.');
  clock.advance(8 * MINUTE);
  await say('en', 'Half of all card payments fail.');
  const { page } = await readAt(house);
  await isLive(page);
  await says(page, '#languages li', /Deutsch\s*8 min behind\s*The words in English are newer by 8 min\./);
  t.notOk(await page.locator('.newer').count(), 'the newest words are newer than none');
  await page.getByRole('navigation').getByRole('link', { name: 'Deutsch' }).click();
  await says(page, 'h1', 'Einige Kartenzahlungen');
  t.equal(await page.locator('html').getAttribute('lang'), 'de');
  await says(page, '.state .newer', 'Der Text auf English ist um 8 Min. neuer.');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('link', { name: 'Sprachen' }).click();
  await page.locator('#languages').getByRole('link', { name: 'العربية' }).click();
  await says(page, 'h1', 'بعض المدفوعات');
  await says(page, '#conn.live', 'مباشر');
  t.equal(await page.locator('html').getAttribute('dir'), 'rtl');
  t.ok(
    await page.evaluate(() => {
      const x = (selector: string) => document.querySelector(selector)!.getBoundingClientRect().x;
      return x('.tl time') > x('.tl h3');
    }),
    'the timeline is read from the right',
  );
  t.ok(
    await page.evaluate(() => {
      const x = (selector: string) => document.querySelector(selector)!.getBoundingClientRect().x;
      return x('.ruler .now') > x('.ruler .pl');
    }),
    'time runs to the left',
  );
  await say('ar', 'نصف المدفوعات بالبطاقة تفشل.');
  await says(page, 'h1', 'نصف المدفوعات');
  await page.locator('.newer').waitFor({ state: 'detached' });
});

t.test('planned work begins, runs over and ends while the page is open', async (t) => {
  const house = await openWatchfulHouse();
  const { clock, author, approver } = house;
  const from = clock.now() + 60 * MINUTE;
  const draft = await announceMaintenance(
    house.ctx(author),
    {
      pageId: house.page.id,
      title: 'New database for payments',
      blocks: { known: 'We move payments to a new database. You cannot pay by card meanwhile.' },
    },
    {
      from,
      until: from + 60 * MINUTE,
      components: [house.components[0]!.id],
      autoStart: true,
      autoEnd: false,
      endsAs: 'completed',
      reminders: [],
    },
  );
  const asked = await requestApproval(house.ctx(author), draft.id, draft.version);
  await approveUpdate(house.ctx(approver), asked.id, asked.hash!);
  await house.live.settled();
  const { page, told, loads } = await readAt(house);
  await isLive(page);
  await says(page, 'h1', 'Everything works.');
  await says(page, '#planned', /New database for payments\s+Monday 2 March, 15:00 to 16:00 UTC/);
  clock.advance(60 * MINUTE);
  await says(page, '.notice.maint h1', 'New database for payments');
  await says(page, '#promise', /Planned until\s+16:00 UTC/);
  await says(page, '#components .maint', 'Payments');
  await says(page, '#say', 'New database for payments');
  clock.advance(62 * MINUTE);
  await says(page, '#promise.late', 'longer than planned, by 2 min');
  await says(page, '#planned .over', 'This takes longer than planned. It was to end at 16:00 UTC.');
  await sayPlannedNow(house.ctx(author), draft.incidentId, 'end');
  await says(page, 'h1', 'Everything works.');
  await says(page, '#components .ok', 'Payments');
  t.equal(await page.locator('#planned .work').count(), 0);
  t.strictSame(
    (await told()).map((text) => text.slice(0, 68)),
    [
      'New: New database for payments The planned work has begun: New datab',
      'New: New database for payments This takes longer than planned. It wa',
      'New: Everything works. All 2 parts of Company are working as they sh',
    ],
    'and each was said aloud',
  );
  t.equal(loads(), 1);
});

t.test('an hour that is grave takes every colour and every count off an open page', async (t) => {
  const house = await openPublicHouse();
  const { page } = await readAt(house, { reducedMotion: 'no-preference' });
  await isLive(page);
  const incident = await openIncident(house.ctx(house.author), {
    pageId: house.page.id,
    title: 'Fire in our office',
    grave: true,
  });
  const asked = await house.ask(incident, {
    blocks: { known: 'There is a fire in our office in Bremen.', action: 'Call the number below.' },
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
  await approveUpdate(house.ctx(house.second), asked.id, asked.hash!).catch(() => undefined);
  await says(page, 'h1', 'There is a fire');
  await page.locator('html.grave').waitFor();
  const colourful = await page.evaluate(() => {
    const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const grey = (colour: string) => {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = brush.getImageData(0, 0, 1, 1).data;
      return Math.max(r, g, b) - Math.min(r, g, b) < 3;
    };
    const found = new Set<string>();
    for (const el of document.querySelectorAll('body *')) {
      const style = getComputedStyle(el);
      if (el.getClientRects().length === 0) continue;
      for (const name of ['color', 'backgroundColor', 'borderTopColor', 'fill'] as const)
        if (!grey(style[name])) found.add(`${el.tagName}.${el.getAttribute('class')} ${name} ${style[name]}`);
    }
    return [...found];
  });
  t.strictSame(colourful, []);
  t.notOk(await page.locator('#ruler').isVisible(), 'no ruler');
  t.notOk(await page.locator('.days').count(), 'no bars');
  t.equal(await page.locator('#left').textContent(), '', 'nothing counts');
  const moving = await page.evaluate(
    () =>
      Array.from(document.querySelectorAll('body *')).filter(
        (el) => getComputedStyle(el).transitionDuration !== '0s',
      ).length,
  );
  t.equal(moving, 0, 'nothing moves');
});
