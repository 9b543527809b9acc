import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import t from 'tap';
import { listRenditions } from '../../db/queries/words.ts';
import { switchConnection } from '../../src/actions/connect-account.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { tellStories } from '../stories.ts';
import { type LiveHouse, openLiveHouse, seqOf } from './live-house.ts';
import { elementOf, openPage } from './open-page.ts';

interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: Buffer;
}
/** A request without the conveniences of `fetch`: what is on the wire. */
const ask = (house: LiveHouse, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((done, fail) => {
    get(house.base + path, { headers, method, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        done({
          status: answer.statusCode ?? 0,
          headers: answer.headers as Answer['headers'],
          body: Buffer.concat(chunks),
        }),
      );
    }).on('error', fail);
  });

t.test('a page is served in the encoding asked for, once', async (t) => {
  const house = await openLiveHouse();
  const plain = await ask(house, '/');
  t.equal(plain.status, 200);
  t.notOk(plain.headers['content-encoding']);
  t.match(plain.headers['cache-control'], /^public, max-age=\d, .*stale-if-error=86400/);
  t.equal(plain.headers['vary'], 'accept-encoding');
  const tags = new Set([plain.headers['etag']]);
  for (const [accept, encoding, open] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, *', 'gzip', gunzipSync],
  ] as const) {
    const answer = await ask(house, '/', { 'accept-encoding': accept });
    t.equal(answer.headers['content-encoding'], encoding, accept);
    t.equal(Number(answer.headers['content-length']), answer.body.length);
    t.ok(open(answer.body).equals(plain.body), 'the same page');
    tags.add(answer.headers['etag']);
    const again = await ask(house, '/', {
      'accept-encoding': accept,
      'if-none-match': `"other", W/${answer.headers['etag']}`,
    });
    t.equal(again.status, 304);
    t.equal(again.body.length, 0);
    t.equal(again.headers['etag'], answer.headers['etag']);
    t.ok(again.headers['content-security-policy']);
  }
  t.equal(tags.size, 3, 'different bytes have different tags');
  const head = await ask(house, '/', {}, 'HEAD');
  t.equal(head.status, 200);
  t.equal(head.body.length, 0);
  t.equal(Number(head.headers['content-length']), plain.body.length);
  t.notOk(
    (await ask(house, '/', { 'accept-encoding': 'zstd, br;q=0, gzip;q=0.0' })).headers['content-encoding'],
  );
});

t.test('a page may run and load what is ours, and nothing else', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  for (const path of [
    '/',
    `/incidents/${incident.id}`,
    '/history',
    '/nowhere',
    '/style',
    '/style?sheet=desk',
  ]) {
    const { headers, body } = await ask(house, path, { accept: 'text/html' });
    const policy = headers['content-security-policy'] ?? '';
    t.match(policy, /^default-src 'none';/, path);
    t.notMatch(policy, 'unsafe');
    const html = body.toString();
    for (const [, style = ''] of html.replace(/srcdoc="[^"]*"/g, '').matchAll(/<style>(.*?)<\/style>/gs))
      t.match(policy, createHash('sha256').update(style).digest('base64'), 'its styles, by their hash');
    t.notMatch(html.replace(/srcdoc="[^"]*"/g, ''), /<[^>]+\s(?:style|on[a-z]+)=/, 'nothing inline');
    t.equal(headers['x-content-type-options'], 'nosniff');
    t.ok(headers['referrer-policy']);
  }
  t.equal((await ask(house, '/nowhere')).status, 404);
  t.equal((await ask(house, '/live.js')).headers['content-type'], 'text/javascript; charset=utf-8');
  t.equal((await ask(house, '/favicon.svg')).headers['content-type'], 'image/svg+xml');
  t.match((await ask(house, '/robots.txt')).body.toString(), 'User-agent: *');
});

t.test('many who come right after a change are all answered, with old words or new', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  const before = seqOf(await house.read());
  const update = await house.say(incident);
  const pages = await Promise.all(Array.from({ length: 64 }, () => ask(house, '/')));
  t.ok(pages.every((page) => page.status === 200));
  const seqs = pages.map((page) => seqOf(page.body.toString()));
  t.ok(seqs.every((seq) => seq === before || seq === update.publishedSeq));
  await house.live.settled();
  t.equal(seqOf(await house.read()), update.publishedSeq, 'and soon it is the new words only');
});

