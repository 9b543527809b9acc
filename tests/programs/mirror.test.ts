import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { copiedFiles } from '../../src/server/programs.ts';
import { openChromium } from '../chromium.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { tellStories } from '../stories.ts';
import { goPublic, openProgramHouse, type ProgramHouse, planWork } from './programs-house.ts';

/** Every file below a folder, by its path, with its text. */
function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}

/** A web server that knows nothing but a folder. */
async function serveFolder(folder: string): Promise<string> {
  const types: Record<string, string> = {
    html: 'text/html',
    js: 'text/javascript',
    json: 'application/json',
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    for (const file of [path, `${path}/index.html`]) {
      const at = join(folder, file);
      if (!statSync(at, { throwIfNoEntry: false })?.isFile()) continue;
      response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
      response.end(readFileSync(at));
      return;
    }
    response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const trouble = (house: ProgramHouse) => ({
  ...wordsAt(house.clock.now()),
  components: { [house.components[0]!.id]: 'major_outage' as const },
});

t.test('a second host has everything, in every language, when the first is gone', async (t) => {
  const mirror = t.testdir();
  const house = await openProgramHouse({
    mirror,
    mirrorFiles: copiedFiles(),
    page: { languages: ['en', 'fr'], url: 'https://status.company.example' },
  });
  const over = await house.openIncident('Mail was late');
  await house.say(over, trouble(house));
  await house.say(over, { status: 'resolved', body: 'Mail is on time again.' });
  const incident = await house.openIncident();
  await house.say(incident, trouble(house));
  const work = await planWork(house);
  await house.live.settled();
  t.strictSame(house.reports, []);
  const fresh = new Map<string, string>();
  for (const path of ['/api/v2/summary.json', '/history.atom', '/fr/feed.json', '/badge.svg', '/cap.atom'])
    fresh.set(path, await house.text(path));
  await house.closeLive();
  await house.close();

  const base = await serveFolder(mirror);
  for (const [path, text] of fresh) t.equal(await (await fetch(base + path)).text(), text, path);
  const seen = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const answer = await fetch(base + path);
    t.equal(answer.status, 200, path);
    const html = await answer.text();
    if (!html.startsWith('<!doctype html>')) return;
    t.match(html, /(?:Copy from|Copie de) 14:00/, `${path} says that it is a copy`);
    t.notMatch(html, /<a [^>]*href="https:\/\/status\.company\.example\/(?!incidents\/\w+">status)/);
    for (const [, href = ''] of html.matchAll(/href="(\/[^"#]*)"/g))
      if (!href.includes('oembed')) await follow(href.replaceAll('&#x3D;', '='));
  };
  await follow('/');
  for (const path of ['', '/fr'])
    for (const one of [over, incident, work]) {
      t.ok(seen.has(`${path}/incidents/${one.id}`), 'every incident can be found');
      t.equal((await fetch(`${base}${path}/cap/${one.id}.xml`)).status, 200);
    }
  t.ok(seen.has('/history') && seen.has('/fr/history'));

  const browser = await openChromium();
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  await page.goto(base);
  await page.locator('#conn.copy').waitFor({ timeout: 30_000 });
  t.match(await page.locator('#conn').innerText(), /Copy from 14:00\s+not live/, 'also with scripts');
});

t.test('only what changed is written, and every file at once', async (t) => {
  const mirror = t.testdir();
  const house = await openProgramHouse({ mirror });
  const quiet = await house.openIncident('Long over');
  await house.say(quiet);
  await house.say(quiet, { status: 'resolved', body: 'Over.' });
  const incident = await house.openIncident('Now');
  await house.say(incident);
  await house.live.settled();
  const before = filesOf(mirror);
  house.clock.advance(MINUTE);
  await house.say(incident, wordsAt(house.clock.now(), 'Half of them work again.'));
  await house.live.settled();
  const after = filesOf(mirror);
  const changed = [...after].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
  t.match(after.get(`incidents/${incident.id}/index.html`), 'Half of them work again.');
  t.ok(changed.includes(`incidents/${incident.id}/index.html`));
  t.ok(changed.includes('api/v2/summary.json'));
  t.ok(changed.includes('history.atom'));
  t.notOk(
    changed.some((name) => name.includes(quiet.id)),
    'nothing of what is over',
  );
  t.notOk(changed.includes(`badge/${house.components[0]!.id}.svg`));
  t.notOk(
    [...after.keys()].some((name) => name.endsWith('.new')),
    'nothing half written is left',
  );

  const time = statSync(join(mirror, `incidents/${quiet.id}/index.html`)).mtimeMs;
  const text = after.get(`incidents/${quiet.id}/index.html`);
  house.clock.advance(60 * MINUTE);
  await house.closeLive();
  const again = await goPublic(house, { mirror });
  await again.live.settled();
  t.equal(statSync(join(mirror, `incidents/${quiet.id}/index.html`)).mtimeMs, time);
  t.equal(filesOf(mirror).get(`incidents/${quiet.id}/index.html`), text, 'nor after a restart');
});

t.test('the past is in pages that link to each other, and today changes only the last', async (t) => {
  const mirror = t.testdir();
  const house = await openProgramHouse({ mirror });
  const model = await house.openIncident('model');
  const asked = await house.ask(model);
  await house.closeLive();
  const titles = Array.from({ length: 60 }, (_, i) => `Story ${i} of 60`);
  const at = house.clock.now();
  await tellStories(
    house.store,
    { incident: model, update: asked },
    titles.map((title, i) => ({ id: `0${String(i).padStart(17, '0')}`, title, at, endedAt: at })),
  );
  const open = await goPublic(house, { mirror });
  await open.live.settled();
  const html = (name: string) => readFileSync(join(mirror, name, 'index.html'), 'utf8');
  const found: string[] = [];
  const walk = (way: string, from: string): string[] => {
    const names: string[] = [];
    for (let name: string | undefined = from; name !== undefined; ) {
      names.push(name);
      const page: string = html(name);
      found.push(...titles.filter((title) => page.includes(`>${title}<`)));
      name = new RegExp(`href="/([^"]+)" rel="${way}"`).exec(page)?.[1];
    }
    return names;
  };
  t.strictSame(walk('next', 'history'), ['history', 'history/2', 'history/1']);
  t.equal(new Set(found).size, 60, 'every story is there');
  t.strictSame(walk('prev', 'history/1'), ['history/1', 'history/2', 'history/3', 'history']);
  const old = html('history/1');
  house.clock.advance(MINUTE);
  const incident = await house.openIncident('Today');
  await house.say(incident);
  await house.say(incident, { status: 'resolved', body: 'Over.' });
  await open.live.settled();
  t.match(html('history'), '>Today<');
  t.match(html('history/3'), '>Today<');
  t.equal(html('history/1'), old);
});

t.test('a folder that cannot be written holds up nothing', async (t) => {
  const mirror = join(t.testdir({ file: 'not a folder' }), 'file');
  const house = await openProgramHouse({ mirror });
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  t.match(await house.read('/'), 'Card payments fail for some customers.');
  t.match(await house.text('/api/v2/summary.json'), incident.id);
  t.ok(house.reports.length > 0, 'somebody is told');
});

t.test('tocsin export writes it all, beside a running service', async (t) => {
  const house = await openProgramHouse({ page: { languages: ['en', 'de'] } });
  const incident = await house.openIncident();
  await house.say(incident, trouble(house));
  const folder = join(t.testdir(), 'public');
  const run = promisify(execFile);
  const env = {
    PATH: process.env['PATH'],
    DATABASE_FILE: house.place.file,
    TOCSIN_KEYS: Buffer.alloc(32, 7).toString('base64url'),
    BALLAST_MB: '0',
  };
  const cli = join(import.meta.dirname, '../../src/cli/tocsin.js');
  const { stdout } = await run(process.execPath, [cli, 'export', folder], { env });
  t.match(stdout, folder);
  const files = filesOf(folder);
  for (const name of [
    'index.html',
    'de/index.html',
    `incidents/${incident.id}/index.html`,
    'history/index.html',
    'api/v2/summary.json',
    'history.rss',
    'maintenance.ics',
    'live.js',
    'embed/script.js',
    '404.html',
  ])
    t.ok(files.has(name), name);
  t.match(files.get('de/404.html'), 'Unter dieser Adresse gibt es keine Seite.');
  t.match(files.get('index.html'), 'Card payments fail for some customers.');
  const failed = await run(process.execPath, [cli, 'export'], { env }).catch((error: unknown) => error);
  t.match((failed as { stderr: string }).stderr, 'tocsin export ./public');
});
