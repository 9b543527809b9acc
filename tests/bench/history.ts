import { round } from './child.ts';
import { openBenchHouse } from './house.ts';

const ROUNDS = 60;

/** What rendering the page costs with 10 and with 10,000 ended incidents behind it, ms. */
export async function history() {
  const few = await cost(10);
  const many = await cost(10_000);
  return { incidents_10_ms: round(few, 2), incidents_10000_ms: round(many, 2), ratio: round(many / few, 3) };
}

async function cost(incidents: number): Promise<number> {
  const house = await openBenchHouse();
  try {
    await house.tellStories(incidents);
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const approve = await house.prepare(`Change number ${i}.`);
      await approve();
      const start = performance.now();
      await house.live.settled();
      times.push(performance.now() - start);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 4)] ?? 0;
  } finally {
    await house.close();
  }
}
