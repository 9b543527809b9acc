import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ApprovalPolicy } from '../../src/domain/approval.ts';
import type { ComponentStatus } from '../../src/domain/words.ts';
import type { PageAccess, PageFileKind, PageSettings } from '../shapes.ts';
import { flag, id, instant, json } from './columns.sqlite.ts';

/** A status page and what it is made of. */

export const pages = sqliteTable(
  'pages',
  {
    id: id(),
    /** Path of the page; the first page of an installation has the empty slug and lives at `/`. */
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** Public address without a trailing slash: what links in posts begin with. */
    url: text('url').notNull(),
    timeZone: text('time_zone').notNull(),
    languages: json<string[]>('languages').notNull(),
    cadence: text('cadence').notNull(),
    policy: json<ApprovalPolicy>('policy').notNull(),
    settings: json<PageSettings>('settings').notNull(),
    /** Host name under which the page stands alone; null is a path of the installation's own address. */
    domain: text('domain'),
    /** Who may read it; null is everybody. */
    access: json<PageAccess>('access'),
    /** When somebody last looked whether all works. */
    checkedAt: instant('checked_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('pages_slug_uq').on(t.slug), uniqueIndex('pages_domain_uq').on(t.domain)],
);

/** Pictures of a page's own: small, and kept as base64 so that both databases keep them alike. */
export const pageFiles = sqliteTable(
  'page_files',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<PageFileKind>().notNull(),
    type: text('type').notNull(),
    /** Of the bytes: part of its address. */
    hash: text('hash').notNull(),
    /** Base64. */
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('page_files_kind_uq').on(t.pageId, t.kind)],
);

export const componentGroups = sqliteTable(
  'component_groups',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    position: integer('position', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('component_groups_page_ix').on(t.pageId, t.position)],
);

export const components = sqliteTable(
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
    position: integer('position', { mode: 'number' }).notNull(),
    showcase: flag('showcase').notNull(),
    onlyShowIfDegraded: flag('only_show_if_degraded').notNull(),
    /** YYYY-MM-DD from which the uptime bars count. */
    startDate: text('start_date'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('components_page_ix').on(t.pageId, t.position)],
);

/** Every change of a component's status, kept for ever: the uptime bars are read from it. */
export const componentChanges = sqliteTable(
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
