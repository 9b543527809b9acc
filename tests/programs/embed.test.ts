import type { Page } from 'playwright-core';
import t from 'tap';
import { listRenditions } from '../../db/queries/words.ts';
import { openChromium } from '../chromium.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openProgramHouse, type ProgramHouse, tamper } from './programs-house.ts';

const STATUS = 'https://status.company.example';
const SHOP = 'https://shop.example/';

const browser = await openChromium();
t.teardown(() => browser.close());

/** A browser in which the status page is at its public address, and another site says `html`. */
async function openSite(house: ProgramHouse, html: string): Promise<{ page: Page; wrongs: string[] }> {
  const context = await browser.newContext();
  t.teardown(() => context.close());
  await context.route('**/*', async (route) => {
    const url = route.request().url();
    if (url.startsWith(SHOP)) {
      await route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><title>Shop</title><body>${html}`,
      });
      return;
    }
    const answer = await house.look(url.slice(STATUS.length), { accept: '*/*' });
    const { 'content-length': _, ...headers } = answer.headers as Record<string, string>;
    await route.fulfill({ status: answer.status, headers, body: answer.body });
  });
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on('pageerror', (error) => wrongs.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') wrongs.push(message.text());
  });
  return { page, wrongs };
}

const trouble = (house: ProgramHouse) => ({
  ...wordsAt(house.clock.now()),
  components: { [house.components[0]!.id]: 'major_outage' as const },
});

t.test('a site written for Statuspage reads us with one address changed', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  await house.say(incident, trouble(house));
  await house.live.settled();
  const { page, wrongs } = await openSite(house, `<script src="${STATUS}/se-v2.js"></script>`);
  await page.goto(SHOP);
  const told = await page.evaluate(async () => {
    interface Asked {
      [name: string]: (asking: { filter?: string; success(answer: unknown): void }) => void;
    }
    const { StatusPage } = window as unknown as { StatusPage: { page: new (o: object) => Asked } };
    const sp = new StatusPage.page({ page: 'zxld2sws8c9x' });
    const ask = (name: string, filter?: string) =>
      new Promise<Record<string, unknown>>((done) => {
        sp[name]!({ ...(filter && { filter }), success: (answer) => done(answer as never) });
      });
    return {
      summary: await ask('summary'),
      status: await ask('status'),
      components: await ask('components'),
      incidents: await ask('incidents'),
      unresolved: await ask('incidents', 'unresolved'),
      resolved: await ask('incidents', 'resolved'),
      upcoming: await ask('scheduled_maintenances', 'upcoming'),
      failed: (() => {
        try {
          new StatusPage.page({});
          return '';
        } catch (error) {
          return String(error);
        }
      })(),
    };
  });
  t.match(told.summary, { status: { indicator: 'major' }, incidents: [{ id: incident.id }] });
  t.match(told.status, { status: { description: 'Partial System Outage' } });
  t.equal((told.components['components'] as unknown[]).length, 3);
  t.match(told.incidents, { incidents: [{ id: incident.id }] });
  t.match(told.unresolved, { incidents: [{ id: incident.id }] });
  t.strictSame(told.resolved['incidents'], []);
  t.strictSame(told.upcoming['scheduled_maintenances'], []);
  t.match(told.failed, 'A pageId is required');
  t.strictSame(wrongs, []);
});

t.test('a notice stands in the corner of a site while something is wrong', async (t) => {
  const house = await openProgramHouse();
  const { page, wrongs } = await openSite(house, `<script src="${STATUS}/embed/script.js"></script>`);
  const notice = page.locator('iframe');
  const words = page.frameLocator('iframe');
  const load = async () => {
    await page.goto(SHOP);
    await words.locator('main').waitFor({ state: 'attached' });
  };
  await load();
  t.equal(await notice.isVisible(), false, 'nothing while all is well');
  const incident = await house.openIncident();
  await house.say(incident, trouble(house));
  await house.live.settled();
  await load();
  await notice.waitFor({ state: 'visible' });
  t.match(await words.locator('.say').innerText(), 'Card payments fail for some customers.');
  t.match(await words.locator('.tag').innerText(), 'Major outage');
  t.match(await words.locator('.next').innerText(), 'Next update by 14:20 UTC');
  t.equal(await words.locator('.say a').getAttribute('href'), `${STATUS}/incidents/${incident.id}`);
  await words.getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'hidden' });
  await load();
  t.equal(await notice.isVisible(), false, 'put away for these words');
  house.clock.advance(MINUTE);
  await house.say(incident, wordsAt(house.clock.now(), 'Half of them work again.'));
  await house.live.settled();
  await load();
  await notice.waitFor({ state: 'visible' });
  t.match(await words.locator('.say').innerText(), 'Half of them work again.', 'and back with new ones');
  const frame = page.frames().find((f) => f.url().startsWith(STATUS))!;
  await house.say(incident, {
    status: 'resolved',
    body: 'All works again.',
    components: { [house.components[0]!.id]: 'operational' },
  });
  await house.live.settled();
  await frame.evaluate(() => dispatchEvent(new Event('visibilitychange')));
  await notice.waitFor({ state: 'hidden' });
  t.strictSame(wrongs, []);
});

t.test('only the notice may stand in a frame of another site', async (t) => {
  const house = await openProgramHouse();
  const { page } = await openSite(
    house,
    `<iframe name="notice" src="${STATUS}/embed/frame"></iframe><iframe name="page" src="${STATUS}/"></iframe>`,
  );
  await page.goto(SHOP);
  const loaded = (name: string) => page.frame({ name })!.locator('main').count();
  await page.frame({ name: 'notice' })!.locator('main').waitFor({ state: 'attached' });
  t.equal(await loaded('notice'), 1);
  t.equal(await loaded('page').catch(() => 0), 0);
  for (const path of ['/', '/history', '/badge.svg', '/api/v2/summary.json'])
    t.match((await house.look(path)).headers['content-security-policy'], "frame-ancestors 'none'", path);
  for (const path of ['/badge.svg', '/og.png', '/embed/frame', '/embed/script.js', '/api/v2/summary.json'])
    t.match(
      (await house.look(path)).headers,
      { 'cross-origin-resource-policy': 'cross-origin', 'access-control-allow-origin': '*' },
      `${path} may be loaded by anybody`,
    );
  t.notOk((await house.look('/')).headers['access-control-allow-origin'], 'the page itself by nobody');
  const policy = (await house.look('/embed/frame')).headers['content-security-policy'] ?? '';
  t.match(policy, 'frame-ancestors *');
  t.notMatch(policy, 'unsafe');
});

t.test('a page says to programs what it says to people, and runs none of it', async (t) => {
  const house = await openProgramHouse({ page: { languages: ['en', 'fr'], name: '</script><b>Company' } });
  const incident = await house.openIncident('A & B </script><script>alert(1)</script>');
  await house.say(incident, trouble(house));
  await house.live.settled();
  const { page, wrongs } = await openSite(house, '');
  const head = async (path: string) => {
    await page.goto(STATUS + path);
    return page.evaluate(() => ({
      ld: document.querySelector('script[type="application/ld+json"]')?.textContent ?? '',
      meta: Object.fromEntries(
        [...document.querySelectorAll('meta[property], meta[name]')].map((m) => [
          m.getAttribute('property') ?? m.getAttribute('name'),
          m.getAttribute('content'),
        ]),
      ),
      links: [...document.querySelectorAll('link[rel=alternate][type]')].map((l) => [
        l.getAttribute('type'),
        (l as HTMLLinkElement).href,
      ]),
      bold: document.querySelectorAll('b b').length,
    }));
  };
  const front = await head('/');
  t.match(JSON.parse(front.ld), {
    '@type': 'WebPage',
    url: STATUS,
    inLanguage: 'en',
    mainEntity: { '@type': 'LiveBlogPosting', name: incident.title },
    publisher: { name: '</script><b>Company' },
  });
  t.equal(front.meta['og:title'], 'Card payments fail for some customers.');
  t.equal(front.meta['og:image'], `${STATUS}/og.png`);
  const french = await head('/fr');
  t.equal(JSON.parse(french.ld).url, `${STATUS}/fr`);
  t.equal(french.meta['og:url'], `${STATUS}/fr`);
  t.equal(french.meta['og:image'], `${STATUS}/fr/og.png`);
  const own = await head(`/incidents/${incident.id}`);
  t.match(JSON.parse(own.ld), {
    '@type': 'LiveBlogPosting',
    url: `${STATUS}/incidents/${incident.id}`,
    liveBlogUpdate: [{ articleBody: /Card payments fail/ }],
  });
  t.equal(own.meta['og:image'], `${STATUS}/og/${incident.id}.png`);
  t.strictSame(
    wrongs.filter((w) => !/WebSocket|EventSource|live\//.test(w)),
    [],
    'the policy has nothing to forbid',
  );
  for (const [type, url] of front.links) {
    const answer = await house.look(url!.slice(STATUS.length));
    t.equal(answer.status, 200, url!);
    if (!type!.includes('oembed')) t.match(answer.headers['content-type'], type!);
  }
  const [, ask] = own.links.find(([type]) => type === 'application/json+oembed')!;
  const shown = JSON.parse((await house.look(ask!.slice(STATUS.length))).text) as Record<string, string>;
  t.match(shown, { version: '1.0', type: 'rich', width: Number, height: Number, provider_url: STATUS });
  t.match(shown['html'], `<iframe src="${STATUS}/embed/incidents/${incident.id}"`);
  t.notMatch(shown['html'], '<script>');
});

t.test('oEmbed answers for our own addresses, in the format and size asked for', async (t) => {
  const house = await openProgramHouse();
  const ask = (query: string) => house.look(`/oembed?${query}`);
  const small = JSON.parse((await ask(`url=${STATUS}/&maxwidth=300&maxheight=100`)).text);
  t.match(small, { width: 300, height: 100 });
  const xml = await ask(`url=${STATUS}&format=xml`);
  t.match(xml.headers['content-type'], 'text/xml');
  t.match(xml.text, '<oembed>');
  t.equal((await ask(`url=${STATUS}&format=yaml`)).status, 501);
  for (const url of [
    'https://evil.example/',
    `${STATUS}/incidents/nothing`,
    `${STATUS}/nowhere`,
    'nonsense',
    '',
  ])
    t.equal((await ask(`url=${encodeURIComponent(url)}`)).status, 404, url);
});

t.test('badges and cards are pictures, and XML is XML to a reader that is not ours', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  await house.say(incident, trouble(house));
  const name = 'A & <B> "Ünïted" 会社 ]]> \u0007';
  await house.store.transact(async (w) => {
    await w.sql.update(w.t.pages).set({ name });
  });
  await tamper(house, incident, { title: name });
  const badge = `/badge/${house.components[0]!.id}.svg`;
  const { page, wrongs } = await openSite(
    house,
    ['/badge.svg', badge, '/og.png', `/og/${incident.id}.png`]
      .map((p) => `<img src="${STATUS}${p}">`)
      .join(''),
  );
  await page.goto(SHOP);
  const sizes = await page.evaluate(async () => {
    const all = [...document.images];
    await Promise.all(all.map((i) => i.decode()));
    return all.map((i) => [i.naturalWidth, i.naturalHeight] as const);
  });
  t.equal(sizes[0]![1], 24);
  t.ok(sizes[0]![0] > 150 && sizes[1]![0] > 100);
  t.strictSame(sizes.slice(2), [
    [1080, 1080],
    [1080, 1080],
  ]);
  const paths = ['/history.atom', '/history.rss', '/updates.atom', '/updates.rss', '/cap.atom', '/badge.svg'];
  for (const path of [...paths, `/cap/${incident.id}.xml`]) {
    const root = await page.evaluate(
      (text) => {
        const read = new DOMParser().parseFromString(text, 'text/xml');
        return (
          read.querySelector('parsererror')?.textContent ??
          read.documentElement.namespaceURI ??
          'no namespace'
        );
      },
      await house.text(path),
    );
    t.match(root, /^(http:\/\/www\.w3\.org\/|urn:oasis|no namespace)/, path);
  }
  t.strictSame(wrongs, []);
});

t.test('an update has a card of its own, once it is told', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const asked = await house.ask(incident);
  const [waiting] = await listRenditions(house.store.read, asked.id);
  t.equal((await house.look(`/card/${waiting!.code}.png`)).status, 404, 'not before');
  const told = await house.say(incident, trouble(house));
  await house.live.settled();
  const [rendition] = await listRenditions(house.store.read, told.id);
  const png = await house.look(`/card/${rendition!.code}.png`);
  t.equal(png.headers['content-type'], 'image/png');
  t.equal(png.body.subarray(1, 4).toString(), 'PNG');
  const jpg = await house.look(`/card/${rendition!.code}.jpg`);
  t.equal(jpg.headers['content-type'], 'image/jpeg');
  t.equal(jpg.body.subarray(0, 3).toString('hex'), 'ffd8ff');
  for (const file of ['nothing.png', `${rendition!.code}.gif`, `${rendition!.code}`])
    t.equal((await house.look(`/card/${file}`)).status, 404, file);
});
