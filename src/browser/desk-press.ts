/**
 * A press is two moments: down and up. What is put in anew or pushed aside between them gets no click, and whoever
 * pressed is left wondering. So nothing on the screen changes under a finger or a mouse button.
 */

/** A release that nobody told us of: no press that means something lasts so long. */
const LOST_MS = 10_000;

let isDown = false;
let lost: ReturnType<typeof setTimeout> | undefined;
const waiting: (() => void)[] = [];

function letGo(): void {
  clearTimeout(lost);
  isDown = false;
  // The click comes right after the release, and goes first.
  setTimeout(() => {
    if (!isDown) for (const go of waiting.splice(0)) go();
  });
}

export function watchPress(): void {
  addEventListener(
    'pointerdown',
    ({ button }) => {
      if (button !== 0) return;
      isDown = true;
      clearTimeout(lost);
      lost = setTimeout(letGo, LOST_MS);
    },
    true,
  );
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, letGo, true);
  // The window's own: another one has the mouse now.
  addEventListener('blur', letGo);
}

/** Resolves at once, or when nothing is pressed any more. */
export const released = (): Promise<void> =>
  isDown ? new Promise((go) => waiting.push(go)) : Promise.resolve();
