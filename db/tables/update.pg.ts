import { bigint, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
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
import { flag, id, instant, json } from './columns.pg.ts';
import { pages } from './page.pg.ts';

/** The tables of `update.sqlite.ts`, for PostgreSQL; their comments are there. */

export const pictures = pgTable(
  'pictures',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    type: text('type').$type<PictureType>().notNull(),
    width: bigint('width', { mode: 'number' }).notNull(),
    height: bigint('height', { mode: 'number' }).notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    body: text('body').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('pictures_incident_ix').on(t.incidentId), index('pictures_created_ix').on(t.createdAt)],
);

export const incidents = pgTable(
  'incidents',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<IncidentKind>().notNull(),
    title: text('title').notNull(),
    objective: text('objective').notNull(),
    ownerId: text('owner_id'),
    status: text('status').$type<IncidentStatus>(),
    impact: text('impact').$type<Impact>().notNull(),
    impactOverride: text('impact_override').$type<Impact>(),
    impactNext: text('impact_next').$type<Impact | 'parts'>(),
    grave: flag('grave').notNull(),
    detectedAt: instant('detected_at').notNull(),
    startedAt: instant('started_at').notNull(),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    autoStart: flag('auto_start').notNull().default(false),
    autoEnd: flag('auto_end').notNull().default(false),
    reminders: json<number[]>('reminders'),
    remindedAt: instant('reminded_at'),
    overdueAt: instant('overdue_at'),
    publishedAt: instant('published_at'),
    monitoringAt: instant('monitoring_at'),
    resolvedAt: instant('resolved_at'),
    stillAffected: integer('still_affected'),
    gateAt: instant('gate_at'),
    gateBy: text('gate_by'),
    gateNote: text('gate_note'),
    gateHow: text('gate_how').$type<GateHow>(),
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

export const updates = pgTable(
  'updates',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    state: text('state').$type<UpdateState>().notNull(),
    class: text('class').$type<UpdateClass>().notNull(),
    status: text('status').$type<IncidentStatus>().notNull(),
    language: text('language').notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    media: json<Attached[]>('media'),
    nextUpdateBy: instant('next_update_by'),
    components: json<Record<string, ComponentStatus>>('components').notNull(),
    connectionIds: json<string[] | null>('connection_ids'),
    overrides: json<Record<string, string>>('overrides').notNull(),
    authorIds: json<string[]>('author_ids').notNull(),
    templateId: text('template_id'),
    correctsId: text('corrects_id'),
    amends: text('amends').$type<Amends>(),
    note: text('note'),
    plan: json<AmendStep[]>('plan'),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    plannedOf: text('planned_of'),
    plannedAs: text('planned_as').$type<PlannedAs>(),
    voiceOf: text('voice_of'),
    leaves: text('leaves'),
    searchText: text('search_text'),
    version: bigint('version', { mode: 'number' }).notNull(),
    hash: text('hash'),
    requestedBy: text('requested_by'),
    requestedAt: instant('requested_at'),
    requestedSeq: bigint('requested_seq', { mode: 'number' }),
    approvedAt: instant('approved_at'),
    releaseAt: instant('release_at'),
    publishedAt: instant('published_at'),
    publishedSeq: bigint('published_seq', { mode: 'number' }),
    reason: text('reason'),
    cites: json<{ factId: string; version: number }[]>('cites'),
    publishAt: instant('publish_at'),
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

export const renditions = pgTable(
  'renditions',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    language: text('language').notNull(),
    code: text('code').notNull(),
    parts: json<RenditionPart[]>('parts').notNull(),
    dropped: json<string[]>('dropped').notNull(),
    ways: json<RenditionWays>('ways'),
    max: bigint('max', { mode: 'number' }).notNull(),
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

export const approvals = pgTable(
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
    assurance: text('assurance').$type<Assurance>(),
    behind: json<string[]>('behind'),
    voidedAt: instant('voided_at'),
    voidReason: text('void_reason'),
  },
  (t) => [index('approvals_update_ix').on(t.updateId, t.id)],
);

export const promises = pgTable(
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
    lateMs: bigint('late_ms', { mode: 'number' }),
    escalatedTo: bigint('escalated_to', { mode: 'number' }),
  },
  (t) => [
    index('promises_incident_ix').on(t.incidentId, t.id),
    index('promises_due_ix').on(t.state, t.dueAt),
  ],
);

export const templates = pgTable(
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
    class: text('class').$type<UpdateClass>(),
    clearedBy: text('cleared_by'),
    clearedAt: instant('cleared_at'),
    clearedUntil: instant('cleared_until'),
    version: bigint('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('templates_page_ix').on(t.pageId, t.name)],
);
