import { integer, text } from 'drizzle-orm/sqlite-core';

/** Ids are text; instants are milliseconds since 1970; JSON is never compared or hashed. */

export const id = () => text('id').primaryKey();
export const instant = (name: string) => integer(name, { mode: 'number' });
export const flag = (name: string) => integer(name, { mode: 'boolean' });
export const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>();
