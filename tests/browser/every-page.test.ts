import type { Page } from 'playwright-core';
import t from 'tap';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { LONG, openWholeHouse } from './whole-house.ts';

const { base, paths } = await openWholeHouse();
const browser = await openChromium();
t.teardown(() => browser.close());

/** A visit in a browser that counts what it asks others for, and what is wrong. */
async function visit(path: string, options: Parameters<typeof browser.newContext>[0] = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong: string[] = [];
  const strangers: string[] = [];
  page.on('console', (m) => {
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) wrong.push(m.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('request', (request) => {
    if (!/^(http|ws):\/\/127\.0\.0\.1|^about:|^data:/.test(request.url())) strangers.push(request.url());
  });
  await page.goto(base + path);
  return { page, wrong, strangers, close: () => context.close() };
}

/** What is wider than the screen, or cut where it cannot be scrolled to. */
const cut = (page: Page) =>
  page.evaluate(() => {
    const out: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) out.push(`the page is ${scrollWidth} wide on ${clientWidth}`);
    for (const el of document.querySelectorAll<HTMLElement>('body *:not(svg *)')) {
      if (!el.checkVisibility() || el.closest('.vh, .skip, .trap, iframe, .defs')) continue;
      const own = Array.from(el.childNodes).some((n) => n.nodeType === 3 && n.textContent?.trim());
      const { left, right } = el.getBoundingClientRect();
      if (own && (right > clientWidth + 1 || left < -1))
        out.push(`${el.outerHTML.slice(0, 80)} ends at ${right}`);
      const { overflowX, overflowY } = getComputedStyle(el);
      if (
        /hidden|clip/.test(overflowX + overflowY) &&
        (el.scrollWidth > el.clientWidth + 1 || el.scrollHeight > el.clientHeight + 1)
      )
        out.push(`${el.outerHTML.slice(0, 80)} is cut`);
    }
    return out;
  });

for (const [name, path] of Object.entries(paths))
  t.test(name, { timeout: 300_000 }, async (t) => {
    const { page, wrong, strangers, close } = await visit(path);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      t.strictSame(await faultsOf(page), [], `nothing for axe to find, ${colorScheme}`);
    }
    if (name !== 'wall')
      for (const [how, width, zoom] of [
        ['at 320 px', 320, '100%'],
        ['at 200 % zoom', 640, '100%'],
        ['with text twice as large', 1280, '200%'],
        ['with text twice as large on a phone', 390, '200%'],
      ] as const) {
        await page.setViewportSize({ width, height: 720 });
        await page.evaluate((size) => {
          document.documentElement.style.fontSize = size;
        }, zoom);
        t.strictSame(await cut(page), [], `nothing cut ${how}`);
      }
    t.strictSame(wrong, [], 'no policy broken, no script failed');
    t.strictSame(strangers, [], 'nobody else is asked for anything');
    await close();
  });

t.test('long words are broken, not cut', async (t) => {
  const { page, close } = await visit(paths['page in German']!, { viewport: { width: 320, height: 700 } });
  t.match(await page.locator('#a-know').locator('..').innerText(), LONG.slice(0, 20));
  t.strictSame(await cut(page), []);
  await close();
});

t.test('by keyboard alone: everything in order, seen, and no trap', async (t) => {
  for (const name of [
    'page',
    'page from the right',
    'incident',
    'search',
    'subscribe',
    'manage',
    'private door',
  ]) {
    const { page, close } = await visit(paths[name]!);
    const stops = await page.evaluate(
      () =>
        Array.from(
          document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary'),
        ).filter(
          (el) => el.checkVisibility() && el.tabIndex >= 0 && (el as HTMLInputElement).type !== 'hidden',
        ).length,
    );
    const met: { place: number; seen: boolean; what: string }[] = [];
    for (let i = 0; i < stops + 20; i += 1) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const el = document.activeElement as HTMLElement;
        if (!el || el === document.body) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(el);
        const { width, height, top, bottom, left, right } = el.getBoundingClientRect();
        const inside =
          bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && width > 0 && height > 0;
        return {
          place: Array.from(document.querySelectorAll('*')).indexOf(el),
          seen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && inside,
          what: el.outerHTML.slice(0, 80),
        };
      });
      if (at === null || at.place === met[0]?.place) break;
      // A field of several parts, such as a month, is one stop.
      if (at.place === met.at(-1)?.place) continue;
      met.push(at);
    }
    t.strictSame(
      met.filter((m) => !m.seen).map((m) => m.what),
      [],
      `${name}: each stop is seen`,
    );
    t.strictSame(
      met.map((m) => m.place),
      met.map((m) => m.place).toSorted((a, b) => a - b),
      `${name}: in reading order`,
    );
    t.ok(
      met.length > 0 && met.length <= stops + 1,
      `${name}: ${met.length} of ${stops} stops, and out again`,
    );
    await close();
  }
  const { page, close } = await visit('/');
  await page.keyboard.press('Tab');
  t.match(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the notice');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  t.ok(
    await page.evaluate(() => document.activeElement?.closest('#main') !== null),
    'the masthead is skipped',
  );
  await close();
});

