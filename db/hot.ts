import { sql } from 'drizzle-orm';
import type { Reader } from './store.ts';

interface Preparable<T> {
  prepare(name?: never): { execute(values?: Record<string, unknown>): PromiseLike<T> };
}

interface Prepared {
  execute(values?: Record<string, unknown>): PromiseLike<unknown>;
}

const kept = new WeakMap<object, Map<string, Prepared>>();

/**
 * A query on the outbox's path: built once for each connection and run many times with other values (`sql.placeholder`).
 * Building one anew costs up to a millisecond, several times what SQLite needs to answer it.
 */
export async function hot<T>(
  r: Reader,
  name: string,
  values: Record<string, unknown>,
  build: () => Preparable<T>,
): Promise<T> {
  const mine = kept.get(r.sql) ?? new Map<string, Prepared>();
  kept.set(r.sql, mine);
  const query = mine.get(name) ?? build().prepare();
  mine.set(name, query);
  return (await query.execute(values)) as T;
}

/** A row of placeholders with the names of the row's own columns. The cast is honest: each stands for that very value. */
export const placeholders = <T extends Record<string, unknown>>(row: T): T =>
  Object.fromEntries(Object.keys(row).map((name) => [name, sql.placeholder(name)])) as T;

/** Names the shape of a patch: patches with the same columns share one statement. */
export const shapeOf = (patch: Record<string, unknown>): string => Object.keys(patch).sort().join(',');
