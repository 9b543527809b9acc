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

const isConnectionError = (code: string | undefined) =>
  code !== undefined && (/^(08|57P|53)/.test(code) || code === 'ECONNREFUSED' || code === 'ECONNRESET');

/** Opens a pool on a PostgreSQL server and migrates it. Throws `unavailable`, without the password, when it cannot. */
export async function openPg(url: string, own: string): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 });
  // An idle client that loses its server must not take the process down; the next query says what is wrong.
  pool.on('error', () => undefined);
  try {
    await migrateOnce(pool);
  } catch (error) {
    await pool.end().catch(() => undefined);
    if (error instanceof DomainError) throw error;
    const where = URL.canParse(url) ? new URL(url).host : 'the given address';
    throw new DomainError(
      'unavailable',
      `PostgreSQL at ${where} cannot be used: ${causeOf(error).message ?? String(error)}`,
    );
  }
  const db = drizzle(pool);
  const hints = openHints();
  const listener = openListener(url, own, (from) => {
    if (from !== own) hints.emit();
  });

  async function once<T>(work: (w: Writer) => Promise<T>, appends: boolean): Promise<T> {
    const after: (() => void)[] = [];
    const out = await db.transaction(
      async (tx) => {
        if (appends) await tx.execute(sql`select pg_advisory_xact_lock(${LOG_LOCK})`);
        const handle = tx as unknown as Writer['sql'];
        const result = await work({ sql: handle, t, mayAppend: appends, afterCommit: (f) => after.push(f) });
        if (appends) await tx.execute(sql`select pg_notify(${CHANNEL}, ${own})`);
        return result;
      },
      { isolationLevel: 'read committed' },
    );
    hints.settle(after);
    return out;
  }

  return {
    kind: 'pg',
    read: { sql: db as unknown as Reader['sql'], t },
    transact(work, options = {}) {
      const deadline = Date.now() + (options.patienceMs ?? 4_000);
      return hints.guard(async () => {
        for (;;) {
          try {
            return await once(work, options.appends ?? true);
          } catch (error) {
            const { code } = causeOf(error);
            // Deadlock or serialisation failure: PostgreSQL undid everything, so the same work may run again.
            if ((code === '40P01' || code === '40001') && Date.now() < deadline) continue;
            if (isConnectionError(code)) throw databaseBusy('the server does not answer');
            throw error;
          }
        }
      });
    },
    onHint: hints.on,
    isDuplicate: (error) => causeOf(error).code === '23505',
    async isGone(boot) {
      if (boot === own) return false;
      const client = await pool.connect();
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
    async ping() {
      await pool.query('select 1');
    },
    async backup() {
      throw new DomainError('invalid', 'Use pg_dump to back up PostgreSQL; `tocsin backup` is for SQLite.');
    },
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

async function migrateOnce(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
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
  void open();
  return {
    async close() {
      closed = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
}
