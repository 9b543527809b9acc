/** `npm run bench [name …]`: runs the named benches or all, prints a table and, as the last line, one JSON object. */

const BENCHES: Record<string, () => Promise<Record<string, number>>> = {
  broadcast: async () => (await import('./broadcast.ts')).broadcast(),
  page: async () => (await import('./page.ts')).page(),
  summary: async () => (await import('./page.ts')).page('/api/v2/summary.json'),
  burst: async () => (await import('./burst.ts')).burst(),
  storm: async () => (await import('./storm.ts')).storm(),
  stalled: async () => (await import('./stalled.ts')).stalled(),
  history: async () => (await import('./history.ts')).history(),
  search: async () => (await import('./search.ts')).search(),
  fanout: async () => (await import('./fanout.ts')).fanout(),
  beside: async () => (await import('./beside.ts')).beside(),
  memory: async () => (await import('./memory.ts')).memory(),
  drain: async () => (await import('./drain.ts')).drain(),
  subscribers: async () => (await import('./subscribers.ts')).subscribers(),
  desk: async () => (await import('./desk.ts')).desk(),
  smtp: async () => (await import('./subscribers.ts')).smtp(),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}. Choose of: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
const results: Record<string, Record<string, number>> = {};
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  const result = await BENCHES[name]!();
  results[name] = result;
  process.stdout.write(`${name}\n`);
  for (const [key, value] of Object.entries(result))
    process.stdout.write(`  ${key.padEnd(16)} ${String(value).padStart(12)}\n`);
}
process.stdout.write(`${JSON.stringify(results)}\n`);
