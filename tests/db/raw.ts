import { sql } from 'drizzle-orm';
import type { Reader, Store } from '../../db/store.ts';

/** What the statements of the house can never do, for tests that break in. Rows of one statement. */
export async function raw(kind: Store['kind'], r: Reader, text: string): Promise<Record<string, unknown>[]> {
  const handle = r.sql as unknown as {
    all(q: unknown): Record<string, unknown>[];
    run(q: unknown): unknown;
    execute(q: unknown): Promise<{ rows: Record<string, unknown>[] }>;
  };
  if (kind === 'pg') return (await handle.execute(sql.raw(text))).rows;
  if (/^\s*(select|pragma)/i.test(text)) return handle.all(sql.raw(text));
  handle.run(sql.raw(text));
  return [];
}
