import { index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { RemotePost } from '../../src/domain/channel.ts';
import type { MentionState } from '../../src/domain/words.ts';
import { id, instant, json } from './columns.pg.ts';
import { pages } from './page.pg.ts';
import { incidents } from './update.pg.ts';

/** The tables of `inbox.sqlite.ts`, for PostgreSQL; their comments are there. */

export const mentions = pgTable(
  'mentions',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    authorId: text('author_id').notNull(),
    authorHandle: text('author_handle').notNull(),
    authorName: text('author_name'),
    text: text('text').notNull(),
    inReplyTo: text('in_reply_to'),
    post: json<RemotePost>('post').notNull(),
    saidAt: instant('said_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<MentionState>().notNull(),
    assignedTo: text('assigned_to'),
    reason: text('reason'),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    incidentId: text('incident_id'),
    alertedAt: instant('alerted_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('mentions_remote_uq').on(t.connectionId, t.remoteId),
    index('mentions_due_ix').on(t.state, t.dueAt),
    index('mentions_page_ix').on(t.pageId, t.saidAt),
    index('mentions_open_ix').on(t.pageId, t.state),
    index('mentions_incident_ix').on(t.incidentId, t.state),
  ],
);

export const replies = pgTable(
  'replies',
  {
    id: id(),
    mentionId: text('mention_id')
      .notNull()
      .references(() => mentions.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    text: text('text').notNull(),
    authorId: text('author_id').notNull(),
    createdAt: instant('created_at').notNull(),
    batchId: text('batch_id'),
    askedAt: instant('asked_at'),
    judgedAt: instant('judged_at'),
    judgedBy: text('judged_by'),
    verdict: text('verdict').$type<'yes' | 'no'>(),
    note: text('note'),
  },
  (t) => [
    index('replies_mention_ix').on(t.mentionId, t.id),
    uniqueIndex('replies_batch_uq').on(t.batchId, t.mentionId),
  ],
);

export const hearing = pgTable('hearing', {
  connectionId: text('connection_id').primaryKey(),
  cursor: text('cursor'),
  heardAt: instant('heard_at').notNull(),
  nextAt: instant('next_at').notNull(),
  failure: text('failure'),
});

export const stillAffected = pgTable(
  'still_affected',
  {
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    visitor: text('visitor').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.incidentId, t.visitor] }), index('still_affected_at_ix').on(t.at)],
);
