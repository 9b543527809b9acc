import { sql } from 'drizzle-orm';
import type { Reader } from './store.ts';

interface Preparable<T> {
  prepare(name?: never): { execute(values?: Record<string, unknown>): PromiseLike<T> };
}

const kept = new WeakMap<
  object,
  Map<string, { execute(values?: Record<string, unknown>): PromiseLike<unknown> }>
>();

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
  let mine = kept.get(r.sql);
  if (!mine) kept.set(r.sql, (mine = new Map()));
  let query = mine.get(name);
  if (!query) mine.set(name, (query = build().prepare()));
  return (await query.execute(values)) as T;
}

/** A row of placeholders with the names of the row's own columns. The cast is honest: each stands for that very value. */
export const placeholders = <T extends Record<string, unknown>>(row: T): T =>
  Object.fromEntries(Object.keys(row).map((name) => [name, sql.placeholder(name)])) as T;

/** Names the shape of a patch: patches with the same columns share one statement. */
export const shapeOf = (patch: Record<string, unknown>): string => Object.keys(patch).sort().join(',');
