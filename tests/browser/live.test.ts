import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import t from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { renderChanges, renderPage, renderWall } from '../../src/templates/page.ts';
import { active, at, cards } from '../../src/templates/samples/northwind.ts';
import { operational } from '../../src/templates/samples/northwind-states.ts';
import type { PageView } from '../../src/templates/views.ts';
import { openChromium } from '../chromium.ts';

const NOW = active.renderedAt;

const bundle = await build({
  entryPoints: ['src/browser/live.ts'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  write: false,
});
const script = bundle.outputFiles[0]!.text;

const browser = await openChromium();
t.teardown(() => browser.close());

/** A status server of one page: what it serves can be changed, and each way of listening can be turned off. */
async function openServer(view: PageView) {
  const state = {
    html: draw(view),
    seq: view.seq,
    now: NOW,
    greet: true,
    socket: true,
    events: true,
    poll: true,
  };
  const asked: string[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const send = (type: string, body: string) => response.writeHead(200, { 'content-type': type }).end(body);
    if (path === '/live.js') send('text/javascript', script);
    else if (path.startsWith('/live/events') && state.events) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify({ type: 'hello', seq: state.seq, serverTime: state.now })}\n\n`);
    } else if (path.startsWith('/live/poll') && state.poll)
      send('application/json', JSON.stringify({ seq: state.seq, serverTime: state.now, html: {} }));
    else if (path.startsWith('/live')) response.writeHead(404).end();
    else send('text/html', state.html);
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    asked.push(request.url ?? '');
    if (!state.socket) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (ws) => {
      if (state.greet) ws.send(JSON.stringify({ type: 'hello', seq: state.seq, serverTime: state.now }));
      sockets.emit('connection', ws, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const nextSocket = async () => {
    const [ws, request] = (await once(sockets, 'connection')) as [WebSocket, IncomingMessage];
    return { ws, request, send: (frame: object) => ws.send(JSON.stringify(frame)) };
  };
  const close = () => {
    for (const ws of sockets.clients) ws.terminate();
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, state, asked, nextSocket, close };
}

const live = (view: PageView): PageView => ({ ...view, page: { ...view.page, scriptUrl: '/live.js' } });
const draw = (view: PageView) => renderPage(live(view));

/** Opens the page with nothing left to chance; `before` runs in it first. */
async function visit(before = '') {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 700 },
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  await page.addInitScript(`Math.random = () => 0; ${before}`);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return { page, errors, close: () => context.close() };
}

/** Waits until an element says something; the assertion is that it ever does. */
const says = (page: Page, selector: string, words: RegExp) =>
  page.locator(selector).filter({ hasText: words }).first().waitFor({ state: 'attached', timeout: 20_000 });

const next: PageView = {
  ...active,
  seq: 42,
  incidents: [{ ...cards, headline: 'Card payments are coming back.', updatedAt: NOW }],
};

t.test('a page turns live, counts, and shows new words without moving its reader', async (t) => {
  const server = await openServer(active);
  t.teardown(server.close);
  const { page, errors, close } = await visit();
  const [socket] = await Promise.all([server.nextSocket(), page.goto(server.url)]);
  t.match(socket.request.url, '/live?page=northwind&lang=en&after=41');
  await says(page, '#conn', /^\s*Live 14:22 UTC/);
  await says(page, '#left', /^in 17:\d\d$/);
  await says(page, '#here', /^15:40 where you are\.$/);

  await page.locator('#components summary').first().click();
  await page.locator('#em').fill('ann@example');
  await page.locator('#components').evaluate((el) => el.scrollIntoView());
  const where = () => page.locator('#g-dev').evaluate((el) => Math.round(el.getBoundingClientRect().top));
  const before = await where();
  const longer: PageView = {
    ...next,
    groups: active.groups.map((g) => ({ ...g, name: `${g.name} (all)` })),
    incidents: [
      {
        ...next.incidents[0]!,
        blocks: { ...cards.blocks, known: Array.from({ length: 12 }, () => 'More.') },
      },
    ],
  };
  socket.send({
    type: 'event',
    seq: 42,
    at: NOW,
    kind: 'update_published',
    html: renderChanges(active, longer),
  });
  await says(page, 'h1', /^Card payments are coming back\.$/);
  t.equal(await where(), before, 'what was read stays where it was');
  t.equal(await page.locator('#components details[open]').count(), 1, 'what was open stays open');
  t.equal(await page.locator('#em').inputValue(), 'ann@example');
  await says(page, '#say', /^New: Card payments are coming back\./);
  t.equal(await page.title(), 'Card payments are coming back. · Northwind Pay');
  await page.locator('#unread').click();
  t.equal(await page.evaluate(() => document.activeElement?.id), 'h', 'the marker leads to the new words');

  socket.send({
    type: 'event',
    seq: 42,
    at: NOW,
    kind: 'x',
    html: { title: '<title id="title">Twice</title>' },
  });
  socket.send({
    type: 'event',
    seq: 43,
    at: NOW,
    kind: 'x',
    html: { title: '<title id="title">Once</title>' },
  });
  await page.waitForFunction(() => document.title === 'Once');

  // The line breaks: the page comes back for what it has not seen.
  const [again] = await Promise.all([server.nextSocket(), socket.ws.terminate()]);
  t.match(again.request.url, 'after=43');
  t.same(errors, []);
  await close();
});

t.test('when the layout changes, half-typed words and the reader’s focus are kept', async (t) => {
  const server = await openServer(operational);
  t.teardown(server.close);
  const { page, errors, close } = await visit();
  const [socket] = await Promise.all([server.nextSocket(), page.goto(server.url)]);
  await says(page, '#conn b', /^Live$/);
  await page.locator('#em').fill('ann@exam');
  socket.send({ type: 'event', seq: 42, at: NOW, kind: 'x', html: renderChanges(operational, next) });
  await says(page, 'h1', /coming back/);
  t.equal(await page.locator('#em').inputValue(), 'ann@exam');
  t.equal(await page.evaluate(() => document.activeElement?.id), 'em');
  t.same(errors, []);
  await close();
});

t.test('late is said by the server’s clock, aloud, without waiting for anybody', async (t) => {
  const server = await openServer(active);
  server.state.now = at('14:41') + 5_000;
  t.teardown(server.close);
  const { page, close } = await visit();
  await page.goto(server.url);
  await says(
    page,
    '#promise.late',
    /We promised an update by\s*14:40.*We are late, by 1 min\. The team is still working\./s,
  );
  await says(page, '#say', /We are late, by 1 min/);
  await close();
});

t.test('after 45 seconds of silence a page is a copy and says so; then it is live again', async (t) => {
  const server = await openServer(active);
  t.teardown(server.close);
  const { page, close } = await visit();
  await page.clock.install({ time: NOW });
  await Promise.all([server.nextSocket(), page.goto(server.url)]);
  await says(page, '#conn b', /^Live$/);
  server.state.greet = false;
  await page.clock.fastForward(46_000);
  await says(page, '#conn', /Copy from 14:22\s+not live/);
  await page
    .locator('#bar')
    .filter({ hasText: 'This is a copy from 14:22 UTC.' })
    .waitFor({ state: 'visible' });
  await says(page, '#promise.old', /This copy promised an update by/);
  await page.clock.fastForward(20 * 60_000);
  await says(page, '#left', /That time has passed/);
  server.state.greet = true;
  server.state.now = NOW + 60_000;
  const back = server.nextSocket();
  await page.clock.fastForward(60_000);
  await back;
  await says(page, '#conn b', /^Live$/);
  await page.locator('#bar').waitFor({ state: 'hidden' });
  await says(page, '#promise.open', /Next update by/);
  await close();
});

t.test('where sockets are not let through, it listens another way by itself', async (t) => {
  const server = await openServer(active);
  t.teardown(server.close);
  server.state.socket = false;
  const byEvents = await visit();
  await byEvents.page.goto(server.url);
  await says(byEvents.page, '#conn b', /^Live$/);
  t.ok(server.asked.some((path) => path.startsWith('/live/events?page=northwind&lang=en&after=41')));
  await byEvents.close();

  server.state.events = false;
  const byPolling = await visit();
  await byPolling.page.goto(server.url);
  await says(byPolling.page, '#conn b', /^Live$/);
  t.ok(server.asked.some((path) => path.startsWith('/live/poll?')));
  await byPolling.close();

  // Only the page itself answers, as from a mirror: new words come, but nobody vouches that they are the newest.
  server.state.poll = false;
  const byPage = await visit('window.WebSocket = undefined;');
  await byPage.page.clock.install({ time: NOW });
  await byPage.page.goto(server.url);
  await says(byPage.page, '#conn b', /^Copy from 14:22$/);
  server.state.html = draw({ ...next, renderedAt: NOW + 120_000 });
  await byPage.page.clock.runFor(41_000);
  await says(byPage.page, 'h1', /coming back/);
  await says(byPage.page, '#conn b', /^Copy from 14:24$/);
  t.same(byPage.errors, []);
  await byPage.close();
});

t.test('a wall asks for itself anew when something happened', async (t) => {
  const server = await openServer(active);
  t.teardown(server.close);
  server.state.html = renderWall(live(active));
  const { page, close } = await visit();
  const [socket] = await Promise.all([server.nextSocket(), page.goto(server.url)]);
  await says(page, '#conn b', /^Live$/);
  server.state.html = renderWall(live({ ...next, renderedAt: NOW + 1_000 }));
  socket.send({ type: 'event', seq: 42, at: NOW, kind: 'x', html: renderChanges(active, next) });
  await says(page, 'h1', /coming back/);
  t.equal(await page.locator('.trio').count(), 1, 'still a wall');
  await close();
});

t.test('the module stays small', async (t) => {
  const { gzipSync } = await import('node:zlib');
  const size = gzipSync(script, { level: 9 }).length;
  t.ok(size < 4_500, `${size} bytes on the wire`);
});
