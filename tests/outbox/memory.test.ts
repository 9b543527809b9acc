import t from 'tap';
import { memory } from '../bench/memory.ts';

t.setTimeout(300_000);

t.test('a thousand updates leave nothing behind in memory', async (t) => {
  const { deliveries, grown_kb } = await memory(1_000);
  t.equal(deliveries, 3_000);
  // A draft, its delivery and its answer are some kilobytes: one kept for each update would be several megabytes.
  t.ok(grown_kb < 1_000, `the heap has grown by ${grown_kb} KB`);
});