t.test('languages and pages have their own addresses', async (t) => {
  const house = await openLiveHouse({ page: { languages: ['en', 'fr', 'ar'] } });
  const other = await openLiveHouse({
    at: house.place,
    clock: house.clock,
    page: { slug: 'eu', languages: ['de', 'en'] },
  });
  const lang = async (path: string) =>
    /<html lang="(\w+)" dir="(\w+)"/
      .exec(await other.read(path))
      ?.slice(1)
      .join(' ');
  t.equal(await lang('/'), 'en ltr');
  t.equal(await lang('/fr'), 'fr ltr');
  t.equal(await lang('/ar'), 'ar rtl');
  t.equal(await lang('/eu'), 'de ltr');
  t.equal(await lang('/eu/en'), 'en ltr');
  t.equal(await lang('/eu/en/history'), 'en ltr');
  t.match(await other.read('/eu/en'), 'href="/eu/en/history"');
  for (const path of ['/de', '/eu/fr', '/fr/eu', '/en/en', '/eu/eu', '/%00', '/eu/en/incidents/..'])
    t.equal((await ask(other, path)).status, 404, path);
  t.ok((await other.read('/')).includes(`data-page="${house.page.id}"`));
});

t.test('a short link leads to its update, in the page of its incident', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  const asked = await house.ask(incident);
  const [rendition] = await listRenditions(house.store.read, asked.id);
  t.equal((await ask(house, `/u/${rendition!.code}`)).status, 404, 'not before it is published');
  const update = await house.say(incident, wordsAt(house.clock.now(), 'It is told.'));
  const [told] = await listRenditions(house.store.read, update.id);
  const answer = await ask(house, `/u/${told!.code}`);
  t.equal(answer.status, 302);
  t.equal(answer.headers['location'], `/incidents/${incident.id}#u-${update.id}`);
  const page = await house.read(answer.headers['location']);
  t.match(page, `id="u-${update.id}"`, 'and the anchor is there');
  t.equal((await ask(house, '/u/nothing')).status, 404);
});

t.test('incidents and the past have pages that stay current', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident('Card payments fail');
  t.equal((await ask(house, `/incidents/${incident.id}`)).status, 404, 'nobody was told yet');
  await house.say(incident);
  await house.live.settled();
  t.match(await house.read(`/incidents/${incident.id}`), 'Card payments fail for some customers.');
  t.notMatch(await house.read('/history'), /<h1[^>]*>\s*<\/h1>/);
  await house.say(incident, wordsAt(house.clock.now(), 'Half of all payments go through again.'));
  await house.live.settled();
  t.match(await house.read(`/incidents/${incident.id}`), 'Half of all payments go through again.');
  const where = async () => elementOf(await house.read(`/incidents/${incident.id}`), 'accounts');
  const before = await where();
  t.match(before, '@company', 'with the accounts that say it');
  await switchConnection(house.ctx(house.admin), house.connections[0]!.id, false);
  await house.live.settled();
  t.not(await where(), before, 'and what becomes of them');
  await house.say(incident, { status: 'resolved', blocks: { known: 'All is well again.' } });
  await house.live.settled();
  const history = await house.read('/history');
  t.match(history, `/incidents/${incident.id}`);
  t.match(history, 'All is well again.');
  house.clock.advance(3 * 60 * MINUTE);
  await house.live.settled();
  t.match(await house.read('/'), 'data-layout="calm"', 'after a while the page is quiet again');
});

t.test('the past goes back page by page, and forward again', async (t) => {
  const house = await openLiveHouse();
  const titles = await tellHourly(house, 60);
  const titlesOn = (html: string) => titles.filter((title) => html.includes(`>${title}<`));
  const link = (html: string, way: string) =>
    new RegExp(`href="(/history\\?${way}=[^"]+)"`).exec(html)?.[1]?.replaceAll('&#x3D;', '=');
  const seen: string[] = [];
  let path: string | undefined = '/history';
  let pages = 0;
  let last = '';
  for (; path !== undefined; pages += 1) {
    last = (await house.read(path)).replaceAll('&#x3D;', '=');
    seen.push(...titlesOn(last).reverse());
    path = link(last, 'before');
  }
  t.equal(pages, 3);
  t.strictSame(seen, [...titles].reverse(), 'each once, newest first');
  const back = (await house.read(link(last, 'after'))).replaceAll('&#x3D;', '=');
  t.strictSame(titlesOn(back), titles.slice(10, 35), 'the page before');
  t.equal((await ask(house, '/history?before=%3Cscript%3E')).status, 404);
});

