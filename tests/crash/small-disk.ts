/**
 * Loaded into a server before anything else: its database has as much room as is left on a small disk, of which the
 * ballast takes its part. SQLite then fails as on a full disk, and has room again when the ballast is given up.
 */
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import Database from 'better-sqlite3';

const ROOM_BYTES = 2 << 20;
const BALLAST_BYTES = 2 << 20;
const PAGE_BYTES = 4_096;

const proto = Database.prototype as Database.Database;
const prepare = proto.prepare as (this: Database.Database, sql: string) => Database.Statement<[]>;
const disks = new Map<Database.Database, number>();

/** What is free was counted when the file was opened; giving the ballast up makes that much more. */
function measure(db: Database.Database, first: number): void {
  const room = ROOM_BYTES + (existsSync(`${db.name}.ballast`) ? 0 : BALLAST_BYTES);
  prepare.call(db, `PRAGMA max_page_count = ${first + Math.floor(room / PAGE_BYTES)}`).get();
}
proto.prepare = function (this: Database.Database, sql: string) {
  if (!this.readonly && !disks.has(this)) {
    disks.set(this, prepare.call(this, 'PRAGMA page_count').pluck().get() as number);
    // Before the ballast is there, it is not yet taken.
    setInterval(() => this.open && measure(this, disks.get(this) ?? 0), 5).unref();
  }
  return prepare.call(this, sql);
} as typeof proto.prepare;

const statfs = fs.statfsSync;
fs.statfsSync = ((...args: Parameters<typeof statfs>) => ({
  ...statfs(...args),
  bavail: 0,
})) as unknown as typeof statfs;
syncBuiltinESMExports();
