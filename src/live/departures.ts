import type { Socket } from 'node:net';

/** Connections we have closed that may still be there: whoever does not answer a goodbye is not waited for. */
export interface Departures {
  /** Says a last word, if there is one, and goodbye. */
  leave(raw: Socket, last?: Buffer): void;
  /** Ends those whose grace is over. */
  turn(): void;
  /** Waits a moment for those who are still there, then ends them all. */
  close(): Promise<void>;
}

/** `grace` is in ticks. */
export function buildDepartures(grace: number): Departures {
  /** Oldest first. */
  const leaving: { raw: Socket; until: number }[] = [];
  let tick = 0;
  return {
    leave(raw, last) {
      if (last) raw.write(last);
      raw.end();
      leaving.push({ raw, until: tick + grace });
    },
    turn() {
      tick += 1;
      while (leaving[0] && leaving[0].until <= tick) leaving.shift()!.raw.destroy();
    },
    async close() {
      if (leaving.some(({ raw }) => !raw.destroyed)) await new Promise((done) => setTimeout(done, 100));
      for (const { raw } of leaving.splice(0)) raw.destroy();
    },
  };
}
