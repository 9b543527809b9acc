/** The tables, for PostgreSQL: the same as in `schema.sqlite.ts`, where their comments are. */

export * from './tables/delivery.pg.ts';
export * from './tables/desk.pg.ts';
export * from './tables/inbox.pg.ts';
export * from './tables/log.pg.ts';
export * from './tables/page.pg.ts';
export * from './tables/people.pg.ts';
export * from './tables/subscriber.pg.ts';
export * from './tables/update.pg.ts';
