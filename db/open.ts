import { openPg } from './pg.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

/** Opens the database named by the configuration: a `postgres://` address, or else a SQLite file. `boot` names this run. */
export async function openStore(
  database: { url?: string | undefined; file: string },
  boot: string,
): Promise<Store> {
  return database.url === undefined ? openSqlite(database.file, boot) : openPg(database.url, boot);
}
