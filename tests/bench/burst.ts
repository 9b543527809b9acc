import { round } from './child.ts';
import { openBenchHouse } from './house.ts';

const READERS = 64;
const ROUNDS = 15;

/** How long the slowest of 64 readers waits who all ask at the moment an update is approved, with its words in hand, ms. */
export async function burst() {
  const house = await openBenchHouse();
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = house.app.server.address() as { port: number };
  const slowest: number[] = [];
  let newWords = 0;
  try {
    for (let i = 0; i < ROUNDS; i += 1) {
      const approve = await house.prepare(`Change number ${i}.`);
      await approve();
      const start = performance.now();
      const pages = await Promise.all(
        Array.from({ length: READERS }, async () => {
          const html = await (await fetch(`http://127.0.0.1:${port}/`)).text();
          return { ms: performance.now() - start, isNew: html.includes(`Change number ${i}.`) };
        }),
      );
      if (i > 0) slowest.push(Math.max(...pages.map((p) => p.ms)));
      newWords += pages.filter((p) => p.isNew).length;
    }
    const sorted = slowest.toSorted((a, b) => a - b);
    return {
      readers: READERS,
      slowest_ms: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
      worst_ms: round(sorted.at(-1) ?? 0),
      new_words: round(newWords / (READERS * ROUNDS), 2),
    };
  } finally {
    await house.close();
  }
}
