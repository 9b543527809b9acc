import { bigint, index, pgTable, text } from 'drizzle-orm/pg-core';
import { flag, id, instant, json } from './columns.pg.ts';

/** The tables of `log.sqlite.ts`, for PostgreSQL; their comments are there. */

export const events = pgTable(
  'events',
  {
    seq: bigint('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    pageId: text('page_id'),
    kind: text('kind').notNull(),
    public: flag('public').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    detail: json<Record<string, unknown>>('detail').notNull(),
  },
  (t) => [index('events_page_ix').on(t.pageId, t.seq), index('events_incident_ix').on(t.incidentId, t.seq)],
);

export const audit = pgTable(
  'audit',
  {
    seq: bigint('seq', { mode: 'number' }).primaryKey(),
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

export const installation = pgTable('installation', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const alerts = pgTable(
  'alerts',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    kind: text('kind').notNull(),
    connectionId: text('connection_id'),
    deliveryId: text('delivery_id'),
    message: text('message').notNull(),
    raisedAt: instant('raised_at').notNull(),
    sentAt: instant('sent_at'),
    tries: bigint('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    personId: text('person_id'),
    doneAt: instant('done_at'),
    doneBy: text('done_by'),
  },
  (t) => [index('alerts_due_ix').on(t.sentAt, t.nextAt)],
);
