import { openPg } from './pg.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

/** Opens the database named by the configuration: a `postgres://` address, or else a SQLite file. */
export async function openStore(database: { url?: string | undefined; file: string }): Promise<Store> {
  return database.url === undefined ? openSqlite(database.file) : openPg(database.url);
}
