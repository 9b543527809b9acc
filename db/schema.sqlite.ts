/**
 * The tables, for SQLite. `schema.pg.ts` has the same tables, columns and JavaScript types; a compile-time check in
 * `store.ts` keeps the two equal.
 */

export * from './tables/delivery.sqlite.ts';
export * from './tables/desk.sqlite.ts';
export * from './tables/inbox.sqlite.ts';
export * from './tables/log.sqlite.ts';
export * from './tables/page.sqlite.ts';
export * from './tables/people.sqlite.ts';
export * from './tables/subscriber.sqlite.ts';
export * from './tables/update.sqlite.ts';
