import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { RemotePost } from '../../src/domain/channel.ts';
import type { MentionState } from '../../src/domain/words.ts';
import { id, instant, json } from './columns.sqlite.ts';
import { pages } from './page.sqlite.ts';
import { incidents } from './update.sqlite.ts';

/** What is said to us, and our answers. */

/** What somebody said to us on a network, copied whole when it came in: deleting our post there must not lose it. */
export const mentions = sqliteTable(
  'mentions',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    /** The network's own id: what comes twice, by webhook and by a look, is one mention. */
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    authorId: text('author_id').notNull(),
    authorHandle: text('author_handle').notNull(),
    authorName: text('author_name'),
    text: text('text').notNull(),
    inReplyTo: text('in_reply_to'),
    /** Enough to answer it there. */
    post: json<RemotePost>('post').notNull(),
    /** When they said it, and when we had it. */
    saidAt: instant('said_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** When it should be answered: an hour after they said it. */
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<MentionState>().notNull(),
    assignedTo: text('assigned_to'),
    /** Why it needs no answer. */
    reason: text('reason'),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    /** What they speak of, once a person has said so. */
    incidentId: text('incident_id'),
    /** When whoever is on call was told that they still wait. */
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

/** Our answer to one mention; its delivery has it as update and rendition, and the mention as incident. */
export const replies = sqliteTable(
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
    /** Prepared once for many: the same for each of them, and each at most once. */
    batchId: text('batch_id'),
    /** Since when it waits for a second person, and what they said; it has no delivery before their yes. */
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

/** How far we have listened to an account. */
export const hearing = sqliteTable('hearing', {
  connectionId: text('connection_id').primaryKey(),
  /** The channel's own; kept with what it brought, in one transaction. */
  cursor: text('cursor'),
  heardAt: instant('heard_at').notNull(),
  nextAt: instant('next_at').notNull(),
  /** Why the last look did not work. */
  failure: text('failure'),
});

/** People who say on the page that they still have trouble: each once an incident, as a keyed hash that is soon forgotten. */
export const stillAffected = sqliteTable(
  'still_affected',
  {
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    visitor: text('visitor').notNull(),
    /** When they said so last. */
    at: instant('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.incidentId, t.visitor] }), index('still_affected_at_ix').on(t.at)],
);
