import t from 'tap';
import {
  renderHistory,
  renderIncident,
  renderPage,
  renderStyle,
  renderWall,
} from '../../src/templates/page.ts';
import { renderError } from '../../src/templates/plain.ts';
import { renderPrivate } from '../../src/templates/private.ts';
import { active, cards } from '../../src/templates/samples/northwind.ts';
import { operational } from '../../src/templates/samples/northwind-states.ts';
import { STATES } from '../../src/templates/samples/states.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';

const PAGES: Record<string, string> = {
  ...Object.fromEntries(Object.entries(STATES).map(([name, view]) => [name, renderPage(view)])),
  incident: renderIncident({
    ...active,
    incident: cards,
    report: { at: active.renderedAt, paragraphs: ['A deploy was wrong.', 'It cannot happen again.'] },
  }),
  history: renderHistory({
    ...operational,
    entries: operational.history,
    newerUrl: '/a',
    olderUrl: '/b',
    search: { question: 'cards', found: 2, more: true },
    month: null,
    canSearch: true,
  }),
  'history of a month': renderHistory({
    ...operational,
    entries: [],
    newerUrl: '/a',
    olderUrl: '/b',
    search: null,
    month: { name: '2026-11', at: operational.renderedAt },
    canSearch: true,
  }),
  'work that takes longer': renderPage({
    ...operational,
    incidents: [],
    status: { indicator: 'maintenance', description: 'Service Under Maintenance' },
    maintenance: operational.maintenance.slice(0, 1).map((m) => ({
      ...m,
      status: 'in_progress' as const,
      startsAt: operational.renderedAt - 7_200_000,
      endsAt: operational.renderedAt - 720_000,
      overdue: 'end' as const,
    })),
  }),
  private: renderPrivate({
    language: 'en',
    dir: 'ltr',
    action: '/visit/x',
    next: '/',
    sent: false,
    wrong: 'This password is not right.',
    openAction: null,
  }),
  error: renderError({
    page: {
      name: 'Northwind Pay',
      home: '/',
      language: 'en',
      dir: 'ltr',
      languages: [
        { code: 'en', name: 'English', dir: 'ltr', url: '/', current: true },
        { code: 'ar', name: 'العربية', dir: 'rtl', url: '/ar', current: false },
      ],
      theme: 'auto',
      grave: false,
      isExercise: false,
      logo: null,
      favicon: null,
      style: null,
    },
    status: 500,
    id: '1a2b3c4d',
    history: '/history',
    help: 'https://northwind.example/help',
  }),
};
const STYLES: Record<string, string> = {
  'style of the page': renderStyle({ sheet: 'page', theme: 'auto', grave: false }),
  'style of the desk': renderStyle({ sheet: 'desk', theme: 'auto', grave: false }),
};

const browser = await openChromium();
t.teardown(() => browser.close());

async function open(html: string, width: number, height = 900) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.setContent(html);
  return { page, close: () => context.close() };
}

for (const [name, html] of Object.entries({ ...PAGES, ...STYLES }))
  t.test(`${name}: nothing for axe to find, on phone and desktop, light and dark`, async (t) => {
    // Frames hold pages that are looked at by themselves.
    const { page, close } = await open(html.replace(/<iframe[\s\S]*?<\/iframe>/g, ''), 390);
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      t.same(await faultsOf(page), [], `${width} light`);
      // The dark page is the same document; only what is seen can differ.
      await page.emulateMedia({ colorScheme: 'dark' });
      t.same(await faultsOf(page, ['color-contrast', 'link-in-text-block']), [], `${width} dark`);
    }
    await close();
  });

t.test('wall: nothing for axe to find, and all of it fits the screen', async (t) => {
  for (const view of [active, operational, STATES['grave']!]) {
    const html = renderWall(view);
    const { page, close } = await open(html, 1920, 1080);
    t.same(await faultsOf(page), []);
    const foot = await page.evaluate(() => document.querySelector('main')!.getBoundingClientRect().bottom);
    t.ok(foot <= 1080, `ends at ${foot}`);
    await close();
  }
});

