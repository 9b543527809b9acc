import { setTimeout as wait } from 'node:timers/promises';

/** Several times what the work behind such an answer takes on a slow disk, ms. */
const STEP_MS = 100;

/**
 * Gives an answer, or the refusal, only at whole steps after the question, so that how long the work took does not tell
 * whether there was any: an address that is known takes another way than one that is not.
 */
export async function evenly<T>(
  work: () => Promise<T>,
  mono: () => number = () => performance.now(),
  sleep: (ms: number) => Promise<unknown> = wait,
): Promise<T> {
  const began = mono();
  try {
    return await work();
  } finally {
    await sleep(STEP_MS - ((mono() - began) % STEP_MS));
  }
}
