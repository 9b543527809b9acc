import { gzipSync } from 'node:zlib';
import t from 'tap';
import { safeUrl } from '../../src/templates/format.ts';
import {
  renderChanges,
  renderFragments,
  renderHistory,
  renderIncident,
  renderPage,
  renderStyle,
  renderWall,
} from '../../src/templates/page.ts';
import { renderError } from '../../src/templates/plain.ts';
import { grave } from '../../src/templates/samples/meridia.ts';
import { active, at, cards } from '../../src/templates/samples/northwind.ts';
import {
  empty,
  late,
  operational,
  resolved,
  several,
  stale,
  working,
} from '../../src/templates/samples/northwind-states.ts';
import { STATES } from '../../src/templates/samples/states.ts';
import { pageWords } from '../../src/templates/strings/page/words.ts';
import { deskCss, pageCss } from '../../src/templates/styles.ts';
import type { PageView } from '../../src/templates/views.ts';

/** What a reader reads: no tags, no hidden parts of the head, entities decoded. */
const read = (html: string) =>
  html
    .replace(/<p class="reload">.*?<\/p>/g, ' ')
    .replace(/<(style|script|svg|title)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&#x27;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.)])/g, '$1')
    .replace(/\( /g, '(');
const text = (view: PageView) => read(renderPage(view));

t.test('an incident answers its reader in order: state, sentence, promise, what to do', async (t) => {
  const page = text(active);
  const order = [
    'Major outage',
    'Cause found',
    'Updated 2 min ago',
    'Some card payments are failing right now.',
    'Next update by 14:40 UTC in 17 min',
    'What you should do',
    'Don’t retry a payment',
    'What we know',
    'What we don’t know yet',
    'What we are doing',
    'Correction, 14:20 UTC',
    'Everything we said, newest first',
    'Promised by 14:30: kept, 10 min early. Next by 14:40.',
    'Our official accounts',
  ];
  let from = 0;
  for (const words of order) {
    const found = page.indexOf(words, from);
    t.ok(found >= from, words);
    from = Math.max(from, found);
  }
  t.match(page, 'Copy from 14:22', 'without a script it never claims to be live');
  t.notMatch(page, /\bLive\b/);
});

t.test('a late promise says so, and says by how much', async (t) => {
  t.match(
    text(late),
    'We promised an update by 14:40 UTC We are late, by 1 min. The team is still working. Last check 14:41.',
  );
  const inMinute = { ...late, renderedAt: at('14:40') + 59_000 };
  t.match(text(inMinute), 'Next update by 14:40 UTC', 'a promise of 14:40 is kept up to 14:40:59');
});

t.test('a copy says how old it is and that it cannot know more', async (t) => {
  const page = text(stale);
  t.match(page, 'This is a copy from 14:21 UTC.');
  t.match(page, 'This copy promised an update by 14:40 UTC That time has passed. There may be newer words');
  t.notMatch(page, 'We are late', 'only the team can be late, not a copy');
  t.match(text({ ...stale, renderedAt: at('14:30') }), 'This copy promised an update by 14:40 UTC in 10 min');
});

t.test('quiet, planned, solved, new and grave pages each say their own first sentence', async (t) => {
  t.match(
    text(operational),
    /All working Checked 20 sec ago \(14:22 UTC\) Everything works\. All 6 parts of Northwind Pay/,
  );
  t.match(text(operational), 'We still owe you Report on the card problem of 12 November');
  t.match(text(working), 'Planned work Under way The Dashboard is off until 16:00 UTC.');
  t.match(text(resolved), 'Solved Updated 20 min ago (15:20 UTC) 1 correction Card payments work again.');
  t.match(text(resolved), 'since 15:20 UTC Lasted 1 hr 11 min.');
  t.match(text(empty), 'Nothing to report. When something happens at New page, you will read it here first.');
  const quiet = text(grave);
  t.match(quiet, 'Families and friends +60 3 5550 0218');
  t.match(quiet, 'Next update by 12:30 GMT+8 We will keep this time even if there is nothing new.');
  for (const loud of [
    'Major outage',
    'Share this update',
    'Promises kept',
    'of the time working',
    'in 44 min',
  ])
    t.notMatch(quiet, loud);
});

t.test('other open incidents are told under the first, a late one as late', async (t) => {
  const others = read(renderFragments(several).others);
  t.match(others, 'Slow Watching the fix Updated 14:02 Some UK bank transfers arrive up to an hour late.');
  t.match(others, 'Next update by 15:00 UTC');
  t.match(others, 'We promised an update by 14:20 UTC. We are late, by 2 min.');
});

t.test('accounts say what arrived, and where we cannot speak', async (t) => {
  const accounts = read(renderFragments(active).accounts);
  t.match(accounts, 'Mastodon posted 14:21 @status@northwind.example');
  t.match(accounts, 'Email sent 14:21');
  t.match(
    accounts,
    'X cannot post now @northwindpay We cannot post on X right now. This page is the newest.',
  );
  t.match(
    read(renderFragments(active).languages),
    'Deutsch 8 min behind The words in English are newer by 8 min.',
  );
  const many = Array.from({ length: 4 }, (_, i) =>
    active.accounts.map((a) => ({ ...a, handle: `@n${i}` })),
  ).flat();
  const folded = renderFragments({ ...active, accounts: many }).accounts;
  const [seen = '', behind = ''] = folded.split('<details data-key="accounts">');
  t.equal(seen.match(/<li>/g)?.length, 6, 'of many, a few are in sight');
  t.equal(seen.match(/cannot post now/g)?.length, 4, 'those that cannot speak first');
  t.match(behind, `<summary>${many.length - 6} more</summary>`);
  t.equal(behind.match(/<li>/g)?.length, many.length - 6, 'and all others a line away');
});

t.test('wrong words stay in place, struck through, and point to what is right', async (t) => {
  const { timeline, corrections } = renderFragments(active);
  t.match(timeline, '<del>Refunds are failing too.</del> Don’t retry');
  t.match(timeline, '<a href="#corrections">Corrected 14:20</a>');
  t.match(
    corrections,
    '<ins><span class="vh">Right: </span><bdi>Refunds work, and have worked all day.</bdi></ins>',
  );
  const [first, ...rest] = cards.timeline;
  const taken = { ...cards, timeline: [{ ...first!, retractedAt: at('14:21') }, ...rest] };
  t.match(
    read(renderFragments({ ...active, incidents: [taken] }).timeline),
    'Taken back 14:21. These words were wrong',
  );
});

t.test('ninety days can be read without seeing them', async (t) => {
  const { components } = renderFragments(active);
  t.match(
    components,
    'aria-label="Card payments, last 90 days: Major outage, today; Partial outage, 12 November; Slow, 3 October"',
  );
  t.match(
    read(components),
    '99.89% of the time working, trouble on 3 days Day What How long today Major outage 13 min so far 12 November Partial outage 47 min',
  );
  t.match(read(components), 'planned work on 1');
});

for (const [name, view] of Object.entries(STATES))
  t.test(`${name}: every fragment is an element of the page, whole, and the page is small`, async (t) => {
    const html = renderPage(view);
    const fragments = renderFragments(view);
    for (const [id, fragment] of Object.entries(fragments)) {
      t.equal(html.split(`id="${id}"`).length, 2, `${id} is there once`);
      t.ok(html.includes(fragment.trim()), `${id} is drawn the same way in the page`);
      t.match(
        fragment.trim().slice(0, 120),
        new RegExp(`^<\\w+[^>]* id="${id}"`),
        `${id} replaces its own element`,
      );
    }
    const ids = Array.from(html.matchAll(/ id="([^"]*)"/g), (m) => m[1]);
    t.same(ids, [...new Set(ids)], 'no id twice');
    t.notMatch(html, / style="|onclick=|undefined|NaN|\[object/);
    const size = gzipSync(html, { level: 9 }).length;
    t.ok(size <= 14 * 1024, `${size} bytes`);
  });

t.test('a change is only what changed; a change of layout is the whole main', async (t) => {
  t.same(renderChanges(active, active), {});
  const posted = { ...active, accounts: operational.accounts };
  t.same(Object.keys(renderChanges(active, posted)), ['accounts']);
  t.same(Object.keys(renderChanges(operational, active)), ['title', 'main']);
  t.same(Object.keys(renderChanges(null, active)), ['title', 'main'], 'a snapshot after a gap');
  t.ok(renderPage(active).includes(renderChanges(null, active)['main']!.trim()));
});

const HOSTILE = `"><img src=x onerror=alert(1)>'</style></script>{{w}}<b>`;
const FREE =
  /^(name|handle|network|title|headline|lede|text|note|label|phone|wrong|right|heading|press|summary|description|id|url|message|paragraphs|action|known|unknown|doing|components|home|history|promises|corrections|atom|rss|api|affected|ask|subscribe|verify|calendarUrl|scriptUrl|newerUrl|olderUrl|homeUrl|pageName)$/;

/** The same view with hostile text in every field a person, or a person's software, may fill. */
function poison<T>(value: T, text: string, key = ''): T {
  if (typeof value === 'string') return (FREE.test(key) ? text : value) as T;
  if (Array.isArray(value)) return value.map((v) => poison(v, text, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poison(v, text, k)])) as T;
}

t.test('no text a person wrote becomes markup, in any field of any page', async (t) => {
  const drawn = (text: string) => [
    ...Object.values(STATES).flatMap((view) => {
      const bad = poison(view, text);
      return [renderPage(bad), renderWall(bad), ...Object.values(renderFragments(bad))];
    }),
    renderIncident(
      poison({ ...active, incident: cards, report: { at: 0, paragraphs: ['One.', 'Two.'] } }, text),
    ),
    renderHistory(
      poison(
        {
          ...operational,
          entries: operational.history,
          newerUrl: '/a',
          olderUrl: '/b',
          search: { question: text, found: 0, more: false },
          month: null,
          canSearch: true,
        },
        text,
      ),
    ),
    renderError(
      poison(
        {
          page: {
            name: 'a',
            home: '/',
            language: 'en',
            dir: 'ltr' as const,
            languages: [],
            theme: 'auto' as const,
            grave: false,
            isExercise: false,
            logo: null,
            favicon: null,
            style: null,
          },
          status: 500,
          id: 'c',
          history: '/history',
          help: 'https://northwind.example/help',
        },
        text,
      ),
    ),
  ];
  for (const html of drawn(HOSTILE)) {
    t.notMatch(html, /<img|onerror=alert/);
    t.equal(
      html.split('</style>').length,
      html.includes('<style>') ? 2 : 1,
      'the style ends where we end it',
    );
  }
  const addresses = 'javascript:alert(1)';
  for (const html of drawn(addresses)) t.notMatch(html, /(href|src|action)="javascript:/i);
  t.equal(safeUrl('//evil.example'), '#', 'no address that borrows our scheme');
  t.equal(safeUrl('/history'), '/history');
});

t.test('what goes on is told by how far it is, not by how bad it was', async (t) => {
  const entry = { ...operational.history[0]!, status: 'monitoring' as const, impact: 'critical' as const };
  const page = read(
    renderHistory({
      ...operational,
      entries: [{ ...entry, endedAt: null }],
      newerUrl: null,
      olderUrl: null,
      search: null,
      month: null,
      canSearch: false,
    }),
  );
  t.match(page, 'Watching the fix');
  t.notMatch(page, 'Major outage');
});

t.test('addresses in text become links, and only http and https ones', async (t) => {
  const { answers } = renderFragments(active);
  t.match(
    answers,
    '<a href="https://northwind.example/pending" rel="noopener nofollow">https://northwind.example/pending</a>.',
  );
});

t.test('pages stand alone: nothing is asked of another server', async (t) => {
  for (const html of [
    renderPage(active),
    renderWall(active),
    renderIncident({ ...active, incident: cards, report: null }),
  ]) {
    // A block of JSON-LD is read by programs and run by nobody.
    t.notMatch(html, /<(script(?! type="application\/ld\+json")|link rel="stylesheet"|img|iframe)/);
    t.notMatch(html, /url\(|@import/);
  }
  t.match(
    renderPage({ ...active, page: { ...active.page, scriptUrl: '/live.js' } }),
    '<script type="module" src="/live.js">',
  );
});

t.test('styles are one system: both sheets hold the same tokens, and every token used is set', async (t) => {
  for (const { text } of [pageCss(), deskCss()]) {
    const used = new Set(Array.from(text.matchAll(/var\(--([\w-]+)\)/g), (m) => m[1]));
    for (const name of used) t.match(text, `--${name}:`, `--${name}`);
  }
  t.match(pageCss().csp, /^'sha256-[\w+/]{43}='$/);
});

t.test('the style page shows every state whole, and every colour', async (t) => {
  const page = renderStyle({ sheet: 'page', theme: 'dark', grave: false });
  for (const name of Object.keys(STATES)) t.match(page, `<iframe title="${name}"`);
  const desk = renderStyle({ sheet: 'desk', theme: 'light', grave: false });
  for (const name of ['paper', 'late', 'exercise', 'odd-wash']) t.match(desk, `fill="var(--${name})"`);
});

t.test('every language has every word, and fills the same places', async (t) => {
  const en = pageWords('en');
  const places = (words: unknown) => [...(String(words).match(/\{\w*\}/g) ?? [])].sort().join();
  const missing = (a: object, b: object, path: string): string[] =>
    Object.entries(a).flatMap(([key, words]) => {
      const same = (b as Record<string, unknown>)[key];
      if (typeof words === 'object') return missing(words, (same as object) ?? {}, `${path}.${key}`);
      // A language without a singular has none.
      if (same === undefined && key === 'one' && 'other' in b) return [];
      return typeof same === 'string' && places(same) === places(words) ? [] : [`${path}.${key}`];
    });
  for (const code of ['de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ja', 'ar', 'hi', 'zh']) {
    t.not(pageWords(code), en, code);
    t.same(missing(en, pageWords(code), code), []);
  }
  t.equal(pageWords('tlh'), en);
  t.equal(pageWords('de-AT'), pageWords('de'));
});
