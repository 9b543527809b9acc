import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

const BENCH = fileURLToPath(new URL('../bench/run.ts', import.meta.url));

t.setTimeout(300_000);

t.test('a thousand updates leave nothing behind in memory', async (t) => {
  // In a process of its own: what a test runner remembers of its test is not ours.
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, 'memory']);
  const { memory } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    memory: { deliveries: number; grown_kb: number };
  };
  t.equal(memory.deliveries, 3_000);
  // A draft, its delivery and its answer are some kilobytes: one kept for each update would be several megabytes.
  t.ok(memory.grown_kb < 1_500, `the heap has grown by ${memory.grown_kb} KB`);
});
