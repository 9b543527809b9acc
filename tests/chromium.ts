import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where this machine has a Chromium: CHROMIUM_PATH, a usual place, or the packaged one. */
export async function findChromium(): Promise<string> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) return named;
  const usual = PLACES.find((path) => existsSync(path));
  if (usual) return usual;
  const { default: packaged } = await import('@sparticuz/chromium');
  try {
    return await packaged.executablePath();
  } catch (error) {
    throw new Error(
      'No Chromium to test with. Install one (apt-get install chromium) or set CHROMIUM_PATH to yours.',
      { cause: error },
    );
  }
}

/** A real browser that talks to nobody but the page under test. Close it. */
export async function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
