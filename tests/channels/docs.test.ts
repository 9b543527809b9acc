import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { listKinds } from '../../src/channels/registry.ts';

const root = join(import.meta.dirname, '../..');
const check = (...file: string[]) =>
  spawnSync(process.execPath, ['scripts/docs.mjs', '--check', ...file], { cwd: root, encoding: 'utf8' });

t.test('docs/channels.md says what the code says', async (t) => {
  const { status, stderr } = check();
  t.equal(status, 0, stderr);
});

t.test('and the check would notice', async (t) => {
  const now = readFileSync(join(root, 'docs/channels.md'), 'utf8');
  const old = join(t.testdir(), 'channels.md');
  writeFileSync(old, now.replace('280 weighted', '140 weighted'));
  t.match(check(old), { status: 1, stderr: /npm run docs/ });
  for (const { name, promise, retired, fields } of listKinds()) {
    for (const words of [name, retired?.note ?? promise]) t.ok(now.includes(words), words);
    for (const { help } of fields) t.ok(now.includes(help.replaceAll('|', '\\|')), help);
  }
});
