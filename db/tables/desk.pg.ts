import { bigint, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Fact } from '../../src/domain/fact.ts';
import type { HandOverState } from '../../src/domain/hand-over.ts';
import type { MapMessage } from '../../src/domain/message-map.ts';
import type { OverrideReason, OverrideVerdict } from '../../src/domain/override.ts';
import { id, instant, json } from './columns.pg.ts';

/** The tables of `desk.sqlite.ts`, for PostgreSQL; their comments are there. */

export const facts = pgTable(
  'facts',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    key: text('key').notNull(),
    kind: text('kind').$type<Fact['kind']>().notNull(),
    value: text('value').notNull(),
    unit: text('unit').notNull(),
    state: text('state').$type<Fact['state']>().notNull(),
    source: text('source').notNull(),
    origin: text('origin').$type<Fact['origin']>().notNull(),
    grade: text('grade').notNull(),
    secondSource: text('second_source').notNull(),
    authorId: text('author_id').notNull(),
    verifierId: text('verifier_id'),
    confirmedAt: instant('confirmed_at'),
    reason: text('reason'),
    supersedesId: text('supersedes_id'),
    version: bigint('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('facts_incident_ix').on(t.incidentId, t.id)],
);

export const handOvers = pgTable(
  'hand_overs',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    fromId: text('from_id'),
    toId: text('to_id').notNull(),
    note: text('note').notNull(),
    state: text('state').$type<HandOverState>().notNull(),
    askedBy: text('asked_by').notNull(),
    askedAt: instant('asked_at').notNull(),
    answeredAt: instant('answered_at'),
    answer: text('answer'),
    reminders: bigint('reminders', { mode: 'number' }).notNull(),
  },
  (t) => [index('hand_overs_incident_ix').on(t.incidentId, t.id), index('hand_overs_state_ix').on(t.state)],
);

export const approvalAsks = pgTable(
  'approval_asks',
  {
    id: id(),
    updateId: text('update_id').notNull(),
    hash: text('hash').notNull(),
    personId: text('person_id').notNull(),
    secretHash: text('secret_hash').notNull(),
    round: bigint('round', { mode: 'number' }).notNull(),
    askedAt: instant('asked_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [
    uniqueIndex('approval_asks_secret_uq').on(t.secretHash),
    index('approval_asks_update_ix').on(t.updateId, t.hash),
  ],
);

export const overrides = pgTable(
  'overrides',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    updateId: text('update_id').notNull(),
    hash: text('hash').notNull(),
    personId: text('person_id').notNull(),
    reason: text('reason').$type<OverrideReason>().notNull(),
    sentence: text('sentence').notNull(),
    assurance: text('assurance').notNull(),
    at: instant('at').notNull(),
    reviewDueAt: instant('review_due_at').notNull(),
    reviewedBy: text('reviewed_by'),
    reviewedAt: instant('reviewed_at'),
    verdict: text('verdict').$type<OverrideVerdict>(),
    note: text('note'),
    remindedAt: instant('reminded_at'),
  },
  (t) => [
    uniqueIndex('overrides_update_uq').on(t.updateId, t.hash),
    index('overrides_incident_ix').on(t.incidentId),
    index('overrides_review_ix').on(t.reviewedAt, t.reviewDueAt),
  ],
);

export const drafts = pgTable(
  'drafts',
  {
    updateId: text('update_id').notNull(),
    personId: text('person_id').notNull(),
    fields: json<Record<string, string | string[]>>('fields').notNull(),
    version: bigint('version', { mode: 'number' }).notNull(),
    savedAt: instant('saved_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.updateId, t.personId] })],
);

export const messageMaps = pgTable(
  'message_maps',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id'),
    question: text('question').notNull(),
    messages: json<MapMessage[]>('messages').notNull(),
    authorId: text('author_id').notNull(),
    clearedBy: text('cleared_by'),
    clearedAt: instant('cleared_at'),
    version: bigint('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('message_maps_page_ix').on(t.pageId, t.id)],
);

export const deskPushes = pgTable(
  'desk_pushes',
  {
    id: id(),
    personId: text('person_id').notNull(),
    hash: text('hash').notNull(),
    sealed: text('sealed').notNull(),
    userAgent: text('user_agent'),
    createdAt: instant('created_at').notNull(),
    lastOkAt: instant('last_ok_at'),
  },
  (t) => [uniqueIndex('desk_pushes_hash_uq').on(t.hash), index('desk_pushes_person_ix').on(t.personId)],
);
