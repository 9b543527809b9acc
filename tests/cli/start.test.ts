import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { newKey } from '../../src/secrets.ts';

const CLI = fileURLToPath(new URL('../../src/cli/tocsin.js', import.meta.url));

/** The command line as a person has it, in a folder of its own. */
function tocsin(
  folder: string,
  args: string[],
  env: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const all = { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'error', BALLAST_MB: '0', ...env };
  return spawn(process.execPath, [CLI, ...args], { cwd: folder, env: all });
}

async function said(child: ChildProcessWithoutNullStreams) {
  let out = '';
  let err = '';
  child.stdout.on('data', (x) => (out += x));
  child.stderr.on('data', (x) => (err += x));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** In the order in which they are listed. */
const LISTED = ['serve', 'demo', 'connect', 'verify-audit', 'backup', 'restore', 'release'];

t.test('words that a command does not know are named, in one sentence', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['demo', '--wat'], /^demo: Unknown option '--wat'\.\n$/],
    [['demo', '--port', '1e3'], /^--port wants a whole number from 0 to 65535\.\n$/],
    [['backup', '--to', 'x'], /^backup: Unknown option '--to'\.\n$/],
    [['serve', '--port', '80'], /^"serve" takes nothing behind it, and does not know "--port 80"\..*\n$/],
    // A name that every object has is no command either; the others are listed.
    [
      ['toString'],
      new RegExp(
        `^There is no command "toString"\\.${LISTED.map((name) => `[\\s\\S]*^  ${name} `).join('')}`,
        'm',
      ),
    ],
  ];
  for (const [args, words] of wrong) {
    const { code, out, err } = await said(tocsin(t.testdir(), args));
    t.match(err, words, args.join(' '));
    t.ok(code === 1 || code === 2, 'and the exit code says so');
    t.equal(out, '');
  }
});

t.test('every command says what it is for, and does nothing else', async (t) => {
  const folder = t.testdir();
  for (const name of ['export', 'restore', 'demo']) {
    const { code, out } = await said(tocsin(folder, [name, '--help']));
    t.equal(code, 0);
    t.match(out, new RegExp(`^${name}: `));
  }
  t.notOk(existsSync(join(folder, '--help')), 'nothing was written');
});

t.test('an anchor that cannot be written is named before anything is served', async (t) => {
  const folder = t.testdir({ anchor: {} });
  const { code, out, err } = await said(tocsin(folder, ['serve'], { TOCSIN_ANCHOR_FILE: './anchor' }));
  t.equal(code, 1);
  t.match(err, /^TOCSIN_ANCHOR_FILE: .*anchor cannot be written \(EISDIR\)\. .*\n$/);
  t.equal(out, '');
});

t.test('the folder of the anchor is made where nothing else has made it', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'db'));
  const child = tocsin(folder, ['serve'], {
    DATABASE_FILE: './db/tocsin.db',
    TOCSIN_KEYS: newKey(),
    TOCSIN_ANCHOR_FILE: './beside/it/tocsin.anchor',
  });
  const end = said(child);
  const [first] = await Promise.race([once(child.stdout, 'data'), end.then(({ err }) => [err])]);
  t.match(String(first), /^Tocsin is running/);
  t.ok(existsSync(join(folder, 'beside/it/tocsin.anchor')));
  child.kill('SIGTERM');
  t.equal((await end).code, 0);
});

t.test('a demo that is stopped in the middle of the play leaves nothing behind', async (t) => {
  const folder = t.testdir();
  const child = tocsin(folder, ['demo'], { TMPDIR: folder });
  const end = said(child);
  const [first] = await once(child.stdout, 'data');
  t.match(String(first), /Two people speak/);
  t.not(readdirSync(folder).length, 0, 'it keeps its database here');
  child.kill('SIGINT');
  t.equal((await end).code, 130);
  t.same(readdirSync(folder), []);
});
