import type { BrowserContext, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import type { Person } from '../../db/queries/people.ts';
import { listTemplates } from '../../db/queries/templates.ts';
import { openChromium } from '../chromium.ts';
import type { Visitor } from '../visitor.ts';
import { comeIn } from './devices.ts';
import { openHouse, skipTime } from './house.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export interface SeenPost {
  network: string;
  id: string;
  at: number;
  text: string;
  parent: string | null;
  byCustomer: boolean;
  raw: { to?: string[] };
}

/**
 * A crisis as people live it: the whole service, every stand-in network in a process of its own, and browsers. The story
 * has its own hours, and its networks live in them too; the time that the machine takes is real.
 */
export async function openStory(begins: string, zone: { name: string; aheadMs: number }) {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  /** The instant of an hour, like 14:05:00, of the story's day. */
  const at = (hour: string): number =>
    Math.floor((now() + zone.aheadMs) / DAY) * DAY + Date.parse(`1970-01-01T${hour}Z`) - zone.aheadMs;
  // The story's day is tomorrow, so that its morning is never behind us.
  ahead = at(begins) + DAY - Date.now();
  const house = await openHouse({
    networks: true,
    host: 'localhost',
    timeZone: zone.name,
    parts: { clock: { now, mono: () => performance.now() + ahead } },
  });
  const browser = await openChromium();
  t.teardown(async () => {
    await browser.close();
    await house.close();
  });
  const { simulator, app } = house;
  if (!simulator) throw new Error('a story needs its networks');
  const complaints: string[] = [];

  async function open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    return page;
  }
  async function enter(device: 'desktop' | 'phone', person: Person): Promise<Page> {
    const page = await open(await browser.newContext(device === 'phone' ? PHONE : DESKTOP));
    return comeIn(page, house.url + (await house.link(person)));
  }
  const posts = async (): Promise<SeenPost[]> => {
    const answer = await fetch(`${simulator.url}/_sim/posts?by=any`);
    return (await answer.json()) as SeenPost[];
  };

  /** What a reader of the page has open all along, and how often it was loaded. */
  const street = { page: await open(await browser.newContext(PHONE)), loads: 0, sockets: 0 };
  street.page.on('websocket', () => {
    street.sockets += 1;
  });
  street.page.on('framenavigated', () => {
    street.loads += 1;
  });

  return {
    house,
    now,
    at,
    complaints,
    street,
    posts,
    enter,
    networks: simulator.accounts.length,
    simulator: simulator.url,

    /** The clock stands at this hour; what the machine took meanwhile is past. */
    async itIs(hour: string, days = 0): Promise<void> {
      const ms = at(hour) + days * DAY - now();
      if (ms < 0) throw new Error(`${hour} has passed: the machine took too long`);
      ahead += ms;
      await skipTime(simulator, ms);
    },

    /** The reader's page, loaded anew, with its socket open. */
    async read(): Promise<void> {
      await street.page.goto(`${house.url}/`);
      await street.page.locator('#conn', { hasText: 'Live' }).waitFor();
      street.loads = 0;
    },

    /** What the stand-ins show, looked at anew whenever one of them changes, until it holds what is looked for. */
    async shown<T>(look: (posts: SeenPost[]) => T | undefined): Promise<T> {
      const leave = new AbortController();
      const stream = await fetch(`${simulator.url}/_sim/stream`, { signal: leave.signal });
      if (!stream.body) throw new Error('the stand-ins tell nothing');
      try {
        for await (const _ of stream.body) {
          const found = look(await posts());
          if (found !== undefined) return found;
        }
      } finally {
        leave.abort();
      }
      throw new Error('the stand-ins ended');
    },

    /** A text that was written and cleared before anything was wrong. */
    async clear(author: Visitor, approver: Visitor, form: Record<string, string>): Promise<string> {
      await author.post('/desk/templates', { status: 'investigating', class: 'B', ...form });
      const made = (await listTemplates(app.store.read, house.page.id)).find((x) => x.name === form['name']);
      const cleared = await approver.post(`/desk/templates/${made?.id}/clear`, { version: '1', days: '90' });
      if (!made || cleared.status !== 303) throw new Error(`not cleared: ${cleared.status}`);
      return made.id;
    },

    /**
     * Waits until the page says it without being loaded again and a screen of deliveries shows every network's proof, and
     * holds that the page was first.
     */
    async everywhere(t: Test, screen: Page, updateId: string, said: string): Promise<void> {
      await street.page.locator('main').getByText(said).first().waitFor();
      t.equal(street.loads, 0, 'the page said it over its socket');
      await screen
        .locator('.strips .st.good')
        .nth(simulator.accounts.length - 1)
        .waitFor();
      const update = await getUpdate(app.store.read, updateId);
      const deliveries = await listDeliveriesOfUpdates(app.store.read, [updateId]);
      t.equal(deliveries.length, simulator.accounts.length, 'a delivery each');
      t.same([...new Set(deliveries.map((d) => d.state))], ['delivered']);
      const theirs = (await posts()).filter((p) => !p.byCustomer && p.text.includes(said));
      const kinds = new Set(simulator.accounts.map((a) => a.network));
      t.same([...new Set(theirs.map((p) => p.network))].toSorted(), [...kinds].toSorted(), 'all show it');
      t.ok(
        theirs.every((p) => p.at >= (update.publishedAt ?? Number.POSITIVE_INFINITY)),
        'and none before the page',
      );
    },
  };
}