t.test('a form can be had in another language on a phone as well', async (t) => {
  const { page, close } = await open(PAGES['error']!, 390);
  t.ok(await page.getByRole('link', { name: 'العربية' }).isVisible());
  await close();
});

t.test('no page scrolls sideways at 320 px', async (t) => {
  for (const [name, html] of Object.entries({
    ...PAGES,
    'style of the desk': STYLES['style of the desk']!,
  })) {
    const { page, close } = await open(html, 320);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    t.ok(wide <= 320, `${name}: ${wide}`);
    await close();
  }
});

t.test('text a hundred letters long without a space still fits', async (t) => {
  const long = 'x'.repeat(100);
  const html = renderPage({
    ...active,
    page: { ...active.page, name: long },
    incidents: [
      {
        ...cards,
        headline: long,
        lede: long,
        blocks: { ...cards.blocks, known: [`https://a.example/${long}`] },
      },
    ],
    accounts: active.accounts.map((a) => ({ ...a, handle: long })),
  });
  const { page, close } = await open(html, 320);
  t.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  await close();
});

/** Pairs of tokens that meet, by what they must reach: 4.5 for words, 3 for marks (WCAG 2.2, 1.4.3 and 1.4.11). */
const WORDS = [
  ...['ink', 'ink-2', 'link'].flatMap((ink) => [`${ink} on paper`, `${ink} on sunk`]),
  ...['ink', 'ink-2', 'ink-3'].flatMap((ink) => [`${ink} on ground`, `${ink} on sunk`]),
  ...['slab', 'slab-2'].map((on) => `on-${on} on slab`),
  ...['ok', 'degraded', 'partial', 'major', 'maint', 'ink'].map((state) => `on-state on ${state}`),
  ...['ok', 'degraded', 'major', 'odd'].flatMap((state) => [
    `${state} on paper`,
    `${state} on ground`,
    `${state} on ${state}-wash`,
    `ink on ${state}-wash`,
  ]),
  ...['live', 'live-deep', 'exercise', 'exercise-deep'].map((mode) => `on-mode on ${mode}`),
  'on-late on late',
  'on-ink on ink',
  'on-ink on ink-2',
  'ink on mark',
];
const MARKS = [
  ...['paper', 'ground', 'sunk'].flatMap((on) => [`edge on ${on}`, `focus on ${on}`]),
  ...['quiet', 'ok', 'degraded', 'partial', 'major', 'maint'].map((state) => `${state} on paper`),
];

t.test('every pair of colours that meet keeps its contrast in every theme', async (t) => {
  const { page, close } = await open(STYLES['style of the desk']!, 1280);
  for (const theme of ['light', 'dark', 'light grave', 'dark grave']) {
    const low = await page.evaluate(
      ({ theme, pairs }) => {
        document.documentElement.className = theme;
        const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
        const probe = document.body.appendChild(document.createElement('i'));
        const luminance = (name: string) => {
          probe.style.color = `var(--${name})`;
          brush.fillStyle = getComputedStyle(probe).color;
          brush.fillRect(0, 0, 1, 1);
          const [r = 0, g = 0, b = 0] = Array.from(brush.getImageData(0, 0, 1, 1).data, (byte) => {
            const c = byte / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return pairs.flatMap(([pair, least]) => {
          const [a = 0, b = 0] = pair
            .split(' on ')
            .map(luminance)
            .sort((x, y) => y - x);
          const ratio = (a + 0.05) / (b + 0.05);
          return ratio < least ? [`${pair}: ${ratio.toFixed(2)}`] : [];
        });
      },
      {
        theme,
        pairs: [
          ...WORDS.map((pair): [string, number] => [pair, 4.5]),
          ...MARKS.map((pair): [string, number] => [pair, 3]),
        ],
      },
    );
    t.same(low, [], theme);
  }
  await close();
});
