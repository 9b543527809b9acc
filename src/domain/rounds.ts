/** Work that is never done twice at a time, and once more for whoever asks for it while it is being done. */
export interface Rounds {
  /** Resolves when a round that began after this call has ended; throws what that round threw. */
  ask(): Promise<void>;
  /** Whether a round is being done now. */
  busy(): boolean;
  /** Resolves when no round is being done and nobody waits for one. */
  rest(): Promise<void>;
}

export function openRounds(work: () => Promise<void>): Rounds {
  let waiting: { done(): void; fail(error: unknown): void }[] = [];
  let going: Promise<void> | undefined;

  async function go(): Promise<void> {
    while (waiting.length > 0) {
      const served = waiting;
      waiting = [];
      try {
        await work();
        for (const { done } of served) done();
      } catch (error) {
        for (const { fail } of served) fail(error);
      }
    }
    // In the same breath as the look at who waits: nobody can ask between the two and be forgotten.
    going = undefined;
  }

  return {
    ask: () =>
      new Promise<void>((done, fail) => {
        waiting.push({ done, fail });
        going ??= go();
      }),
    busy: () => going !== undefined,
    async rest() {
      while (going) await going;
    },
  };
}
