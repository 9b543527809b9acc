import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { DomainError } from '../src/domain/error.ts';
import type * as pg from './schema.pg.ts';
import type * as sqlite from './schema.sqlite.ts';

/**
 * One set of queries over two dialects. The static types are SQLite's; `AssertSame` below makes the cast honest.
 * Queries are functions of a handle: a `Reader` has no way to write, so only `transact` can change a fact.
 */
export type Tables = typeof sqlite;
type Handle = BetterSQLite3Database<Record<string, never>>;

export interface Reader {
  readonly sql: Pick<Handle, 'select' | 'selectDistinct' | '$count'>;
  readonly t: Tables;
  /** For the few queries whose index the other database does not have. */
  readonly dialect: 'sqlite' | 'pg';
}
export interface Writer extends Reader {
  readonly sql: Pick<Handle, 'select' | 'selectDistinct' | '$count' | 'insert' | 'update' | 'delete'>;
  /** True when this transaction may append to the event and audit logs. */
  readonly mayAppend: boolean;
  /** Runs after the commit, never after a rollback; for hints only, the log is the truth. */
  afterCommit(hint: () => void): void;
  /** Called with every event appended: only then is the commit worth a hint. A hint for nothing would wake its reader for ever. */
  noteAppend(): void;
}

export interface TransactOptions {
  /**
   * False for bulk work that appends no event: on PostgreSQL it then does not wait in the line that keeps commit
   * order equal to `seq` order.
   */
  appends?: boolean;
  /** How long to wait for the database before giving up with `unavailable`, ms. */
  patienceMs?: number;
}

export interface Store {
  readonly kind: 'sqlite' | 'pg';
  readonly read: Reader;
  /** One decision: everything `work` writes is there, or nothing is. Must not be called inside itself. */
  transact<T>(work: (w: Writer) => Promise<T>, options?: TransactOptions): Promise<T>;
  /** Called soon after any commit that appended an event, here or on another node. A hint: readers poll as well. */
  onHint(listener: () => void): () => void;
  isDuplicate(error: unknown): boolean;
  /**
   * Whether the process run that called itself `boot` is surely gone, so that what it held may be taken over before
   * its lease runs out. False when in doubt.
   */
  isGone(boot: string): Promise<boolean>;
  /** False after the disk was full, until there is plenty of room again. */
  hasRoom(): boolean;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  /** A consistent copy, made while the service runs. Only SQLite; PostgreSQL has pg_dump. */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Names one run of one process; `isGone` of the same store can tell whether it still lives. */
export const bootName = (pid: number, unique: string): string => `${pid}.${unique}`;

type Rows<T extends Record<string, unknown>> = {
  [K in keyof T]: T[K] extends { $inferSelect: infer S; $inferInsert: infer I }
    ? // SQLite calls an integer key optional; we always write `seq` ourselves.
      [S, Omit<I, 'seq'>]
    : never;
};
type AssertSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Fails to compile when the two schema files differ in a table, a column or a JavaScript type. */
export const schemasAgree: AssertSame<Rows<typeof sqlite>, Rows<typeof pg>> = true;

/** What both dialects share: the guard against a transaction inside a transaction, hooks, hints. */
export function openHints() {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const inside = new AsyncLocalStorage<true>();
  return {
    /**
     * Runs what follows a commit outside of the transaction's context, so that it may open one of its own. A hook or a
     * listener that throws is a mistake somebody should see, but what was committed stays committed.
     */
    settle(after: readonly (() => void)[], appended: boolean) {
      inside.exit(() => {
        for (const f of appended ? [...after, () => emitter.emit('hint')] : after)
          try {
            f();
          } catch (error) {
            process.emitWarning(error instanceof Error ? error : new Error(String(error)));
          }
      });
    },
    emit: () => emitter.emit('hint'),
    on(listener: () => void) {
      emitter.on('hint', listener);
      return () => void emitter.off('hint', listener);
    },
    guard<T>(work: () => Promise<T>): Promise<T> {
      if (inside.getStore())
        throw new Error('transact was called inside transact: pass the writer on instead');
      return inside.run(true, work);
    },
  };
}

/** The driver's own error under Drizzle's wrapping. */
export function causeOf(error: unknown): { code?: string; message?: string } {
  let e = error as { code?: unknown; cause?: unknown; message?: string } | undefined;
  while (e && typeof e.code !== 'string' && e.cause) e = e.cause as typeof e;
  return (e ?? {}) as { code?: string; message?: string };
}

/** Text with a NUL in it, or half of a pair: SQLite keeps it, PostgreSQL cannot. */
export const isUnkeepable = (error: unknown): boolean => /^22(021|P05)$/.test(causeOf(error).code ?? '');

/**
 * An error as a log may have it: Drizzle and PostgreSQL put the values of a query that failed into its words, and those
 * are what people wrote, and their addresses.
 */
export function withoutValues(error: Error): Error {
  const { params, cause, detail } = error as { params?: unknown; cause?: unknown; detail?: unknown };
  const inner = cause instanceof Error ? withoutValues(cause) : cause;
  if (params === undefined && detail === undefined && inner === cause) return error;
  const values = `\nparams: ${String(params)}`;
  const { stack, code, query } = error as { stack?: string; code?: unknown; query?: unknown };
  const bare = new Error(
    error.message.replace(values, () => ''),
    { cause: inner },
  );
  bare.name = error.name;
  bare.stack = (stack ?? '').replace(values, () => '');
  return Object.assign(bare, code === undefined ? {} : { code }, query === undefined ? {} : { query });
}

/** What a caller sees when the line was cut between the commit and its answer: it may have been kept. */
export const databaseUnsure = (): DomainError =>
  new DomainError(
    'unavailable',
    'The database went away before it said whether this was kept. Look whether it was before you do it again.',
    { retryAfterMs: 2_000 },
  );

/** What a caller sees when the database cannot take a write just now. Nothing was changed. */
export const databaseBusy = (why: string): DomainError =>
  new DomainError(
    'unavailable',
    `The database cannot take changes just now (${why}). Nothing was changed; try again.`,
    {
      retryAfterMs: 2_000,
    },
  );
