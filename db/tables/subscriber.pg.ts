import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { LetterKind, SubscriberKind, SubscriberState } from '../../src/domain/subscriber.ts';
import type { FanoutCall } from '../shapes.ts';
import { flag, id, instant, json } from './columns.pg.ts';
import { pages } from './page.pg.ts';
import { updates } from './update.pg.ts';

/** The tables of `subscriber.sqlite.ts`, for PostgreSQL; their comments are there. */

export const subscribers = pgTable(
  'subscribers',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    state: text('state').$type<SubscriberState>().notNull(),
    addressHash: text('address_hash').notNull(),
    sealed: text('sealed').notNull(),
    contact: text('contact'),
    contactAt: instant('contact_at'),
    language: text('language').notNull(),
    everything: flag('everything').notNull(),
    code: text('code'),
    codeUntil: instant('code_until'),
    codeTries: bigint('code_tries', { mode: 'number' }).notNull(),
    letterAt: instant('letter_at'),
    failures: bigint('failures', { mode: 'number' }).notNull(),
    timeouts: bigint('timeouts', { mode: 'number' }).notNull().default(0),
    reason: text('reason'),
    source: text('source').$type<'page' | 'api' | 'import'>().notNull(),
    basis: text('basis'),
    softBounces: bigint('soft_bounces', { mode: 'number' }).notNull().default(0),
    softAt: instant('soft_at'),
    ticket: text('ticket'),
    createdAt: instant('created_at').notNull(),
    confirmedAt: instant('confirmed_at'),
    quarantinedAt: instant('quarantined_at'),
    endedAt: instant('ended_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('subscribers_address_uq').on(t.pageId, t.kind, t.addressHash),
    index('subscribers_walk_ix').on(t.pageId, t.kind, t.state, t.id),
    index('subscribers_letter_ix').on(t.letterAt),
  ],
);

export const tickets = pgTable(
  'tickets',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    addressHash: text('address_hash').notNull(),
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('tickets_age_ix').on(t.createdAt), index('tickets_address_ix').on(t.addressHash)],
);

export const subscriberTargets = pgTable(
  'subscriber_targets',
  {
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    targetId: text('target_id').notNull(),
  },
  (t) => [
    uniqueIndex('subscriber_targets_uq').on(t.subscriberId, t.targetId),
    index('subscriber_targets_target_ix').on(t.targetId),
  ],
);

export const fanouts = pgTable(
  'fanouts',
  {
    updateId: text('update_id')
      .primaryKey()
      .references(() => updates.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    ord: bigint('ord', { mode: 'number' }).notNull(),
    step: bigint('step', { mode: 'number' }).notNull(),
    cursor: text('cursor').notNull(),
    calls: json<FanoutCall[] | null>('calls'),
    queued: bigint('queued', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
  },
  (t) => [index('fanouts_open_ix').on(t.doneAt, t.ord), index('fanouts_incident_ix').on(t.incidentId, t.ord)],
);

export const letters = pgTable(
  'letters',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<LetterKind>().notNull(),
    sealed: text('sealed').notNull(),
    tries: bigint('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('letters_due_ix').on(t.nextAt)],
);
