import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { AmendStep } from '../../src/domain/amend.ts';
import type { Assurance } from '../../src/domain/approval.ts';
import type { GateHow, GateWaiver } from '../../src/domain/gate.ts';
import type { Attached, PictureType } from '../../src/domain/media.ts';
import type {
  Amends,
  Blocks,
  ComponentStatus,
  Impact,
  IncidentKind,
  IncidentStatus,
  PlannedAs,
  PromiseState,
  UpdateClass,
  UpdateState,
} from '../../src/domain/words.ts';
import type { RenditionPart, RenditionWays } from '../shapes.ts';
import { flag, id, instant, json } from './columns.sqlite.ts';
import { pages } from './page.sqlite.ts';

/** What is said: incidents, updates, their words on every network, who approved them, what they promise. */

/** Pictures that updates show: written once, and never changed. */
export const pictures = sqliteTable(
  'pictures',
  {
    /** Of the bytes and the incident: what an approval is bound to, and part of its address. */
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    type: text('type').$type<PictureType>().notNull(),
    width: integer('width', { mode: 'number' }).notNull(),
    height: integer('height', { mode: 'number' }).notNull(),
    /** Bytes of the picture. */
    size: integer('size', { mode: 'number' }).notNull(),
    /** Base64. */
    body: text('body').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('pictures_incident_ix').on(t.incidentId), index('pictures_created_ix').on(t.createdAt)],
);

export const incidents = sqliteTable(
  'incidents',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<IncidentKind>().notNull(),
    title: text('title').notNull(),
    /** Why we speak, in a sentence. */
    objective: text('objective').notNull(),
    ownerId: text('owner_id'),
    /** Null until the first update is published: an incident nobody was told about is not public. */
    status: text('status').$type<IncidentStatus>(),
    impact: text('impact').$type<Impact>().notNull(),
    impactOverride: text('impact_override').$type<Impact>(),
    /** What the next published words make of the override; null leaves it, `parts` gives it up. */
    impactNext: text('impact_next').$type<Impact | 'parts'>(),
    grave: flag('grave').notNull(),
    detectedAt: instant('detected_at').notNull(),
    startedAt: instant('started_at').notNull(),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    /** Maintenance begins, or ends, by itself at its time; as the newest published plan says. */
    autoStart: flag('auto_start').notNull().default(false),
    autoEnd: flag('auto_end').notNull().default(false),
    /** How long before its start people are reminded, ms, the longest first; null is never. */
    reminders: json<number[]>('reminders'),
    remindedAt: instant('reminded_at'),
    /** Since when the house and the page know that it did not begin, or end, at its time. */
    overdueAt: instant('overdue_at'),
    publishedAt: instant('published_at'),
    monitoringAt: instant('monitoring_at'),
    resolvedAt: instant('resolved_at'),
    /** How many said that they still had trouble, once that was counted for good. */
    stillAffected: integer('still_affected'),
    /** Since when deaths and names may be spoken of: everybody close was told, or it was waived. */
    gateAt: instant('gate_at'),
    gateBy: text('gate_by'),
    gateNote: text('gate_note'),
    /** Whether everybody was told, or two people waived it; null before this was asked. */
    gateHow: text('gate_how').$type<GateHow>(),
    /** Half of a waiver: the owner's or an executive's, waiting for the other. */
    gateWaiver: json<GateWaiver>('gate_waiver'),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    index('incidents_page_ix').on(t.pageId, t.id),
    index('incidents_open_ix').on(t.pageId, t.resolvedAt),
    index('incidents_scheduled_ix').on(t.pageId, t.scheduledFor),
  ],
);

