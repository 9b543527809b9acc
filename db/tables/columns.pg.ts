import { bigint, boolean, jsonb, text } from 'drizzle-orm/pg-core';

/** The columns of `columns.sqlite.ts`, for PostgreSQL. */

export const id = () => text('id').primaryKey();
export const instant = (name: string) => bigint(name, { mode: 'number' });
export const flag = (name: string) => boolean(name);
export const json = <T>(name: string) => jsonb(name).$type<T>();
