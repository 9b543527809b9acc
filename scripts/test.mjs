// Runs every test, or those named, and says at the end in one line how many assertions passed and failed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

// The code runs as it is written, which an older Node than ours cannot: go on with the one that npm installed.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const newer = join(root, 'node_modules/node/bin/node');
  if (!existsSync(newer)) {
    console.log(`Node ${process.versions.node} is too old: install 22.18 or newer.\n0 passed, 1 failed`);
    process.exit(1);
  }
  const again = spawnSync(newer, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(again.status ?? 1);
}

const record = '.tap/last-run.tap';
mkdirSync('.tap', { recursive: true });
rmSync(record, { force: true });

const { failuresIn } = await import('./failures.mjs');
const { SERVER_VARIABLE, startPg } = await import('../tests/pg.ts');
const server = process.env[SERVER_VARIABLE] ? undefined : await startPg();

// Unpacked once, before two files at a time look for it: the second would start a half-written one.
const { findChromium } = await import('../tests/chromium.ts');
const chromium = await findChromium().catch(() => undefined); // the browser tests say what is missing

const require = createRequire(import.meta.url);
const tap = join(dirname(require.resolve('tap/package.json')), 'dist/esm/run.mjs');
const child = spawn(
  process.execPath,
  [tap, '-R', 'terse', `--output-file=${record}`, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      ...(server ? { [SERVER_VARIABLE]: server.url } : {}),
      ...(chromium ? { CHROMIUM_PATH: chromium } : {}),
    },
  },
);
// An interrupted run still stops its database: wait for tap, which hears the same signal.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const code = await new Promise((done) => {
  child.on('error', () => done(1));
  child.on('close', (status, signal) => done(status ?? 128 + (constants.signals[signal] ?? 0)));
});
await server?.stop();

const tapText = existsSync(record) ? readFileSync(record, 'utf8') : '';
const summary = [...tapText.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1];
const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary ?? '')?.[1] ?? 0);
const passed = count('pass');
const skipped = count('skip') + count('todo');
// A run that ended badly without a failed assertion (killed, or nothing to run) is a failure all the same.
const failed = Math.max(count('fail'), code !== 0 || passed === 0 ? 1 : 0);
// Again at the end, where a log that was cut short still has them.
const failures = failuresIn(tapText);
if (failures.length > 0) console.log(`\nWhat failed:\n\n${failures.join('\n\n')}`);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? code || 1 : 0;
