import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import t from 'tap';
import { openChromium } from '../chromium.ts';
import { openHouse } from '../subscribers/house.ts';
import { openPeer } from '../subscribers/peer.ts';

const peer = await openPeer(() => ({ status: 201 }));
const house = await openHouse({
  env: { TRUST_PROXY: 'loopback' },
  origins: [peer.base],
});
const browser = await openChromium();
t.teardown(() => browser.close());

/** What a browser does with a message it was pushed (RFC 8291). */
function unpack(message: Buffer, keys: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = message.subarray(0, 16);
  const length = message[20] ?? 0;
  const sender = message.subarray(21, 21 + length);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync('sha256', keys.computeSecret(sender), auth, info, 32));
  const derive = (name: string, size: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, size));
  const open = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  const body = message.subarray(21 + length);
  open.setAuthTag(body.subarray(-16));
  const plain = Buffer.concat([open.update(body.subarray(0, -16)), open.final()]);
  return plain.subarray(0, plain.lastIndexOf(2)).toString();
}

// A browser's own push service is somewhere else, and nobody else is asked for anything here. So the one call that would
// ask it, `pushManager.subscribe`, is answered in its place; everything before and after is the browser's own.
t.test(
  'a browser asks, subscribes, is pushed an update and shows it once',
  { timeout: 300_000 },
  async (t) => {
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const auth = randomBytes(16);
    const context = await browser.newContext({ permissions: ['notifications'] });
    t.teardown(() => context.close());
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (m) => m.type() === 'error' && wrong.push(m.text()));
    await page.addInitScript(
      (subscription) => {
        PushManager.prototype.subscribe = async (options) => {
          const key = new Uint8Array(options?.applicationServerKey as ArrayBuffer);
          if (!options?.userVisibleOnly || key.length !== 65 || key[0] !== 4) throw new Error('not a key');
          return { toJSON: () => subscription } as unknown as PushSubscription;
        };
      },
      {
        endpoint: `${peer.base}/push/one`,
        keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
      },
    );
    const cdp = await context.newCDPSession(page);
    const registered = new Promise<string>((done) => {
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations;
        if (first) done(first.registrationId);
      });
    });
    await cdp.send('ServiceWorker.enable');
    await page.goto(`${house.base}/subscribe?by=web_push`);
    await page.getByRole('button', { name: 'Notify me in this browser' }).click();
    await page.locator('#push-say a').waitFor({ timeout: 30_000 });
    const manage = await page.locator('#push-say a').getAttribute('href');
    t.match(manage, /^\/subscription\//, 'and can be changed or ended at an address of its own');

    const incident = await house.openIncident();
    await house.say(incident);
    await house.app.told();
    const [sent] = await peer.waitFor('/push/one', 1);
    const data = unpack(sent!.raw, keys, auth);
    const registrationId = await registered;
    // Browsers without a window put no notices up, so the drawer they go to is ours: one of a tag stands for the last.
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
    await worker.evaluate(() => {
      const scope = globalThis as unknown as { registration: ServiceWorkerRegistration; drawer: Shown[] };
      type Shown = NotificationOptions & { title: string; times: number };
      scope.drawer = [];
      scope.registration.showNotification = async (title, options = {}) => {
        const times = scope.drawer.find((n) => n.tag === options.tag)?.times ?? 0;
        scope.drawer = scope.drawer.filter((n) => n.tag !== options.tag);
        scope.drawer.push({ title, ...options, times: times + 1 });
      };
      scope.registration.getNotifications = async (filter) =>
        scope.drawer.filter((n) => n.tag === filter?.tag) as unknown as Notification[];
    });
    const push = (message: string) =>
      cdp.send('ServiceWorker.deliverPushMessage', { origin: house.base, registrationId, data: message });
    /** What stands in the drawer once it holds these words. */
    const shown = async (words: string) => {
      for (;;) {
        const drawer = await worker.evaluate(
          () =>
            (globalThis as unknown as { drawer: { title: string; body: string; times: number }[] }).drawer,
        );
        if (drawer.some((n) => `${n.title} ${n.body}`.includes(words))) return drawer;
      }
    };
    await push(data);
    t.equal((await shown('Card payments fail for some customers.')).length, 1);
    await push(data);
    await house.say(incident, { blocks: { known: 'Half of all payments go through again.' } });
    await house.app.told();
    const [, next] = await peer.waitFor('/push/one', 2);
    await push(unpack(next!.raw, keys, auth));
    const drawer = await shown('Half of all payments go through again.');
    t.equal(drawer.length, 1, 'a newer update stands in the place of the older one');
    t.equal(drawer[0]?.times, 2, 'and what was pushed twice was shown once');
    t.strictSame(wrong, []);
  },
);

t.test('a browser that said no is told so, kindly', async (t) => {
  const context = await browser.newContext();
  t.teardown(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    Notification.requestPermission = async () => 'denied';
  });
  await page.goto(`${house.base}/subscribe?by=web_push`);
  const before = await page.locator('#push-say').textContent();
  await page.getByRole('button', { name: 'Notify me in this browser' }).click();
  await page.locator('#push-say:not(:empty)').waitFor();
  t.not(await page.locator('#push-say').textContent(), before);
  t.ok(
    await page.getByRole('button', { name: 'Notify me in this browser' }).isEnabled(),
    'and may ask again',
  );
});
