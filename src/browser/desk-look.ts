const GATHER_MS = 150;
const LEAST_MS = 800;
/** Time one look may take; what hangs longer waits on a line that carries nothing any more. */
const LOOK_MS = 20_000;

export interface Looks {
  /** Looks soon; what is asked for while a look is on its way is one more look after it. */
  ask(): void;
  /** Waits no longer for the look that is on its way. */
  giveUp(): void;
  /** Whether the screen is known to lack something: the next look must not wait for news. */
  isBehind(): boolean;
}

/**
 * Looks at this screen's own address, one look at a time, so that no older answer can follow a newer one. `show` says
 * whether the screen holds all of it now; what was given up meanwhile is not to be shown.
 */
export function openLooks(
  show: (answer: Response, text: string, left: AbortSignal) => Promise<boolean>,
): Looks {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | undefined;
  let again = false;
  let behind = false;
  let lookedAt = 0;

  function ask(): void {
    if (current) again = true;
    if (current || waiting !== undefined) return;
    const wait = Math.max(GATHER_MS, lookedAt + LEAST_MS - Date.now());
    waiting = setTimeout(() => {
      waiting = undefined;
      void look();
    }, wait);
  }

  async function look(): Promise<void> {
    const mine = new AbortController();
    current = mine;
    again = false;
    behind = true;
    lookedAt = Date.now();
    const deadline = setTimeout(() => mine.abort(), LOOK_MS);
    const seen = await read(mine.signal);
    clearTimeout(deadline);
    const isWhole = seen !== undefined && (await show(seen.answer, seen.text, mine.signal));
    if (current !== mine) return;
    current = undefined;
    behind = !isWhole;
    if (again) ask();
  }

  return {
    ask,
    giveUp() {
      current?.abort();
      current = undefined;
    },
    isBehind: () => behind,
  };
}

async function read(signal: AbortSignal): Promise<{ answer: Response; text: string } | undefined> {
  try {
    // With a cache between, a look would wait for one that hangs at the same address.
    const answer = await fetch(location.href, {
      headers: { accept: 'text/html' },
      cache: 'no-store',
      signal,
    });
    return { answer, text: await answer.text() };
  } catch {
    return undefined;
  }
}
