import { DomainError } from '../../domain/error.ts';

/** Writes what many say at once in one go, so that a crowd never keeps an update waiting for the database. */
export interface Tally<T> {
  /** Resolves when it is written; throws `unavailable` when too many wait, or what the writing threw. */
  add(item: T): Promise<void>;
}

/** How long the first of a batch waits for others, ms. */
const GATHER_MS = 250;
/** Most that wait at a time, and most of one transaction. */
const MOST_WAITING = 20_000;
const BATCH = 500;

export function openTally<T>(write: (items: readonly T[]) => Promise<void>): Tally<T> {
  let waiting: { item: T; done(): void; fail(error: unknown): void }[] = [];
  let running = false;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        await write(batch.map(({ item }) => item));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    running = false;
  }

  return {
    add: (item) =>
      new Promise((done, fail) => {
        if (waiting.length >= MOST_WAITING) {
          fail(
            new DomainError('unavailable', 'Too many at once. Try again in a minute.', {
              retryAfterMs: 60_000,
            }),
          );
          return;
        }
        waiting.push({ item, done, fail });
        if (running) return;
        running = true;
        setTimeout(() => void run(), GATHER_MS);
      }),
  };
}
