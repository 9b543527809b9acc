import type { Page } from 'playwright-core';

/** Follows a sign-in link to its end. Whoever asked for another screen before stands there, else at the board. */
export async function comeIn(page: Page, link: string): Promise<Page> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in here' }).click();
  await page.waitForURL((url) => !url.pathname.includes('/sign-in/'));
  return page;
}

/** Where scripts fail and policies are broken in a window: each adds a line. */
export function collect(complaints: string[], page: Page): Page {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return page;
}

/** The yes of somebody who uses the keyboard: two presses instead of a hold. */
export async function pressYes(page: Page): Promise<void> {
  await page.locator('button.hold').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
}

/** Gives a device a stand-in for its sensor, which knows its owner as a phone's does. */
export async function plugInSensor(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** From now on it says that this is somebody else. */
    refuse: (yes: boolean) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: !yes }),
  };
}

/** Gives a device its sensor and whoever is signed in on it a passkey there. */
export async function addPasskey(page: Page): ReturnType<typeof plugInSensor> {
  const sensor = await plugInSensor(page);
  await page.goto(new URL('/desk/me', page.url()).href);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Passkey added.').waitFor();
  return sensor;
}
