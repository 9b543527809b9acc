import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { DomainError } from '../src/domain/error.ts';
import { assertNotNewer } from './migrations.ts';
import * as pgSchema from './schema.pg.ts';
import {
  causeOf,
  databaseBusy,
  databaseUnsure,
  openHints,
  type Reader,
  type Store,
  type Tables,
  type Writer,
} from './store.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/pg', import.meta.url));
/** Advisory lock keys, so that two nodes migrate one after the other and commit order is `seq` order. */
const MIGRATE_LOCK = 7_123_001;
const LOG_LOCK = 7_123_002;
const CHANNEL = 'tocsin_log';
const t = pgSchema as unknown as Tables;

/** How long a statement waits for a lock before it gives the connection back, ms; `transact` then tries again. */
const LOCK_MS = 2_000;
/** A node that stops in the middle of a transaction would hold the log lock for ever: the server ends it, ms. */
const STUCK_MS = 15_000;

const NO_SESSION = 'timeout exceeded when trying to connect';

/** The server is gone or does not take us: nothing that was begun has been kept. Some of these have no code. */
const isConnectionError = ({ code, message }: { code?: string; message?: string }): boolean =>
  /^(08|57P|53)|^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_)/.test(code ?? '') ||
  /^Connection terminated|^timeout exceeded when trying to connect|encountered a connection error/.test(
    message ?? '',
  );

