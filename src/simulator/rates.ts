/** A fixed window of calls, counted per key, as most networks do it. */
export class RateWindow {
  readonly limit: number;
  readonly windowMs: number;
  #used = new Map<string, { count: number; resetAt: number }>();

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /** Counts one call (or `cost`); `resetAt` in ms. A refused call costs nothing. */
  take(key: string, now: number, cost = 1): { refused: boolean; remaining: number; resetAt: number } {
    let window = this.#used.get(key);
    if (window === undefined || now >= window.resetAt) {
      window = { count: 0, resetAt: now + this.windowMs };
      this.#used.set(key, window);
    }
    const refused = window.count + cost > this.limit;
    if (!refused) window.count += cost;
    return { refused, remaining: Math.max(0, this.limit - window.count), resetAt: window.resetAt };
  }
}
