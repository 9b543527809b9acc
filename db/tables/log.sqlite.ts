import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, id, instant, json } from './columns.sqlite.ts';

/** What happened, who did it, and what the installation knows of itself. */

/** The log. `seq` has no gaps and commit order is seq order, so that a reader of `seq > cursor` misses nothing. */
export const events = sqliteTable(
  'events',
  {
    seq: integer('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    pageId: text('page_id'),
    kind: text('kind').notNull(),
    /** Public events reach every open page; the others only the desk. */
    public: flag('public').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    detail: json<Record<string, unknown>>('detail').notNull(),
  },
  (t) => [index('events_page_ix').on(t.pageId, t.seq), index('events_incident_ix').on(t.incidentId, t.seq)],
);

/** Who did what. Chained: each row's hash covers the one before; `detail` is kept as the very text that was hashed. */
export const audit = sqliteTable(
  'audit',
  {
    seq: integer('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').$type<'person' | 'token' | 'timer' | 'system' | 'cli'>().notNull(),
    actorId: text('actor_id').notNull(),
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: text('subject_id').notNull(),
    detail: text('detail').notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [index('audit_subject_ix').on(t.subjectKind, t.subjectId)],
);

/** Facts about the installation itself: deployment id, heartbeat, quarantine. */
export const installation = sqliteTable('installation', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** What somebody must be told now, inside the house: written with the fact that calls for it, sent by the outbox. */
export const alerts = sqliteTable(
  'alerts',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    kind: text('kind').notNull(),
    connectionId: text('connection_id'),
    deliveryId: text('delivery_id'),
    message: text('message').notNull(),
    raisedAt: instant('raised_at').notNull(),
    /** Null until every on-call connection has taken it, or nobody is on call. */
    sentAt: instant('sent_at'),
    tries: integer('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    /** Only this person is told, by mail and phone; null is whoever is on call. */
    personId: text('person_id'),
    /** When somebody said that it is dealt with. */
    doneAt: instant('done_at'),
    doneBy: text('done_by'),
  },
  (t) => [index('alerts_due_ix').on(t.sentAt, t.nextAt)],
);
