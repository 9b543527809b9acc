import { openPg } from './pg.ts';
import { openSqlite } from './sqlite.ts';
import type { Store } from './store.ts';

/**
 * Opens the database named by the configuration: a `postgres://` address, or else a SQLite file. `boot` names this run;
 * `failpoint` is told before and after every commit.
 */
export async function openStore(
  database: { url?: string | undefined; file: string; ballastBytes?: number | undefined },
  boot: string,
  failpoint: (name: string) => void = () => undefined,
): Promise<Store> {
  return database.url === undefined
    ? openSqlite(database.file, boot, failpoint, database.ballastBytes ?? 0)
    : openPg(database.url, boot, failpoint);
}
