import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { DomainError } from '../src/domain/error.ts';
import { assertNotNewer } from './migrations.ts';
import * as schema from './schema.sqlite.ts';
import { causeOf, databaseBusy, openHints, type Store, type Writer } from './store.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/sqlite', import.meta.url));
/** Blocks the event loop, so it is short; the patient waiting is done between tries, asynchronously. */
const BUSY_MS = 50;
/** While opening nobody waits for the loop yet, and another program may be migrating or writing. */
const OPENING_MS = 5_000;

function connect(file: string, readonly: boolean): Database.Database {
  const db = new Database(file, { readonly, timeout: OPENING_MS });
  if (!readonly) db.pragma('journal_mode = WAL');
  // The driver reopens a WAL file at NORMAL, where a power cut forgets "sending" and posts twice: insist on FULL.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  if (readonly) db.pragma('query_only = ON');
  return db;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Opens (and creates, and migrates) the database file. Throws `unavailable` with the path when it cannot. */
export function openSqlite(file: string, own: string): Store {
  let writer: Database.Database;
  let reader: Database.Database;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writer = connect(file, false);
    const w = drizzle(writer);
    assertNotNewer(MIGRATIONS, () =>
      writer
        .prepare("select count(*) as n from sqlite_master where type='table' and name='__drizzle_migrations'")
        .pluck()
        .get() === 1
        ? Number(writer.prepare('select count(*) from __drizzle_migrations').pluck().get())
        : 0,
    );
    migrate(w, { migrationsFolder: MIGRATIONS });
    reader = connect(file, true);
    for (const db of [writer, reader]) db.pragma(`busy_timeout = ${BUSY_MS}`);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const why = causeOf(error).message ?? String(error);
    throw new DomainError('unavailable', `The database ${file} cannot be opened: ${why}`);
  }
  const w = drizzle(writer);
  const r = drizzle(reader);
  const hints = openHints();
  let line: Promise<unknown> = Promise.resolve();

  async function begin(deadline: number): Promise<void> {
    for (let wait = 10; ; wait = Math.min(wait * 2, 200)) {
      try {
        writer.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        const { code } = causeOf(error);
        if (!code?.startsWith('SQLITE_BUSY')) throw error;
        if (Date.now() > deadline) throw databaseBusy('another program holds it');
        await pause(wait);
      }
    }
  }

  async function run<T>(work: (w: Writer) => Promise<T>, deadline: number, mayAppend: boolean): Promise<T> {
    if (Date.now() > deadline) throw databaseBusy('others are waiting for it');
    await begin(deadline);
    const after: (() => void)[] = [];
    let appended = false;
    try {
      const out = await work({
        sql: w,
        t: schema,
        mayAppend,
        afterCommit: (f) => after.push(f),
        noteAppend: () => {
          appended = true;
        },
      });
      writer.exec('COMMIT');
      hints.settle(after, appended);
      return out;
    } catch (error) {
      if (writer.inTransaction) writer.exec('ROLLBACK');
      const { code } = causeOf(error);
      if (code === 'SQLITE_FULL') throw databaseBusy('the disk is full');
      if (code?.startsWith('SQLITE_BUSY')) throw databaseBusy('another program holds it');
      throw error;
    }
  }

  return {
    kind: 'sqlite',
    read: { sql: r, t: schema },
    transact(work, options = {}) {
      const deadline = Date.now() + (options.patienceMs ?? 4_000);
      return hints.guard(() => {
        const turn = line.then(() => run(work, deadline, options.appends ?? true));
        line = turn.catch(() => undefined);
        return turn;
      });
    },
    onHint: hints.on,
    isDuplicate: (error) => /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(causeOf(error).code ?? ''),
    async isGone(boot) {
      // A SQLite file belongs to one machine, so the process table knows. Our own number under another name is an
      // earlier run (in a container every run has the same number).
      const pid = Number(boot.split('.')[0]);
      if (!Number.isInteger(pid) || pid <= 0) return false;
      if (pid === process.pid) return boot !== own;
      try {
        process.kill(pid, 0);
        return false;
      } catch (error) {
        return (error as { code?: string }).code === 'ESRCH';
      }
    },
    async ping() {
      reader.prepare('select 1').get();
    },
    async backup(to) {
      await writer.backup(to);
    },
    async close() {
      await line;
      reader.close();
      writer.close();
    },
  };
}
