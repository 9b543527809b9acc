/** Work too small to measure counts as this much, ms: what is quadratic in a millisecond harms nobody. */
const LEAST_MS = 2;
const TRIES = 5;

/**
 * How many times longer four times as much takes: about 4 for what reads its input once, 16 for what reads it again for
 * each character. Both are measured in turns and by the processor's own time, so that a busy machine slows neither.
 */
export function growthOfFour(work: (share: number) => void): number {
  let quarter = Number.POSITIVE_INFINITY;
  let whole = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i += 1) {
    quarter = Math.min(
      quarter,
      cost(() => work(0.25)),
    );
    whole = Math.min(
      whole,
      cost(() => work(1)),
    );
  }
  return whole / Math.max(quarter, LEAST_MS);
}

function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
