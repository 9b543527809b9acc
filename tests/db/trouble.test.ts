import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres';
import { migrate as migratePg } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import t, { type Test } from 'tap';
import { openStore } from '../../db/open.ts';
import { openPg } from '../../db/pg.ts';
import { appendEvents, lastSeq } from '../../db/queries/log.ts';
import { listPages } from '../../db/queries/pages.ts';
import { openSqlite } from '../../db/sqlite.ts';
import { bootName, type Store } from '../../db/store.ts';
import { DATABASES, type DatabaseKind, freshPlace, openHouse, type Place } from '../house.ts';
import { ask, freshDatabase, serverUrl } from '../pg.ts';
import { raw } from './raw.ts';

const root = join(import.meta.dirname, '../..');
const boot = bootName(process.pid, 'trouble');
const event = {
  at: 1,
  pageId: null,
  kind: 'x',
  public: true,
  incidentId: null,
  updateId: null,
  detail: {},
};
const refusal = (work: Promise<unknown> | (() => unknown)): Promise<Error & { code?: string }> =>
  Promise.resolve()
    .then(() => (typeof work === 'function' ? work() : work))
    .then(
      () => Promise.reject(new Error('it worked')),
      (error: Error) => error,
    );

/** Somebody else who holds the database until told to let go. */
interface Stranger {
  letGo(): void;
}

