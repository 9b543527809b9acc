import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { DomainError } from '../src/domain/error.ts';
import { openBallast } from './ballast.ts';
import { assertNotNewer } from './migrations.ts';
import * as schema from './schema.sqlite.ts';
import { causeOf, databaseBusy, openHints, type Store, type TransactOptions, type Writer } from './store.ts';

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
  // What was erased is overwritten, not only forgotten: addresses of people stand in these pages.
  else db.pragma('secure_delete = ON');
  // A checkpoint flushes twice more; every 16 MB is often enough, and a restart reads that in a blink.
  if (!readonly) db.pragma('wal_autocheckpoint = 4000');
  return db;
}

/** Statements kept compiled on one connection: preparing took a third of the outbox's time. */
const KEPT_STATEMENTS = 400;

/** Gives the same compiled statement for the same text. Safe because every query here is read to its end at once. */
function keepStatements(db: Database.Database): Database.Database {
  const prepare = db.prepare.bind(db);
  const kept = new Map<string, Database.Statement>();
  db.prepare = ((text: string) => {
    const known = kept.get(text);
    if (known) return known.reader ? known.raw(false) : known;
    const fresh = prepare(text);
    if (kept.size >= KEPT_STATEMENTS) kept.clear();
    kept.set(text, fresh);
    return fresh;
  }) as typeof db.prepare;
  return db;
}

const turnOver = () => new Promise<void>((done) => setImmediate(done));
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Pieces of work that share one flush to disk, at most. */
const MOST_AT_ONCE = 64;

type Outcome = { value: unknown; after: (() => void)[]; appended: boolean } | { error: unknown };
interface Waiting {
  work(w: Writer): Promise<unknown>;
  mayAppend: boolean;
  /** Monotonic ms after which nobody waits for it any more. */
  deadline: number;
  outcome: Outcome | undefined;
  settle(): void;
  fail(error: unknown): void;
}

function explain(error: unknown): unknown {
  const { code } = causeOf(error);
  if (code === 'SQLITE_FULL') return databaseBusy('the disk is full');
  if (code?.startsWith('SQLITE_BUSY')) return databaseBusy('another program holds it');
  return error;
}

/** What whoever starts it can do about a file that cannot be opened. */
function whatToDo(code: string): string {
  if (/^SQLITE_(CORRUPT|IOERR)/.test(code))
    return 'Put a backup in its place: npx tocsin restore <backup> --replace';
  if (/^SQLITE_(NOTADB|ERROR)/.test(code)) return 'It is not Tocsin’s; name another with DATABASE_FILE.';
  if (/^SQLITE_FULL|^ENOSPC/.test(code)) return 'Make room on the disk.';
  return 'DATABASE_FILE must name a file that the user who runs Tocsin may write, in a folder where they may too.';
}

/** Opens (and creates, and migrates) the database file. Throws `unavailable` with the path when it cannot. */
export function openSqlite(
  file: string,
  own: string,
  failpoint: (name: string) => void = () => undefined,
  ballastBytes = 0,
): Store {
  let writer: Database.Database;
  let reader: Database.Database;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // For its owner only; what SQLite keeps beside it is made with the same rights.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    // SQLite opens for reading what cannot be written, and says so only at the first write.
    accessSync(file, constants.R_OK | constants.W_OK);
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
    const { code, message } = causeOf(error);
    throw new DomainError(
      'unavailable',
      `The database ${file} cannot be opened: ${message ?? String(error)}. ${whatToDo(code ?? '')}`,
    );
  }
  const w = drizzle(keepStatements(writer));
  const r = drizzle(keepStatements(reader));
  const hints = openHints();
  const step = {
    begin: writer.prepare('BEGIN IMMEDIATE'),
    commit: writer.prepare('COMMIT'),
    savepoint: writer.prepare('SAVEPOINT one'),
    release: writer.prepare('RELEASE one'),
  };
  const ballast = openBallast(`${file}.ballast`, ballastBytes);
  const waiting: Waiting[] = [];
  let pumping: Promise<void> | undefined;

  const expire = (list: Waiting[]): Waiting[] =>
    list.filter((x) => {
      if (performance.now() <= x.deadline) return true;
      x.fail(databaseBusy('another program holds it, or others are waiting for it'));
      return false;
    });

  /** Begins for whoever still waits; false when nobody does any more. */
  async function begin(batch: Waiting[]): Promise<boolean> {
    for (let wait = 10; ; wait = Math.min(wait * 2, 200)) {
      batch.splice(0, batch.length, ...expire(batch));
      if (batch.length === 0) return false;
      try {
        step.begin.run();
        return true;
      } catch (error) {
        if (!causeOf(error).code?.startsWith('SQLITE_BUSY')) throw error;
        await pause(wait);
        waiting.splice(0, waiting.length, ...expire(waiting));
      }
    }
  }

  /**
   * Runs everything that waits in one SQLite transaction, each piece of work in a savepoint of its own, and flushes to
   * disk once for all of them. Nobody is told of success before that flush; one that fails undoes only itself.
   */
  async function pump(): Promise<void> {
    while (waiting.length > 0) {
      // Whatever else arrived in this turn of the event loop shares the flush, which is most of the cost.
      await turnOver();
      const batch = waiting.splice(0, MOST_AT_ONCE);
      try {
        if (!(await begin(batch))) continue;
        for (const x of batch) x.outcome = await inSavepoint(x);
        failpoint('before_commit');
        step.commit.run();
        failpoint('after_commit');
      } catch (error) {
        if (writer.inTransaction) writer.exec('ROLLBACK');
        if (causeOf(error).code === 'SQLITE_FULL') ballast.release();
        for (const x of batch) x.fail(explain(error));
        continue;
      }
      for (const x of batch) x.settle();
    }
    pumping = undefined;
  }

  async function inSavepoint({ work, mayAppend }: Waiting): Promise<Outcome> {
    const after: (() => void)[] = [];
    let appended = false;
    step.savepoint.run();
    try {
      const value = await work({
        sql: w,
        t: schema,
        dialect: 'sqlite',
        mayAppend,
        afterCommit: (f) => after.push(f),
        noteAppend: () => {
          appended = true;
        },
      });
      step.release.run();
      return { value, after, appended };
    } catch (error) {
      // A full disk ends the whole transaction by itself: then there is no savepoint to go back to.
      if (!writer.inTransaction) throw error;
      writer.exec('ROLLBACK TO one');
      step.release.run();
      if (causeOf(error).code === 'SQLITE_FULL') ballast.release();
      return { error: explain(error) };
    }
  }

  return {
    kind: 'sqlite',
    read: { sql: r, t: schema, dialect: 'sqlite' },
    transact<T>(work: (w: Writer) => Promise<T>, options: TransactOptions = {}) {
      return hints.guard(
        () =>
          new Promise<T>((done, fail) => {
            const item: Waiting = {
              work,
              mayAppend: options.appends ?? true,
              deadline: performance.now() + (options.patienceMs ?? 4_000),
              outcome: undefined,
              fail,
              settle() {
                const { outcome } = item;
                if (!outcome || 'error' in outcome) return fail(outcome?.error);
                hints.settle(outcome.after, outcome.appended);
                done(outcome.value as T);
              },
            };
            waiting.push(item);
            pumping ??= pump();
          }),
      );
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
    hasRoom() {
      ballast.takeAgain();
      return ballast.held;
    },
    async ping() {
      reader.prepare('select 1').get();
    },
    async backup(to) {
      await writer.backup(to);
    },
    async close() {
      await pumping;
      reader.close();
      writer.close();
    },
  };
}
