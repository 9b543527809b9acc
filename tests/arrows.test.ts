import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import t from 'tap';

/** Which room may import which. Arrows only ever point toward `domain`; a room may always import itself. */
const ARROWS: Record<string, readonly string[]> = {
  domain: [],
  secrets: [],
  db: ['domain'],
  channels: ['domain'],
  templates: ['domain'],
  browser: ['domain'],
  simulator: ['domain'],
  actions: ['domain', 'db', 'templates'],
  outbox: ['domain', 'db', 'channels'],
  inbox: ['domain', 'db', 'channels'],
  live: ['domain', 'db', 'templates'],
  timers: ['domain', 'db', 'actions'],
  server: ['domain', 'db', 'actions', 'live', 'templates'],
};
/** The composition root and the command line know every room. */
const ROOT = [
  'cli',
  'app',
  'main',
  'config',
  'connections',
  'desk-push',
  'failpoint',
  'ids',
  'installation',
  'mail',
  'subscribers',
];
/** Rooms that read the database and change it only through an action. */
const READERS = ['live', 'timers', 'server'];

const root = join(import.meta.dirname, '..');
const files = globSync('{src,db}/**/*.{ts,js}', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.startsWith('src/browser/dist/'));
const roomOf = (file: string): string =>
  file.startsWith('db/') ? 'db' : (file.split('/')[1] ?? '').replace(/\.[tj]s$/, '');
const withoutComments = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

function wrongs(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const code = withoutComments(text);
  const room = roomOf(file);
  const found: string[] = [];
  const isRoot = ROOT.includes(room);
  if (!isRoot && !(room in ARROWS)) found.push(`is in no room of the house`);
  for (const [, typed, what = ''] of code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  )) {
    if (!what.startsWith('.')) {
      if (room === 'domain') found.push(`imports the package ${what}`);
      continue;
    }
    const to = roomOf(posix.normalize(posix.join(posix.dirname(file), what)));
    if (room === 'browser' && to !== room && !typed) found.push(`imports more than types from ${to}`);
    if (!isRoot && to !== room && !(ARROWS[room] ?? []).includes(to)) found.push(`imports ${to}`);
  }
  if (file !== 'src/config.ts' && /\bprocess\.env\b/.test(code)) found.push('reads the environment');
  if (READERS.includes(room) && /\.transact\(/.test(code)) found.push('writes to the database by itself');
  if (/\bnode:vm\b|\bnew Function\b|\beval\(/.test(code)) found.push('runs text as code');
  const lines = text.split('\n').length - 1;
  if (lines > 400 && !/^db\/schema\.\w+\.ts$/.test(file)) found.push(`has ${lines} lines; 400 is the most`);
  return found.map((what) => `${file} ${what}`);
}

t.test('every import follows an arrow of the house, and every file keeps its size', async (t) => {
  t.ok(files.length > 50, 'the files were found');
  t.strictSame(files.flatMap(wrongs), []);
});

t.test('the test would notice', async (t) => {
  t.equal(roomOf('src/secrets.ts'), 'secrets');
  t.equal(roomOf('src/domain/update.ts'), 'domain');
  t.equal(roomOf('db/queries/log.ts'), 'db');
  t.ok(files.every((file) => roomOf(file) !== ''));
});
