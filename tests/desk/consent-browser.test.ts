import t from 'tap';
import { clientOf } from '../../src/simulator/sign-in.ts';
import { faultsOf } from '../axe.ts';
import { openChromium } from '../chromium.ts';
import { openHouse } from './house.ts';

const house = await openHouse({ networks: true });
const browser = await openChromium();
t.teardown(async () => {
  await browser.close();
  await house.close();
});

t.test('a stand-in’s question whether Tocsin may speak is readable on a phone', async (t) => {
  const admin = await house.enter(house.marcus);
  const account = house.simulator?.accounts.find((one) => one.network === 'x');
  if (!account) throw new Error('no account on X');
  await admin.get('/desk/connections/add/x');
  const { body } = await admin.post('/desk/connections/add/x/sign-in', {
    name: 'Brand account',
    role: 'brand',
    language: 'en',
    includeLink: '1',
    's.clientId': clientOf(account).id,
    's.clientSecret': clientOf(account).secret,
    's.api': account.settings['api'] ?? '',
  });
  const away = /<a class="btn main-act big" href="([^"]+)"/.exec(body)?.[1] ?? '';
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  await page.goto(away.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
  const yes = page.getByRole('link', { name: `Allow as @${account.handle}` });
  await yes.waitFor();
  for (const link of [yes, page.getByRole('link', { name: 'Do not allow' })])
    t.ok(((await link.boundingBox())?.height ?? 0) >= 44, 'for a thumb');
  const seen = await page.evaluate(() => ({
    width: innerWidth,
    over: document.documentElement.scrollWidth - innerWidth,
    text: getComputedStyle(document.querySelector('li') ?? document.body).fontSize,
  }));
  t.strictSame(seen, { width: 390, over: 0, text: '16px' }, 'without zooming or scrolling sideways');
  t.strictSame(await faultsOf(page), []);
});