/** Opens a pool on a PostgreSQL server and migrates it. Throws `unavailable`, without the password, when it cannot. */
export async function openPg(
  url: string,
  own: string,
  failpoint: (name: string) => void = () => undefined,
): Promise<Store> {
  const pool = openPool(url);
  // Readers have sessions of their own: writers who wait for a lock may hold all of theirs.
  const readers = openPool(url);
  try {
    await migrateOnce(pool);
  } catch (error) {
    await pool.end().catch(() => undefined);
    if (error instanceof DomainError) throw error;
    const where = (URL.canParse(url) && new URL(url).host) || 'the given address';
    const said = causeOf(error).message ?? String(error);
    const why = said.includes('password must be a string')
      ? 'it asks for a password, and the address has none'
      : said;
    throw new DomainError(
      'unavailable',
      `PostgreSQL at ${where} cannot be used: ${why}. Look at DATABASE_URL, and whether the server runs.`,
    );
  }
  const db = drizzle(pool);
  const hints = openHints();
  const listener = openListener(url, own, (from) => {
    if (from !== own) hints.emit();
  });
  // Before anything is taken in this run's name, the others must be able to see that it lives.
  await listener.opened;

  async function once<T>(
    work: (w: Writer) => Promise<T>,
    appends: boolean,
    patienceMs: number,
    /** Called when the commit is about to be sent: from then on only its answer says whether it was kept. */
    committing: () => void,
  ): Promise<T> {
    const after: (() => void)[] = [];
    let appended = false;
    const out = await db.transaction(
      async (tx) => {
        const lockMs = String(Math.max(1, Math.min(LOCK_MS, Math.ceil(patienceMs))));
        if (appends)
          await tx.execute(
            sql`select set_config('lock_timeout', ${lockMs}, true), pg_advisory_xact_lock(${LOG_LOCK})`,
          );
        const handle = tx as unknown as Writer['sql'];
        const result = await work({
          sql: handle,
          t,
          dialect: 'pg',
          mayAppend: appends,
          afterCommit: (f) => after.push(f),
          noteAppend: () => {
            appended = true;
          },
        });
        if (appended) await tx.execute(sql`select pg_notify(${CHANNEL}, ${own})`);
        failpoint('before_commit');
        committing();
        return result;
      },
      { isolationLevel: 'read committed' },
    );
    failpoint('after_commit');
    hints.settle(after, appended);
    return out;
  }

  return {
    kind: 'pg',
    read: { sql: drizzle(readers) as unknown as Reader['sql'], t, dialect: 'pg' },
    transact(work, options = {}) {
      const deadline = performance.now() + (options.patienceMs ?? 4_000);
      return hints.guard(async () => {
        for (;;) {
          let isOpen = true;
          try {
            return await once(work, options.appends ?? true, deadline - performance.now(), () => {
              isOpen = false;
            });
          } catch (error) {
            const cause = causeOf(error);
            // Deadlock, serialisation failure, a lock not given: PostgreSQL undid everything, so the work may run again;
            // no session was free for a while: nothing had begun.
            const noSession = cause.message === NO_SESSION;
            if (noSession || /^(40P01|40001|55P03)$/.test(cause.code ?? '')) {
              if (performance.now() < deadline) continue;
              throw databaseBusy(noSession ? 'no session is free' : 'others hold it');
            }
            if (isConnectionError(cause))
              throw isOpen ? databaseBusy('the server does not answer') : databaseUnsure();
            throw error;
          }
        }
      });
    },
    onHint: hints.on,
    isDuplicate: (error) => causeOf(error).code === '23505',
    async isGone(boot) {
      if (boot === own) return false;
      const client = await readers.connect();
      try {
        const key = presenceKey(boot);
        const { rows } = await client.query<{ free: boolean }>(
          'select pg_try_advisory_lock($1::bigint) as free',
          [key],
        );
        if (!rows[0]?.free) return false;
        await client.query('select pg_advisory_unlock($1::bigint)', [key]);
        return true;
      } finally {
        client.release();
      }
    },
    hasRoom: () => true,
    async ping() {
      await readers.query('select 1');
    },
    async backup() {
      throw new DomainError('invalid', 'Use pg_dump to back up PostgreSQL; `tocsin backup` is for SQLite.');
    },
    async close() {
      await listener.close();
      await Promise.all([pool.end(), readers.end()]);
    },
  };
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 6,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: STUCK_MS,
  });
  // A client that loses its server, idle or between two statements, must not take the process down; the next query
  // says what is wrong.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function migrateOnce(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    // Another node may be migrating, which takes as long as it takes.
    await client.query('set lock_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [MIGRATE_LOCK]);
    const { rows } = await client.query<{ there: string | null }>(
      "select to_regclass('drizzle.__drizzle_migrations')::text as there",
    );
    const applied = rows[0]?.there
      ? (await client.query<{ n: number }>('select count(*)::int as n from drizzle.__drizzle_migrations'))
          .rows[0]!.n
      : 0;
    assertNotNewer(MIGRATIONS, () => applied);
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS });
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATE_LOCK]).catch(() => undefined);
    await client.query(`set lock_timeout = ${LOCK_MS}`).catch(() => undefined);
    client.release();
  }
}

/** Each run holds this advisory lock for as long as it lives: the server drops it the moment the process is gone. */
const presenceKey = (boot: string): string =>
  createHash('sha256').update(`tocsin-presence|${boot}`).digest().readBigInt64BE(0).toString();

/** Keeps one connection listening; a lost one is opened again, and until then readers live on their slow beat. */
function openListener(url: string, own: string, heard: (from: string) => void) {
  let client: pg.Client | undefined;
  let closed = false;
  let again: NodeJS.Timeout | undefined;
  async function open(): Promise<void> {
    const c = new pg.Client({ connectionString: url, keepAlive: true });
    client = c;
    const retry = () => {
      if (closed || client !== c) return;
      client = undefined;
      again = setTimeout(() => void open(), 1_000);
      again.unref();
    };
    c.on('error', retry);
    c.on('end', retry);
    c.on('notification', (n) => heard(n.payload ?? ''));
    try {
      await c.connect();
      await c.query('select pg_advisory_lock($1::bigint)', [presenceKey(own)]);
      await c.query(`listen ${CHANNEL}`);
      heard('');
    } catch {
      retry();
    }
  }
  const opened = open();
  return {
    /** The first try is over; a failed one is tried again later. */
    opened,
    async close() {
      closed = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
}