t.test('the first paint is one small answer, and nothing jumps', async (t) => {
  const first = 14 * 1024;
  for (const name of [
    'page',
    'page in German',
    'page from the right',
    'incident',
    'history',
    'subscribe',
    'wall',
  ]) {
    for (const encoding of ['gzip', 'br']) {
      const answer = await fetch(base + paths[name]!, { headers: { 'accept-encoding': encoding } });
      // Fetch unpacks, so what was sent is asked of the server: the pages are packed before anybody asks.
      const length = Number(answer.headers.get('content-length'));
      const text = await answer.text();
      if (answer.headers.get('content-encoding') === null) {
        const { gzipSync } = await import('node:zlib');
        t.ok(gzipSync(text).length <= first, `${name}: ${gzipSync(text).length} bytes`);
      } else t.ok(length > 0 && length <= first, `${name}: ${length} bytes by ${encoding}`);
      t.notMatch(
        text,
        /<link[^>]+rel="stylesheet"|<script(?![^>]*(type="module"|ld\+json))/,
        'nothing to wait for',
      );
    }
  }
  for (const name of ['page', 'page from the right', 'incident']) {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      timezoneId: 'Asia/Tokyo',
    });
    const page = await context.newPage();
    let bytes = 0;
    page.on('requestfinished', async (request) => {
      const sizes = await request.sizes().catch(() => undefined);
      bytes += sizes ? sizes.responseBodySize : 0;
    });
    await page.addInitScript(() => {
      const seen = { shift: 0, fall: 0, largest: '' };
      Object.assign(window, { seen });
      interface Shift extends PerformanceEntry {
        value: number;
        hadRecentInput: boolean;
        sources: { previousRect: DOMRect; currentRect: DOMRect }[];
      }
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as Shift[]) {
          if (entry.hadRecentInput) continue;
          seen.shift += entry.value;
          for (const { previousRect, currentRect } of entry.sources)
            seen.fall = Math.max(seen.fall, Math.abs(currentRect.y - previousRect.y));
        }
      }).observe({ type: 'layout-shift', buffered: true });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          element: Element | null;
          url: string;
        })[])
          seen.largest = entry.url === '' ? (entry.element?.tagName ?? '') : entry.url;
      }).observe({ type: 'largest-contentful-paint', buffered: true });
    });
    await page.goto(base + paths[name]!);
    await page.locator('#conn.live').waitFor({ timeout: 30_000 });
    await page.waitForFunction(
      () => (window as unknown as { seen: { largest: string } }).seen.largest !== '',
    );
    const seen = await page.evaluate(
      () => (window as unknown as { seen: { shift: number; fall: number; largest: string } }).seen,
    );
    // The count and the word beside the clock end where they ended, and are wider or narrower than what was printed.
    t.ok(seen.fall <= 1, `${name}: nothing goes up or down when the script comes (${seen.fall} px)`);
    t.ok(seen.shift < 0.005, `${name}: layout shift ${seen.shift.toFixed(5)}`);
    t.match(seen.largest, /^(H1|P|LI|TIME|BDI)$/, `${name}: the largest thing is words`);
    await page.waitForLoadState('networkidle');
    t.ok(bytes > 0 && bytes < 24 * 1024, `${name}: ${bytes} bytes in all`);
    await context.close();
  }
});
