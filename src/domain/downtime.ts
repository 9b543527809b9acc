/** M14: how long an account could not speak. */

export interface Turn {
  at: number;
  connectionId: string;
  /** True when it could speak from then on. */
  ready: boolean;
}

/**
 * Ms that each account was not ready between two moments, worst first. An account is ready until something is said of
 * it; turns before the window count as the state it began with.
 */
export function downtime(
  turns: readonly Turn[],
  from: number,
  to: number,
): { connectionId: string; ms: number }[] {
  const byAccount = Map.groupBy(
    [...turns].sort((a, b) => a.at - b.at),
    (t) => t.connectionId,
  );
  return [...byAccount]
    .map(([connectionId, list]) => {
      let ms = 0;
      let downSince: number | null = null;
      for (const t of list) {
        if (t.at >= to) break;
        if (!t.ready) downSince ??= Math.max(t.at, from);
        else if (downSince !== null) {
          ms += Math.max(0, t.at - downSince);
          downSince = null;
        }
      }
      return { connectionId, ms: ms + (downSince === null ? 0 : Math.max(0, to - downSince)) };
    })
    .filter((x) => x.ms > 0)
    .sort((a, b) => b.ms - a.ms);
}