export const updates = sqliteTable(
  'updates',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    state: text('state').$type<UpdateState>().notNull(),
    class: text('class').$type<UpdateClass>().notNull(),
    /** The status this update gives its incident when it is published. */
    status: text('status').$type<IncidentStatus>().notNull(),
    language: text('language').notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    /** Pictures that go with the words, each with what it shows; null is none. */
    media: json<Attached[]>('media'),
    nextUpdateBy: instant('next_update_by'),
    /** Component id to the status it gets when this update is published. */
    components: json<Record<string, ComponentStatus>>('components').notNull(),
    /** Connections that get this update; null means every enabled one of the page. */
    connectionIds: json<string[] | null>('connection_ids'),
    /** Connection id to words that replace the rendered ones there. */
    overrides: json<Record<string, string>>('overrides').notNull(),
    /** Everybody who wrote a character of it; none of them may approve it. */
    authorIds: json<string[]>('author_ids').notNull(),
    templateId: text('template_id'),
    correctsId: text('corrects_id'),
    /** How it puts the words of `correctsId` right; null for words of their own. */
    amends: text('amends').$type<Amends>(),
    /** What was wrong, for the public: one sentence, said on the page and on every network. */
    note: text('note'),
    /** What is to be done on each network; part of what approvers say yes to. */
    plan: json<AmendStep[]>('plan'),
    /** The window of planned work from this update on; null leaves it. */
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    /** Words for later, approved together with this update of the same maintenance; `publishAt` null waits for a person. */
    plannedOf: text('planned_of'),
    plannedAs: text('planned_as').$type<PlannedAs>(),
    /** In whose own voice it speaks; it goes out with this person's own yes, or not at all. */
    voiceOf: text('voice_of'),
    /** Why it may end the incident though people still wait for an answer; null is no reason. */
    leaves: text('leaves'),
    /** What search reads, from its publication on: title and words, folded. */
    searchText: text('search_text'),
    /** Counts edits; a writer names the one they saw, so that two authors never overwrite each other. */
    version: integer('version', { mode: 'number' }).notNull(),
    /** SHA-256 of what approvers are asked to say yes to; null while it is a draft. */
    hash: text('hash'),
    requestedBy: text('requested_by'),
    requestedAt: instant('requested_at'),
    /** Seq of the newest event when approval was asked for: what was published after it is newer, whatever the clocks say. */
    requestedSeq: integer('requested_seq', { mode: 'number' }),
    approvedAt: instant('approved_at'),
    releaseAt: instant('release_at'),
    publishedAt: instant('published_at'),
    /** Event seq of its publication: the order in which the public read the updates. */
    publishedSeq: integer('published_seq', { mode: 'number' }),
    /** Why it was returned, withdrawn, voided or retracted. */
    reason: text('reason'),
    /** Facts that its words rest on, as they stood when approval was asked for. */
    cites: json<{ factId: string; version: number }[]>('cites'),
    /** When it is to go out, once approved; null is at once. */
    publishAt: instant('publish_at'),
    /** "We are still working on it", to the page only: it neither keeps a promise nor makes one. */
    heartbeat: flag('heartbeat').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    index('updates_incident_ix').on(t.incidentId, t.publishedSeq),
    index('updates_state_ix').on(t.state, t.releaseAt),
    index('updates_planned_ix').on(t.plannedOf),
    index('updates_published_ix').on(t.publishedSeq),
  ],
);

export const renditions = sqliteTable(
  'renditions',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    language: text('language').notNull(),
    /** Last part of the unique short address in its words: `/u/<code>`. */
    code: text('code').notNull(),
    parts: json<RenditionPart[]>('parts').notNull(),
    /** Names of blocks that did not fit. */
    dropped: json<string[]>('dropped').notNull(),
    /** Of a correction: the same in other forms, for when a post cannot be changed, or was never there. */
    ways: json<RenditionWays>('ways'),
    max: integer('max', { mode: 'number' }).notNull(),
    unit: text('unit').notNull(),
    overridden: flag('overridden').notNull(),
    frozenAt: instant('frozen_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('renditions_uq').on(t.updateId, t.connectionId, t.language),
    uniqueIndex('renditions_code_uq').on(t.code),
  ],
);

export const approvals = sqliteTable(
  'approvals',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    personId: text('person_id').notNull(),
    decision: text('decision').$type<'approved' | 'returned' | 'consented'>().notNull(),
    hash: text('hash').notNull(),
    reason: text('reason'),
    at: instant('at').notNull(),
    /** What was shown for it besides a session: a passkey, a code, a password. Null before this was asked. */
    assurance: text('assurance').$type<Assurance>(),
    /** Who had made the link by which the session came in that said it: they count as having said it too. */
    behind: json<string[]>('behind'),
    voidedAt: instant('voided_at'),
    voidReason: text('void_reason'),
  },
  (t) => [index('approvals_update_ix').on(t.updateId, t.id)],
);

export const promises = sqliteTable(
  'promises',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    updateId: text('update_id').notNull(),
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<PromiseState>().notNull(),
    madeAt: instant('made_at').notNull(),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    lateMs: integer('late_ms', { mode: 'number' }),
    /** How far the escalation inside has gone: minutes before (negative) or after the time. */
    escalatedTo: integer('escalated_to', { mode: 'number' }),
  },
  (t) => [
    index('promises_incident_ix').on(t.incidentId, t.id),
    index('promises_due_ix').on(t.state, t.dueAt),
  ],
);

/** Pre-written updates with typed slots; pre-cleared when somebody approved them in peacetime. */
export const templates = sqliteTable(
  'templates',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    title: text('title').notNull(),
    status: text('status').$type<IncidentStatus>().notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    slots: json<unknown[]>('slots').notNull(),
    authorId: text('author_id').notNull(),
    /** What its words are about; null is B. Cleared words of class B go out as A, those of any other as what they are. */
    class: text('class').$type<UpdateClass>(),
    clearedBy: text('cleared_by'),
    clearedAt: instant('cleared_at'),
    clearedUntil: instant('cleared_until'),
    version: integer('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('templates_page_ix').on(t.pageId, t.name)],
);
