import type { Page } from 'playwright-core';
import t from 'tap';
import { correct } from '../amend.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openHouse as openWholeHouse, pathIn } from '../subscribers/house.ts';
import { isLive, openPublicHouse, readAt, says } from './reader.ts';

/** An hour with everything in it that a page can show: a correction, two incidents, accounts, languages. */
async function openBusyHouse() {
  const house = await openPublicHouse({ page: { languages: ['en', 'de'] } });
  const { clock, components } = house;
  const incident = await house.openIncident();
  const wrong = await house.say(incident, {
    ...wordsAt(clock.now(), 'All card payments fail.'),
    components: { [components[0]!.id]: 'major_outage' },
  });
  clock.advance(5 * MINUTE);
  await correct(house, wrong, 'Some card payments fail.', 'We said all cards; it is some.', {
    blocks: {
      known: 'Some card payments fail. Refunds work.',
      unknown: 'When all of them will work.',
      doing: 'We follow https://status.company.example/pending closely.',
      action: 'Please pay by bank transfer.',
    },
  });
  await house.live.settled();
  return { ...house, incident };
}

/** What can be seen of these, in order. */
const seen = (page: Page, selector: string) =>
  page.evaluate(
    (all) =>
      Array.from(document.querySelectorAll<HTMLElement>(all))
        .filter((el) => el.checkVisibility({ visibilityProperty: true }))
        .map((el) => el.innerText.trim()),
    selector,
  );

t.test('on paper everything that matters, black on white, and nothing to press', async (t) => {
  const house = await openBusyHouse();
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await readAt(house, { colorScheme, viewport: { width: 718, height: 1000 } });
    await isLive(page);
    await page.emulateMedia({ media: 'print', colorScheme });
    const text = await page.locator('body').innerText();
    for (const words of [
      'Printed copy, not live. The newest words: https://status.company.example (Monday',
      'Some card payments fail.',
      'Major outage',
      'Next update by',
      '14:20',
      'Correction, 14:05 UTC',
      'All card payments fail.',
      'We said all cards; it is some.',
      'Please pay by bank transfer.',
      'When all of them will work.',
      'https://status.company.example/pending',
      'Payments',
      'Times are UTC.',
    ])
      t.ok(text.includes(words), `${colorScheme}: ${words}`);
    t.notMatch(text, /(min|sec)\.? ago|Live\b|in \d+:\d\d/, 'nothing that was true only while it was read');
    t.strictSame(await seen(page, 'nav, button, input, form, #bar, #unread, #share, .skip'), [], 'no chrome');
    const faint = await page.evaluate(() => {
      const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
      const light = (colour: string) => {
        brush.clearRect(0, 0, 1, 1);
        brush.fillStyle = colour;
        brush.fillRect(0, 0, 1, 1);
        const [r = 0, g = 0, b = 0, a = 0] = brush.getImageData(0, 0, 1, 1).data;
        return a === 0 ? 255 : Math.max(r, g, b);
      };
      return Array.from(document.querySelectorAll<HTMLElement>('body, body *'))
        .filter(
          (el) =>
            el.checkVisibility() &&
            Array.from(el.childNodes).some((n) => n.nodeType === 3 && n.textContent?.trim()),
        )
        .flatMap((el) => {
          const { color, backgroundColor } = getComputedStyle(el);
          const dark = light(backgroundColor) < 250;
          return light(color) > 0x50 || dark
            ? [`${el.outerHTML.slice(0, 60)} ${color} on ${backgroundColor}`]
            : [];
        });
    });
    t.strictSame(faint, [], `${colorScheme}: black on white`);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    const pages = pdf.match(/\/Type \/Page\b/g)?.length ?? 0;
    t.ok(pages >= 1 && pages <= 3, `${pages} pages of paper`);
    t.match(pdf, '/URI (https://status.company.example/pending)');
  }
});