/** Ended incidents, an hour apart, written straight into the database. Their titles, oldest first. */
async function tellHourly(house: LiveHouse, count: number): Promise<string[]> {
  const incident = await house.openIncident('model');
  const update = await house.ask(incident);
  const stories = Array.from({ length: count }, (_, i) => {
    const at = house.clock.now() - (count - i + 4) * 60 * MINUTE;
    const id = `0${at.toString(36).padStart(9, '0')}${String(i).padStart(6, '0')}`;
    return { id, title: `Story ${i} of ${count}`, at, endedAt: at + MINUTE };
  });
  await tellStories(house.store, { incident, update }, stories);
  return stories.map(({ title }) => title);
}

t.test('without its database the page stays, and says how old it is', async (t) => {
  const house = await openLiveHouse({ limits: { beatMs: 50, tickMs: 50 } });
  const incident = await house.openIncident();
  const cold = await house.openIncident('Never read');
  await house.say(incident);
  await house.say(cold);
  await house.live.settled();
  const warm = `/incidents/${incident.id}`;
  await house.read(warm);
  t.notMatch(await house.read(), /<html[^>]* class="[^"]*stale/);
  const open = await openPage(house.base);
  t.equal((await open.until('beat')).copyOf, undefined, 'while all is well a beat is only a beat');
  await house.close();
  house.clock.advance(10 * MINUTE);
  const marked = async (path: string) => {
    for (;;) {
      const html = await house.read(path);
      if (/<html[^>]* class="[^"]*stale/.test(html)) return html;
    }
  };
  for (const path of ['/', warm]) {
    const html = await marked(path);
    t.match(html, '14:00', 'the time at which it was last right');
    t.notMatch(html, 'min ago', 'a copy does not know what time it is');
    t.match(html, 'Card payments fail for some customers.');
  }
  const beat = await open.until('beat', (b) => b.copyOf !== undefined);
  t.ok(beat.copyOf! < beat.serverTime, 'a page that was open before is told how old its words are');
  open.drop();
  const never = await ask(house, `/incidents/${cold.id}`, { accept: 'text/html' });
  t.equal(never.status, 503);
  t.ok(never.headers['retry-after']);
  t.equal((await ask(house, '/u/abcdefghi')).status, 503);
  t.ok(house.reports.length > 0, 'somebody is told');
});

t.test('a database that somebody else holds does not hold the page', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  const other = new Database(house.place.file);
  other.exec('BEGIN EXCLUSIVE');
  house.clock.advance(MINUTE);
  await house.live.settled();
  t.equal((await ask(house, '/')).status, 200);
  await t.rejects(house.say(incident), { code: 'unavailable' }, 'nothing can be published');
  t.equal((await ask(house, '/')).status, 200);
  other.exec('COMMIT');
  other.close();
  await house.say(incident, wordsAt(house.clock.now(), 'The lock is gone.'));
  await house.live.settled();
  const html = await house.read();
  t.match(html, 'The lock is gone.');
  t.notMatch(html, /<html[^>]* class="[^"]*stale/);
});

t.test('a mirror has the newest pages as files, whole at every moment', async (t) => {
  const mirror = t.testdir();
  const house = await openLiveHouse({ mirror, page: { languages: ['en', 'fr'] } });
  const file = (name: string) => readFileSync(join(mirror, name));
  /** What a copy cannot do for anybody is left out of it. */
  const withoutAsking = (html: string) =>
    html
      .replace(/<a class="btn" href="[^"]*\/subscribe">[^<]*<\/a>/g, '')
      .replace(/<section class="sec noprint" id="subscribe"[\s\S]*?<\/section>/, '')
      .replace(/<section class="sec noprint" aria-labelledby="ve"[\s\S]*?<\/section>/, '')
      .replace(/<section class="sec" aria-labelledby="q"[\s\S]*?<\/section>/, '');
  t.equal(file('index.html').toString(), withoutAsking(await house.read('/')));
  t.notMatch(file('index.html').toString(), /\/subscribe/);
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  for (const [name, path] of [
    ['index.html', '/'],
    ['fr/index.html', '/fr'],
  ] as const) {
    t.match(file(name).toString(), 'Card payments fail for some customers.');
    t.equal(file(name).toString(), withoutAsking(await house.read(path)));
    t.ok(gunzipSync(file(`${name}.gz`)).equals(file(name)));
    t.ok(brotliDecompressSync(file(`${name}.br`)).equals(file(name)));
  }
  await house.closeLive();
  t.match(file('index.html').toString(), 'Card payments fail', 'also when nobody is there to serve it');
});

t.test('what browsers run is built from what is written', async (t) => {
  const root = new URL('../../', import.meta.url);
  const check = spawnSync(process.execPath, ['scripts/build.mjs', '--check'], { cwd: root });
  t.equal(check.status, 0, check.stderr.toString());
  t.ok(readFileSync(new URL('src/browser/dist/live.js', root)).length < 12_000, 'and stays small');
});
