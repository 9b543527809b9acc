import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { AmendWay } from '../../src/domain/amend.ts';
import type { Abilities, Limits } from '../../src/domain/channel.ts';
import type { ConnectionRole, DeliveryOp, DeliveryState } from '../../src/domain/words.ts';
import { flag, id, instant, json } from './columns.pg.ts';
import { pages } from './page.pg.ts';

/** The tables of `delivery.sqlite.ts`, for PostgreSQL; their comments are there. */

export const connections = pgTable(
  'connections',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<ConnectionRole>().notNull(),
    voiceOf: text('voice_of'),
    account: text('account').notNull(),
    url: text('url'),
    settings: json<Record<string, string>>('settings').notNull(),
    sealed: text('sealed').notNull(),
    limits: json<Limits>('limits').notNull(),
    can: json<Abilities>('can').notNull(),
    template: text('template').notNull(),
    language: text('language').notNull(),
    includeLink: flag('include_link').notNull(),
    thread: flag('thread').notNull(),
    enabled: flag('enabled').notNull(),
    pausedAt: instant('paused_at'),
    pausedReason: text('paused_reason'),
    notBefore: instant('not_before'),
    expiresAt: instant('expires_at'),
    lastOkAt: instant('last_ok_at'),
    verifiedAt: instant('verified_at'),
    checkAt: instant('check_at'),
    checkedAt: instant('checked_at'),
    checkFailure: text('check_failure'),
    position: bigint('position', { mode: 'number' }).notNull(),
    laneBy: text('lane_by'),
    laneUntil: instant('lane_until'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('connections_page_ix').on(t.pageId, t.position)],
);

export const deliveries = pgTable(
  'deliveries',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    updateId: text('update_id').notNull(),
    renditionId: text('rendition_id').notNull(),
    connectionId: text('connection_id').notNull(),
    op: text('op').$type<DeliveryOp>().notNull(),
    part: bigint('part', { mode: 'number' }).notNull(),
    recipient: text('recipient').notNull(),
    targetId: text('target_id'),
    way: text('way').$type<AmendWay>(),
    amendedBy: text('amended_by'),
    priority: bigint('priority', { mode: 'number' }).notNull(),
    ord: bigint('ord', { mode: 'number' }).notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    reason: text('reason'),
    attempts: bigint('attempts', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    leaseBy: text('lease_by'),
    leaseUntil: instant('lease_until'),
    sentAt: instant('sent_at'),
    firstSentAt: instant('first_sent_at'),
    mayBeThere: flag('may_be_there').notNull(),
    absences: bigint('absences', { mode: 'number' }).notNull(),
    absentBy: text('absent_by'),
    absentMono: bigint('absent_mono', { mode: 'number' }),
    heldAt: instant('held_at'),
    doneAt: instant('done_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('deliveries_uq').on(t.updateId, t.connectionId, t.recipient, t.part, t.op),
    index('deliveries_lane_ix').on(t.connectionId, t.state, t.priority, t.ord, t.part),
    index('deliveries_newest_ix').on(t.connectionId, t.ord),
    index('deliveries_lease_ix').on(t.leaseBy),
    index('deliveries_state_ix').on(t.state),
    index('deliveries_order_ix').on(t.incidentId, t.connectionId, t.ord, t.part),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    id: id(),
    deliveryId: text('delivery_id')
      .notNull()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'publish' | 'edit' | 'remove' | 'find' | 'read' | 'person'>().notNull(),
    by: text('by').notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    outcome: text('outcome'),
    code: text('code'),
    status: bigint('status', { mode: 'number' }),
    message: text('message'),
  },
  (t) => [index('attempts_delivery_ix').on(t.deliveryId, t.id)],
);

export const receipts = pgTable(
  'receipts',
  {
    deliveryId: text('delivery_id')
      .primaryKey()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    raw: json<Record<string, unknown>>('raw').notNull(),
    proof: text('proof').$type<'answer' | 'read' | 'person'>().notNull(),
    textRead: text('text_read'),
    readAt: instant('read_at'),
    acceptedAt: instant('accepted_at').notNull(),
  },
  (t) => [index('receipts_remote_ix').on(t.remoteId)],
);