t.test('without scripts: read, switch language, search, go by month, subscribe', async (t) => {
  const house = await openWholeHouse({
    env: { TRUST_PROXY: 'loopback' },
    page: { languages: ['en', 'de', 'ar'] },
  });
  const over = await house.openIncident('Refunds were late');
  await house.say(over, { status: 'investigating' });
  await house.say(over, {
    status: 'resolved',
    nextUpdateBy: null,
    blocks: { known: 'Refunds are on time again.' },
  });
  const incident = await house.openIncident();
  await house.say(incident, { components: { [house.parts[0]!.id]: 'major_outage' } });
  await house.app.live.settled();
  const { page, complaints } = await readAt(house, { javaScriptEnabled: false });
  await says(page, '#conn', /Copy from \d\d:\d\d/);
  t.notMatch(await page.locator('#conn').innerText(), 'Live', 'nobody vouches for it');
  await says(page, 'h1', 'Card payments fail for some customers.');
  await says(page, '#left', /^in (20|1\d) min$/);
  t.strictSame(await seen(page, '#bar, #unread'), [], 'nothing that only scripts could use');

  const nav = page.getByRole('navigation');
  await nav.getByRole('link', { name: 'Deutsch' }).click();
  await says(page, '.notice', 'Nächste Meldung bis');
  await nav.getByRole('link', { name: 'English' }).click();
  await page.getByRole('link', { name: 'All past incidents' }).first().click();
  await page.getByLabel('Search past incidents').fill('refunds');
  await page.getByRole('button', { name: 'Search' }).click();
  await says(page, '[role=status]', '1 incident found.');
  await page.getByLabel('By month').fill(new Date().toISOString().slice(0, 7));
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: 'Refunds were late' }).click();
  await says(page, 'h1', 'Refunds are on time again.');
  await page.getByRole('link', { name: 'Back to the newest' }).click();

  await page.getByLabel('Your email address').fill('quiet@customer.example');
  await page.getByRole('button', { name: 'Subscribe' }).click();
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  const [letter] = await house.mail.waitFor('quiet@customer.example');
  await page.goto(new URL(pathIn(letter!.text), page.url()).href);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('You will hear from us').waitFor();
  t.strictSame(complaints, []);
});

t.test('in colours of the reader’s own, everything is still told apart', async (t) => {
  const house = await openBusyHouse();
  const { page } = await readAt(house, { forcedColors: 'active' });
  await isLive(page);
  // Colour is gone, so a frame, a shape and a word must do.
  for (const part of ['.promise', '.tag', '.mast .btn']) {
    const edge = await page
      .locator(part)
      .first()
      .evaluate((el) => {
        const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(el);
        return {
          drawn: borderTopWidth !== '0px' && borderTopStyle === 'solid',
          differs: borderTopColor !== backgroundColor,
        };
      });
    t.same(edge, { drawn: true, differs: true }, `${part} has an edge`);
  }
  const icons = await page.evaluate(() =>
    Array.from(document.querySelectorAll('.tag, .comp .word, .lamp:has(svg)'), (el) => ({
      shape: el.querySelector('use')?.getAttribute('href') ?? '',
      word: el.textContent?.trim() ?? '',
    })),
  );
  t.ok(icons.length >= 3);
  t.ok(icons.every(({ shape, word }) => shape.startsWith('#') && word !== ''));
  const marks = await page.evaluate(() => {
    const paper = getComputedStyle(document.documentElement).backgroundColor;
    const drawn = document.querySelectorAll<SVGElement>(
      '.i, .ruler .bad, .ruler .said, .days rect, .days path',
    );
    return Array.from(drawn)
      .filter((el) => el.checkVisibility())
      .filter((el) => {
        const { fill, stroke } = getComputedStyle(el);
        return fill === paper || stroke === paper;
      })
      .map((el) => el.outerHTML.slice(0, 60));
  });
  t.strictSame(marks, [], 'no mark has the colour of the paper');
  await page.keyboard.press('Tab');
  t.not(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle), 'none');
});

t.test('nothing moves for those who asked for less of it', async (t) => {
  const house = await openBusyHouse();
  const { page } = await readAt(house, { reducedMotion: 'reduce' });
  await isLive(page);
  const moves = () =>
    page.evaluate(() => ({
      transitions: Array.from(document.querySelectorAll('*')).filter(
        (el) => getComputedStyle(el).transitionDuration !== '0s',
      ).length,
      animations: document.getAnimations().length,
      smooth: getComputedStyle(document.documentElement).scrollBehavior,
    }));
  t.same(await moves(), { transitions: 0, animations: 0, smooth: 'auto' });
  await house.say(house.incident, wordsAt(house.clock.now(), 'Half of all payments go through again.'));
  await says(page, 'h1', 'Half of all');
  t.same(await moves(), { transitions: 0, animations: 0, smooth: 'auto' }, 'nor when words arrive');
});
