import type { Ctx } from '../actions/context.ts';
import { expandNext } from '../actions/subscribers/fan-out.ts';
import { tidySubscribers } from '../actions/subscribers/upkeep.ts';
import { DomainError } from '../domain/error.ts';
import { openRounds } from '../domain/rounds.ts';

/** How often to look for an update that waits to be handed out, when nobody said there is one, ms. */
const BEAT_MS = 1_000;
/** How often to forget what has had its time, ms. */
const TIDY_MS = 60_000;

export interface FanOut {
  /** Resolves when no update waits to be handed out. For tests. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Hands published updates to subscribers, a batch a transaction, one after another: between two of them everybody else
 * gets the database.
 */
export function openFanOut(parts: {
  base: Omit<Ctx, 'actor'>;
  report(error: unknown, where: string): void;
  /** Called when there is something new to send. */
  kick(): void;
  /** Called after each batch: where the crash harness may stop the process. */
  failpoint(name: string): void;
}): FanOut {
  const { store } = parts.base;
  let closed = false;

  async function run(): Promise<void> {
    try {
      while (!closed) {
        if (!(await expandNext(parts.base))) break;
        parts.failpoint('after_expanding');
        parts.kick();
        await new Promise((done) => setImmediate(done));
      }
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, 'fan-out');
    }
  }

  const rounds = openRounds(run);
  const wake = () => {
    if (!closed) void rounds.ask();
  };
  const unhint = store.onHint(wake);
  const timer = setInterval(wake, BEAT_MS);
  let tidying: Promise<void> | undefined;
  const tidy = setInterval(() => {
    tidying ??= tidySubscribers(parts.base)
      .catch((error: unknown) => {
        if (!(error instanceof DomainError && error.code === 'unavailable'))
          parts.report(error, 'subscribers');
      })
      .finally(() => {
        tidying = undefined;
      });
  }, TIDY_MS);
  wake();
  return {
    idle: rounds.ask,
    async close() {
      closed = true;
      unhint();
      clearInterval(timer);
      clearInterval(tidy);
      await tidying;
      await rounds.rest();
    },
  };
}
