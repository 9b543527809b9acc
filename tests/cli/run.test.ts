import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const CLI = fileURLToPath(new URL('../../src/cli/tocsin.js', import.meta.url));
const tocsin = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

t.test('what is mistyped is said in a sentence', async (t) => {
  const option = tocsin('demo', '--prot', '3');
  t.match(option, { status: 2, stdout: '', stderr: /^demo: Unknown option '--prot'/ });
  t.notMatch(option.stderr, /\n\s+at /, 'without a stack');
  // A name that every object has is no command either.
  const none = tocsin('constructor');
  t.match(none, { status: 2, stdout: '', stderr: /^There is no command "constructor"\./ });
  for (const name of ['serve', 'demo', 'connect', 'backup', 'restore', 'release', 'verify-audit'])
    t.match(none.stderr, new RegExp(`^  ${name} `, 'm'));
});
