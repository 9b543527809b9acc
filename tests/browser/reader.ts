import type { BrowserContextOptions, Page } from 'playwright-core';
import t from 'tap';
import { openChromium } from '../chromium.ts';
import { type HouseOptions, openHouse } from '../house.ts';
import type { LiveMore } from '../live/live-house.ts';
import { goPublic, type ProgramHouse } from '../programs/programs-house.ts';
import { openWire, type Wire } from './wire.ts';

/** Somebody who reads the page in a real browser, over a network that can be spoiled. */
export interface Reader {
  page: Page;
  wire: Wire;
  /** What a screen reader was told by the live region, each once, in order. */
  told(): Promise<string[]>;
  /** How often the page was loaded. */
  loads(): number;
  /** Broken policies and failed scripts. */
  complaints: string[];
}

export interface Visit extends BrowserContextOptions {
  /** The visitor's own clock, ms; goes on by itself, and faster when the test says so. */
  clock?: number;
  /** The visitor's clock stands, a second later, until the test says so. What waits for a time then waits as well. */
  still?: boolean;
  path?: string;
}

const browser = await openChromium();
t.teardown(() => browser.close());

/** The real house with its public half open; its clock stands still until a test moves it. */
export async function openPublicHouse(
  options: Partial<HouseOptions> = {},
  more: LiveMore = {},
): Promise<ProgramHouse> {
  return goPublic(await openHouse({ database: 'sqlite', ...options }), more);
}

export async function readAt(house: Pick<ProgramHouse, 'base'>, visit: Visit = {}): Promise<Reader> {
  const { clock, still = false, path = '/', ...options } = visit;
  const wire = await openWire(house.base);
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  let loads = 0;
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource|WebSocket|ERR_/.test(m.text()))
      complaints.push(m.text());
  });
  page.on('domcontentloaded', () => {
    loads += 1;
  });
  if (clock !== undefined) await page.clock.install({ time: clock });
  if (clock !== undefined && still) await page.clock.pauseAt(clock + 1_000);
  // No reader waits longer than another: a test has no time for what keeps ten thousand apart.
  await page.addInitScript(() => {
    Math.random = () => 0;
    const told: string[] = [];
    Object.assign(window, { told });
    new MutationObserver(() => {
      const text = document.getElementById('say')?.textContent ?? '';
      if (text !== '' && text !== told.at(-1)) told.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(wire.url + path);
  return {
    page,
    wire,
    complaints,
    told: () => page.evaluate(() => (window as unknown as { told: string[] }).told),
    loads: () => loads,
  };
}

/** Waits until an element says it; the assertion is that it ever does. */
export const says = (page: Page, selector: string, words: RegExp | string) =>
  page.locator(selector).filter({ hasText: words }).first().waitFor({ state: 'attached', timeout: 30_000 });

export const isLive = (page: Page) => says(page, '#conn.live', 'Live');
