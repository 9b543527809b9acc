import type { CDPSession, Locator, Page } from 'playwright-core';

/**
 * A person before one screen. What their hands do is counted as it is done; the seconds that a person needs between, to
 * see, to read, to decide, are written down and not waited for.
 */
export interface Hands {
  /** Keys pressed, a chord such as Ctrl Enter counted once. */
  keys: number;
  /** Touches of a finger: a tap, a hold, a finger on the sensor. */
  taps: number;
  /** What a person needed, in seconds. */
  seconds: number;
  press(...keys: string[]): Promise<void>;
  /** Types on the list that has the cursor until its choice begins with `label`. */
  choose(list: Locator, keys: string, label: string): Promise<void>;
  tap(target: Locator): Promise<void>;
  /** Opens a list and touches one of its choices. */
  pick(list: Locator, label: string): Promise<void>;
  /** Keeps a finger on it until `done`. */
  hold(target: Locator, done: () => Promise<unknown>): Promise<void>;
  /** What no page sees: a touch of the phone's own notices, or a finger on its sensor. */
  touches(_what: string): void;
  takes(seconds: number, _what: string): void;
}

export function handsOn(page: Page): Hands {
  let touch: CDPSession | undefined;
  const hands: Hands = {
    keys: 0,
    taps: 0,
    seconds: 0,
    async press(...keys) {
      for (const key of keys) {
        hands.keys += 1;
        await page.keyboard.press(key);
      }
    },
    async choose(list, keys, label) {
      await hands.press(...keys);
      await typedAhead(list, label);
    },
    async tap(target) {
      hands.taps += 1;
      await target.tap();
    },
    async pick(list, label) {
      // The list that opens belongs to the phone and not to the page, so no test can touch it.
      hands.taps += 2;
      await list.selectOption(await choiceOf(list, label));
    },
    async hold(target, done) {
      hands.taps += 1;
      await target.scrollIntoViewIfNeeded();
      const box = await target.boundingBox();
      if (!box) throw new Error('there is nothing to hold');
      // Kept until the page ends: letting it go would take the stand-in for its sensor away as well.
      touch ??= await page.context().newCDPSession(page);
      const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
      await done();
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    },
    touches() {
      hands.taps += 1;
    },
    takes(seconds) {
      hands.seconds += seconds;
    },
  };
  return hands;
}

const choiceOf = async (list: Locator, label: string) =>
  list.locator('option', { hasText: label }).first().getAttribute('value');

/** The packaged Chromium, which has no window, lacks the type-ahead that every list of a browser has. */
export async function typedAhead(list: Locator, label: string): Promise<void> {
  const chosen = await list.locator('option:checked').textContent();
  if (!chosen?.startsWith(label)) await list.selectOption(await choiceOf(list, label));
}
