import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { ApprovalPolicy } from '../../src/domain/approval.ts';
import type { ComponentStatus } from '../../src/domain/words.ts';
import type { PageAccess, PageFileKind, PageSettings } from '../shapes.ts';
import { flag, id, instant, json } from './columns.pg.ts';

/** The tables of `page.sqlite.ts`, for PostgreSQL; their comments are there. */

export const pages = pgTable(
  'pages',
  {
    id: id(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    timeZone: text('time_zone').notNull(),
    languages: json<string[]>('languages').notNull(),
    cadence: text('cadence').notNull(),
    policy: json<ApprovalPolicy>('policy').notNull(),
    settings: json<PageSettings>('settings').notNull(),
    domain: text('domain'),
    access: json<PageAccess>('access'),
    checkedAt: instant('checked_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('pages_slug_uq').on(t.slug), uniqueIndex('pages_domain_uq').on(t.domain)],
);

export const pageFiles = pgTable(
  'page_files',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<PageFileKind>().notNull(),
    type: text('type').notNull(),
    hash: text('hash').notNull(),
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('page_files_kind_uq').on(t.pageId, t.kind)],
);

export const componentGroups = pgTable(
  'component_groups',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    position: bigint('position', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('component_groups_page_ix').on(t.pageId, t.position)],
);

export const components = pgTable(
  'components',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    groupId: text('group_id').references(() => componentGroups.id, { onDelete: 'set null' }),
    name: text('name').notNull(),
    description: text('description'),
    status: text('status').$type<ComponentStatus>().notNull(),
    position: bigint('position', { mode: 'number' }).notNull(),
    showcase: flag('showcase').notNull(),
    onlyShowIfDegraded: flag('only_show_if_degraded').notNull(),
    startDate: text('start_date'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('components_page_ix').on(t.pageId, t.position)],
);

export const componentChanges = pgTable(
  'component_changes',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    componentId: text('component_id')
      .notNull()
      .references(() => components.id, { onDelete: 'cascade' }),
    fromStatus: text('from_status').$type<ComponentStatus>().notNull(),
    toStatus: text('to_status').$type<ComponentStatus>().notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    at: instant('at').notNull(),
  },
  (t) => [
    index('component_changes_component_ix').on(t.componentId, t.at),
    index('component_changes_page_ix').on(t.pageId, t.at),
    index('component_changes_update_ix').on(t.updateId),
  ],
);
