import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

/**
 * Takes away, one at a time, what keeps posts from being lost or doubled, and sees that the named test notices. A guard
 * whose absence nothing notices is no guard.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Mutation {
  name: string;
  file: string;
  find: string | RegExp;
  replace: string;
  test: string;
}

const MUTATIONS: Mutation[] = [
  {
    name: 'the durable `sending` before the first byte',
    file: 'src/outbox/send.ts',
    find: 'const delivery = await changeDelivery(w, next, { ...patch, updatedAt: now });',
    replace: 'const delivery = { ...next, ...patch, updatedAt: now };',
    test: 'tests/outbox/outbox.test.ts',
  },
  {
    name: 'the settle wait',
    file: 'src/domain/delivery.ts',
    find: 'absences >= 2 && began - first >= settleMs(rules)',
    replace: 'absences >= 2',
    test: 'tests/domain/delivery.test.ts',
  },
  {
    name: 'the second look',
    file: 'src/domain/delivery.ts',
    find: 'absences >= 2 && began - first >= settleMs(rules)',
    replace: 'began - first >= settleMs(rules)',
    test: 'tests/domain/delivery.test.ts',
  },
  {
    name: 'the fence on every write',
    file: 'db/queries/deliveries.ts',
    find: /eq\(d\.state, sql\.placeholder\('fromState'\)\),\s*leaseBy === null \? isNull\(d\.leaseBy\) : eq\(d\.leaseBy, sql\.placeholder\('fromLeaseBy'\)\),/,
    replace: '',
    test: 'tests/db/deliveries.test.ts',
  },
  {
    name: 'the unique key of a delivery',
    file: 'db/migrations/sqlite/0000_init.sql',
    find: /CREATE UNIQUE INDEX `deliveries_uq`[^;]*;--> statement-breakpoint/,
    replace: '',
    test: 'tests/db/one-row.test.ts',
  },
];

/** Runs one test file until it says "not ok" for the first time, or to its end; true when it noticed. */
async function notices(folder: string, test: string): Promise<boolean> {
  const child = spawn(process.execPath, [join(folder, test)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  let noticed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (!noticed && /^\s*not ok /m.test(said)) {
      noticed = true;
      child.kill('SIGKILL');
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return noticed || (code !== null && code !== 0);
}

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mutation-'));
  for (const part of ['src', 'db', 'tests', 'package.json', '.taprc'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

for (const m of MUTATIONS)
  t.test(`without ${m.name}, ${m.test} fails`, async (t) => {
    const folder = copy();
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, m.file);
    const before = readFileSync(file, 'utf8');
    const after = before.replace(m.find, m.replace);
    t.not(after, before, `${m.file} still has what is taken away here`);
    writeFileSync(file, after);
    t.ok(await notices(folder, m.test), 'the test notices');
  });
