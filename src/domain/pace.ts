/** How often something may happen: `burst` at once, and then one every `everyMs`. */
export interface Pace {
  burst: number;
  everyMs: number;
}

/** What is left of the burst, and when that was reckoned, ms. */
export interface Left {
  n: number;
  at: number;
}

/** Takes one: what is left then, or how long to wait for the next, ms. A clock that jumps back gives nothing and takes nothing. */
export function takeOne(left: Left | undefined, pace: Pace, now: number): { left: Left; waitMs: number } {
  const before = left ?? { n: pace.burst, at: now };
  const n = Math.min(pace.burst, before.n + Math.max(0, now - before.at) / pace.everyMs);
  if (n >= 1) return { left: { n: n - 1, at: now }, waitMs: 0 };
  return { left: { n, at: now }, waitMs: Math.ceil((1 - n) * pace.everyMs) };
}

export interface Turnstile {
  /** Lets one of `key` through, or says how long it must wait, ms. */
  admit(key: string, now: number): number;
}

/** Paces kept in this process for as many keys as fit; the one that was quiet longest is forgotten first. */
export function openTurnstile(pace: Pace, most = 10_000): Turnstile {
  const kept = new Map<string, Left>();
  return {
    admit(key, now) {
      const { left, waitMs } = takeOne(kept.get(key), pace, now);
      kept.delete(key);
      kept.set(key, left);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return waitMs;
    },
  };
}
