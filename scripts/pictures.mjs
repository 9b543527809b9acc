// Takes the README's pictures from the running product: a demo of its own, an outage told in two updates, a third waiting.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openChromium } from '../tests/chromium.ts';
import { freePort } from '../tests/free-port.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/pictures');
mkdirSync(folder, { recursive: true });

const demo = spawn(
  process.execPath,
  [join(root, 'src/cli/tocsin.js'), 'demo', '--json', '--port', String(await freePort())],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
// Whatever goes wrong below, the demo ends with us.
process.on('exit', () => demo.kill());
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(1);
});
const lines = createInterface({ input: demo.stdout });
let place;
while (!place?.ready) place = JSON.parse((await once(lines, 'line'))[0]);

const as = (token) => async (method, path, body) => {
  const answer = await fetch(`${place.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
const author = as(place.authorToken);
const approver = as(place.approverToken);
const components = Object.fromEntries(
  (await author('GET', '/components')).components.map((c) => [c.name, c.id]),
);

async function draft(incident, words) {
  const made = await author('POST', `/incidents/${incident.id}/updates`, {
    nextUpdateBy: Date.now() + 20 * 60_000,
    ...words,
  });
  const asked = await author('POST', `/updates/${made.id}/request-approval`, { version: made.version });
  return { id: made.id, hash: asked.hash };
}
async function say(incident, words) {
  const asked = await draft(incident, words);
  await approver('POST', `/updates/${asked.id}/approve`, { hash: asked.hash });
  const settled = (d) => ['delivered', 'superseded', 'skipped', 'manual', 'refused'].includes(d.state);
  for (let i = 0; i < 400; i += 1) {
    const { deliveries } = await author('GET', `/updates/${asked.id}`);
    if (deliveries.every(settled)) return;
  }
}

const incident = await author('POST', '/incidents', {
  title: 'Bank transfers are late',
  objective: 'Keep people from sending a transfer twice, and say when transfers arrive.',
});
await say(incident, {
  status: 'investigating',
  blocks: {
    known: 'Some bank transfers are late right now.',
    doing: 'We’re looking into why.',
    action: 'Please don’t send a transfer again: it could arrive twice.',
  },
  components: { [components['Bank transfers']]: 'partial_outage' },
});
await say(incident, {
  status: 'identified',
  blocks: {
    care: 'We’re sorry: we know that rent and wages are waiting on these transfers.',
    known:
      'Bank transfers since this morning are late by about two hours. No money is lost. Card payments and refunds work.',
    unknown: 'When the last transfer of today will have arrived.',
    doing: 'We are sending the waiting transfers again, oldest first, and checking each one.',
    action: 'Don’t send a transfer again. If it can’t wait, pay by card.',
  },
  components: {
    [components['Bank transfers']]: 'major_outage',
    [components['API and webhooks']]: 'partial_outage',
  },
});
const waiting = await draft(incident, {
  status: 'monitoring',
  blocks: {
    known: 'Bank transfers arrive on time again. The last late one arrived a few minutes ago.',
    doing: 'We are watching closely and checking each transfer of today.',
    action: 'You can send transfers again.',
  },
  components: { [components['Bank transfers']]: 'degraded_performance' },
});

const browser = await openChromium();
async function picture(name, path, { width, height, dark = false }) {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: width < 500 ? 2 : 1,
    colorScheme: dark ? 'dark' : 'light',
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  await page.goto(`${place.page}${path}`);
  await page.waitForLoadState('load');
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  console.log(`docs/pictures/${name}.png`);
}
await picture('page', '/', { width: 1280, height: 900 });
await picture('page-phone', '/', { width: 390, height: 844, dark: true });
const desk = await browser.newContext({
  viewport: { width: 1440, height: 900 },
  locale: 'en-GB',
  timezoneId: 'UTC',
});
await shootDesk(desk, place.authorLink, [['board', '/desk']]);
const phone = await browser.newContext({
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  locale: 'en-GB',
  timezoneId: 'UTC',
});
await shootDesk(phone, place.approverLink, [['approve-phone', `/desk/approvals/${waiting.id}`]]);

/** Signed in once: a first link works a single time. */
async function shootDesk(context, link, shots) {
  const page = await context.newPage();
  await page.goto(link);
  if (page.url().includes('/sign-in/')) {
    await page.locator('main form button').first().click();
    await page.waitForURL((url) => !url.pathname.includes('/sign-in/'));
  }
  for (const [name, path] of shots) {
    await page.goto(`${place.page}${path}`);
    await page.waitForLoadState('load');
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(`docs/pictures/${name}.png`);
  }
  await context.close();
}

await browser.close();
demo.kill('SIGTERM');
await once(demo, 'exit');