async function lock(place: Place): Promise<Stranger> {
  if (place.url) {
    const client = new pg.Client({ connectionString: place.url });
    await client.connect();
    await client.query('begin');
    await client.query('lock table events in access exclusive mode');
    return { letGo: () => void client.end() };
  }
  const script = `
    const Database = require('better-sqlite3');
    const db = new Database(process.argv[1]);
    db.exec('BEGIN IMMEDIATE');
    process.stdout.write('locked');
    process.stdin.once('data', () => { db.exec('COMMIT'); process.exit(0); });`;
  const child = spawn(process.execPath, ['-e', script, place.file], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { letGo: () => void child.stdin.write('go') };
}

/** The longest time that nothing else could happen in this process while `work` was going on, ms. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  await work();
  delays.disable();
  return delays.max / 1e6;
}

for (const database of DATABASES)
  t.test(database, async (t) => {
    await locked(t, database);
    await versions(t, database);
    if (database === 'sqlite') {
      await badFiles(t);
      await twoProcesses(t);
    } else {
      await badAddresses(t);
      await lostServer(t);
    }
  });

async function locked(t: Test, database: DatabaseKind) {
  const { store, place } = await openHouse({ database });
  // The one place where time itself is what is tested.
  await t.test(
    'locked by another program for 3 seconds: writes wait, reads and the loop go on',
    async (t) => {
      const before = await lastSeq(store.read);
      const stranger = await lock(place);
      let reads = 0;
      let written = 0;
      const stall = await longestStall(async () => {
        const release = setTimeout(() => stranger.letGo(), 3_000);
        const writes = Array.from({ length: 20 }, () =>
          store
            .transact((w) => appendEvents(w, [event]), { patienceMs: 20_000 })
            .then(() => {
              written += 1;
            }),
        );
        while (written === 0) {
          await (database === 'pg' ? listPages(store.read) : lastSeq(store.read));
          reads += 1;
          await new Promise((done) => setImmediate(done));
        }
        await Promise.all(writes);
        clearTimeout(release);
      });
      t.equal(await lastSeq(store.read), before + 20, 'none is lost');
      t.ok(reads > 20, `${reads} reads meanwhile`);
      // Whoever waits inside SQLite stalls for as long as the lock is held. The bar is 300 ms; a busy machine adds its own.
      t.ok(stall < 1_500, `the longest stall was ${stall.toFixed(0)} ms`);
    },
  );
  await t.test(
    'locked for longer than we are patient: the writer hears that nothing was changed',
    async (t) => {
      const before = await lastSeq(store.read);
      const stranger = await lock(place);
      let answers: (Error & { code?: string })[] = [];
      const stall = await longestStall(async () => {
        answers = await Promise.all(
          Array.from({ length: 5 }, () =>
            refusal(store.transact((w) => appendEvents(w, [event]), { patienceMs: 500 })),
          ),
        );
      });
      for (const error of answers)
        t.match(error, {
          name: 'DomainError',
          code: 'unavailable',
          retryAfterMs: Number,
          message: /Nothing was changed/,
        });
      // Whoever waits inside SQLite stalls for as long as the lock is held. The bar is 300 ms; a busy machine adds its own.
      t.ok(stall < 1_500, `the longest stall was ${stall.toFixed(0)} ms`);
      stranger.letGo();
      await store.transact((w) => appendEvents(w, [event]), { patienceMs: 20_000 });
      t.equal(await lastSeq(store.read), before + 1, 'only the one that was told yes');
    },
  );
}

async function versions(t: Test, database: DatabaseKind) {
  const kind = database;
  const place = await freshPlace(database, false);
  const open = () => openStore(place, boot);

  await t.test('a database of the version before is brought up to date, with what is in it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-migrations-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(root, 'db/migrations', kind), folder, { recursive: true });
    const journalFile = join(folder, 'meta/_journal.json');
    const journal = JSON.parse(readFileSync(journalFile, 'utf8')) as { entries: unknown[] };
    writeFileSync(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }));
    const old = "insert into events (seq, at, kind, public, detail) values (1, 1, 'old', true, '{}')";
    if (place.url) {
      const pool = new pg.Pool({ connectionString: place.url, max: 1 });
      await migratePg(drizzlePg(pool), { migrationsFolder: folder });
      await pool.end();
      await ask(place.url, old);
    } else {
      const db = new Database(place.file);
      migrate(drizzle(db), { migrationsFolder: folder });
      db.exec(old);
      db.close();
    }
    const store = await open();
    t.equal(await lastSeq(store.read), 1, 'what was there is there');
    await t.rejects(
      store.transact((w) => raw(kind, w, "update events set kind = 'new'")),
      'and the guards of the newer version hold',
    );
    await store.close();
  });
  await t.test('a database of a newer version is left alone', async (t) => {
    const newer = "insert into %s (hash, created_at) values ('x', 99999999999999)";
    if (place.url) await ask(place.url, newer.replace('%s', 'drizzle.__drizzle_migrations'));
    else {
      const db = new Database(place.file);
      db.exec(newer.replace('%s', '__drizzle_migrations'));
      db.close();
    }
    const error = await refusal(open);
    t.match(error, {
      code: 'unavailable',
      message: /newer Tocsin \(schema \d+, this version knows \d+\)\. Install/,
    });
  });
  await t.test('two nodes that start at once on an empty database both start', async (t) => {
    const empty = await freshPlace(database, false);
    const stores = await Promise.all([openStore(empty, `${boot}a`), openStore(empty, `${boot}b`)]);
    for (const store of stores) t.equal(await lastSeq(store.read), 0);
    await Promise.all(stores.map((store) => store.close()));
  });
}

async function badFiles(t: Test) {
  await t.test('a file that is no database is named, and not touched', async (t) => {
    const { file } = await freshPlace('sqlite');
    const letter = 'Dear customer, this is a letter and no database at all.\n'.repeat(200);
    writeFileSync(file, letter);
    const error = await refusal(() => openSqlite(file, boot));
    t.match(error, { code: 'unavailable' });
    t.match(error.message, `The database ${file} cannot be opened: file is not a database`);
    t.equal(readFileSync(file, 'utf8'), letter);
  });
  await t.test('a folder, or a place that cannot be written, is named', async (t) => {
    const { file } = await freshPlace('sqlite');
    mkdirSync(file);
    t.match(await refusal(() => openSqlite(file, boot)), { code: 'unavailable', message: file });
    const inside = join(dirname(file), 'letter');
    writeFileSync(inside, 'x');
    t.match(await refusal(() => openSqlite(join(inside, 'tocsin.db'), boot)), {
      code: 'unavailable',
      message: inside,
    });
  });
}

async function twoProcesses(t: Test) {
  await t.test('a second program may open the file while the first writes', async (t) => {
    const { store, place } = await openHouse({ database: 'sqlite' });
    const stranger = await lock(place);
    const child = openElsewhere(place.file);
    const [first] = await once(child.stdout!, 'data');
    t.equal(String(first), 'opening');
    stranger.letGo();
    const [code] = await once(child, 'exit');
    t.equal(code, 0);
    t.ok(await lastSeq(store.read));
  });
}

/** Opens the database in another process and closes it again. */
function openElsewhere(file: string): ChildProcess {
  const script = `
    process.stdout.write('opening');
    const { openSqlite } = await import(process.argv[1]);
    const store = openSqlite(process.argv[2], '1.other');
    await store.transact(async (w) => 1);
    await store.close();`;
  return spawn(process.execPath, ['--input-type=module', '-e', script, join(root, 'db/sqlite.ts'), file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function badAddresses(t: Test) {
  const server = new URL(await serverUrl(t));
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const deaf = (silent.address() as { port: number }).port;
  const cases: [string, string, RegExp][] = [
    [
      'nobody listens',
      'postgres://tocsin:s3cret@127.0.0.1:1/tocsin',
      /PostgreSQL at 127\.0\.0\.1:1 cannot be used/,
    ],
    [
      'nobody answers',
      `postgres://tocsin:s3cret@127.0.0.1:${deaf}/tocsin`,
      new RegExp(`127\\.0\\.0\\.1:${deaf} cannot be used`),
    ],
    [
      'there is no such database',
      `postgres://postgres:s3cret@${server.host}/nothing`,
      /database "nothing" does not exist/,
    ],
    ['the address is mistyped', 'postgres://tocsin:s3cret@127.0.0.1:port/tocsin', /cannot be used/],
  ];
  for (const [why, url, words] of cases)
    await t.test(`${why}: says where, and keeps the password to itself`, async (t) => {
      const error = await refusal(openPg(url, boot));
      t.match(error, { name: 'DomainError', code: 'unavailable', message: words });
      t.notMatch(`${error.message}${error.stack}${JSON.stringify(error)}`, /s3cret/);
    });
}

async function lostServer(t: Test) {
  const server = await serverUrl(t);
  const place = { url: await freshDatabase(t), file: '' };
  const store: Store = await openPg(place.url, boot);
  t.teardown(() => store.close());
  const database = new URL(place.url).pathname.slice(1);
  const kick = (which: string) =>
    ask(
      server,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and ${which}`,
    );
  await t.test(
    'a session that the server ends in the middle of a decision undoes it, and no more',
    async (t) => {
      const error = await refusal(
        store.transact(async (w) => {
          await appendEvents(w, [event]);
          await kick("state = 'idle in transaction'");
          await appendEvents(w, [event]);
        }),
      );
      t.match(error, { code: 'unavailable' });
      t.equal(await lastSeq(store.read), 0);
      await store.transact((w) => appendEvents(w, [event]));
      t.equal(await lastSeq(store.read), 1);
    },
  );
  await t.test('after the server has ended every session, hints are heard again', async (t) => {
    const other = await openPg(place.url, bootName(1, 'node'));
    t.teardown(() => other.close());
    // A listener that comes back says so, because it may have missed something.
    const back = new Promise<void>((done) => {
      store.onHint(() => done());
    });
    await kick('true');
    await back;
    t.equal(await other.isGone(boot), false, 'and the others see that we live');
    const heard = new Promise<void>((done) => {
      store.onHint(() => done());
    });
    await other.transact((w) => appendEvents(w, [event]));
    await heard;
    t.equal(await lastSeq(store.read), 2);
  });
  await t.test(
    'a line that is cut before the answer to a commit: nobody is told what nobody knows',
    async (t) => {
      const to = new URL(place.url ?? '');
      let cut = true;
      const line = createServer((near) => {
        const far = connect(Number(to.port), to.hostname);
        for (const end of [near, far]) end.on('error', () => undefined);
        near.on('close', () => far.destroy());
        far.on('close', () => near.destroy());
        far.pipe(near);
        near.on('data', (sent) => {
          const commits = !cut && /\bcommit\b/i.test(sent.toString('latin1'));
          if (commits) {
            cut = true;
            far.unpipe(near);
            // The server gets it, does it, and its answer goes nowhere.
            far.once('data', () => near.destroy()).resume();
          }
          far.write(sent);
        });
      }).listen(0, '127.0.0.1');
      await once(line, 'listening');
      t.teardown(() => line.close());
      const through = new URL(to);
      through.hostname = '127.0.0.1';
      through.port = String((line.address() as AddressInfo).port);
      const far = await openPg(through.href, bootName(2, 'far'));
      t.teardown(() => far.close());
      const before = await lastSeq(store.read);
      cut = false;
      const error = await refusal(far.transact((w) => appendEvents(w, [event])));
      t.match(error, { code: 'unavailable', message: /Look whether it was before you do it again/ });
      t.equal(await lastSeq(store.read), before + 1, 'here it was kept');
    },
  );
  await t.test('a node that stops in the middle of a decision does not stop the others', async (t) => {
    const stuck = new pg.Client({ connectionString: place.url });
    stuck.on('error', () => undefined);
    await stuck.connect();
    await stuck.query('begin');
    // What a paused process leaves behind: the log lock, in a transaction that nobody goes on with.
    await stuck.query("set idle_in_transaction_session_timeout = '1s'");
    await stuck.query('select pg_advisory_xact_lock(7123002)');
    await store.transact((w) => appendEvents(w, [event]), { patienceMs: 30_000 });
    t.equal(await lastSeq(store.read), 4);
    await stuck.end().catch(() => undefined);
  });
}
