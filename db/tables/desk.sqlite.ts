import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Fact } from '../../src/domain/fact.ts';
import type { HandOverState } from '../../src/domain/hand-over.ts';
import type { MapMessage } from '../../src/domain/message-map.ts';
import type { OverrideReason, OverrideVerdict } from '../../src/domain/override.ts';
import { id, instant, json } from './columns.sqlite.ts';

/** What people at the desk judge and decide besides the words: facts, who owns an incident, who was asked. */

/** What an incident rests on. A changed value is a new row that names the one it replaces. */
export const facts = sqliteTable(
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
    /** Source A–F and information 1–6, for what was found on a network; empty otherwise. */
    grade: text('grade').notNull(),
    secondSource: text('second_source').notNull(),
    authorId: text('author_id').notNull(),
    verifierId: text('verifier_id'),
    confirmedAt: instant('confirmed_at'),
    /** Why it is disputed or was withdrawn. */
    reason: text('reason'),
    supersedesId: text('supersedes_id'),
    version: integer('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('facts_incident_ix').on(t.incidentId, t.id)],
);

/** Every time somebody was asked to take an incident over, and what they said. */
export const handOvers = sqliteTable(
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
    /** How often others were told that nobody answers. */
    reminders: integer('reminders', { mode: 'number' }).notNull(),
  },
  (t) => [index('hand_overs_incident_ix').on(t.incidentId, t.id), index('hand_overs_state_ix').on(t.state)],
);

/** Who was asked to approve which words, and the link that leads them there; its secret is kept as SHA-256 only. */
export const approvalAsks = sqliteTable(
  'approval_asks',
  {
    id: id(),
    updateId: text('update_id').notNull(),
    /** Of the words that were to be approved. */
    hash: text('hash').notNull(),
    personId: text('person_id').notNull(),
    secretHash: text('secret_hash').notNull(),
    round: integer('round', { mode: 'number' }).notNull(),
    askedAt: instant('asked_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [
    uniqueIndex('approval_asks_secret_uq').on(t.secretHash),
    index('approval_asks_update_ix').on(t.updateId, t.hash),
  ],
);

/** Words that went out without a second person, why, and what was found afterwards. */
export const overrides = sqliteTable(
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
    /** When others were told that the review is overdue. */
    remindedAt: instant('reminded_at'),
  },
  (t) => [
    uniqueIndex('overrides_update_uq').on(t.updateId, t.hash),
    index('overrides_incident_ix').on(t.incidentId),
    index('overrides_review_ix').on(t.reviewedAt, t.reviewDueAt),
  ],
);

/** What somebody is typing into the composer and has not saved: kept for them alone, so that nothing is lost. */
export const drafts = sqliteTable(
  'drafts',
  {
    updateId: text('update_id').notNull(),
    personId: text('person_id').notNull(),
    /** The fields as a browser sends them. */
    fields: json<Record<string, string | string[]>>('fields').notNull(),
    /** Of the update that was open. */
    version: integer('version', { mode: 'number' }).notNull(),
    savedAt: instant('saved_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.updateId, t.personId] })],
);

/** One question people ask, and the three things we say to it. */
export const messageMaps = sqliteTable(
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
    version: integer('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('message_maps_page_ix').on(t.pageId, t.id)],
);

/** A browser of somebody at the desk that wants to be told there. */
export const deskPushes = sqliteTable(
  'desk_pushes',
  {
    id: id(),
    personId: text('person_id').notNull(),
    /** Keyed hash of its address, which is a secret: the same browser is here once. */
    hash: text('hash').notNull(),
    sealed: text('sealed').notNull(),
    userAgent: text('user_agent'),
    createdAt: instant('created_at').notNull(),
    lastOkAt: instant('last_ok_at'),
  },
  (t) => [uniqueIndex('desk_pushes_hash_uq').on(t.hash), index('desk_pushes_person_ix').on(t.personId)],
);
