import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { AmendWay } from '../../src/domain/amend.ts';
import type { Abilities, Limits } from '../../src/domain/channel.ts';
import type { ConnectionRole, DeliveryOp, DeliveryState } from '../../src/domain/words.ts';
import { flag, id, instant, json } from './columns.sqlite.ts';
import { pages } from './page.sqlite.ts';

/** Accounts on networks, and what became of every post. */

export const connections = sqliteTable(
  'connections',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<ConnectionRole>().notNull(),
    /** The person in whose own voice it speaks; it carries nothing else. */
    voiceOf: text('voice_of'),
    account: text('account').notNull(),
    url: text('url'),
    settings: json<Record<string, string>>('settings').notNull(),
    /** Sealed by src/secrets.ts; never leaves the process. */
    sealed: text('sealed').notNull(),
    limits: json<Limits>('limits').notNull(),
    can: json<Abilities>('can').notNull(),
    template: text('template').notNull(),
    language: text('language').notNull(),
    includeLink: flag('include_link').notNull(),
    thread: flag('thread').notNull(),
    enabled: flag('enabled').notNull(),
    /** Set when the network refused us: its queue is kept, nothing is sent until a person mends it. */
    pausedAt: instant('paused_at'),
    pausedReason: text('paused_reason'),
    /** Asked by the network to wait until then. */
    notBefore: instant('not_before'),
    expiresAt: instant('expires_at'),
    lastOkAt: instant('last_ok_at'),
    verifiedAt: instant('verified_at'),
    /** When the account is to be looked at next, though nothing is sent; null is at once. */
    checkAt: instant('check_at'),
    /** When it was last looked at, and what was wrong then with it; null is nothing. */
    checkedAt: instant('checked_at'),
    checkFailure: text('check_failure'),
    position: integer('position', { mode: 'number' }).notNull(),
    /** Which process may speak for this account just now, and until when. */
    laneBy: text('lane_by'),
    laneUntil: instant('lane_until'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('connections_page_ix').on(t.pageId, t.position)],
);

export const deliveries = sqliteTable(
  'deliveries',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    updateId: text('update_id').notNull(),
    renditionId: text('rendition_id').notNull(),
    connectionId: text('connection_id').notNull(),
    op: text('op').$type<DeliveryOp>().notNull(),
    /** Part of the thread, from 0. */
    part: integer('part', { mode: 'number' }).notNull(),
    /** Empty for a post; an address for channels that speak to people one by one. */
    recipient: text('recipient').notNull(),
    /** For edit and remove: the delivery whose post is meant. */
    targetId: text('target_id'),
    /** How a correction reaches this network: which of the rendition's forms is sent. Null for words of their own. */
    way: text('way').$type<AmendWay>(),
    /** The update that puts these words right: what has not left yet must not leave any more. */
    amendedBy: text('amended_by'),
    /** 0 speaks to the public in an incident, higher can wait. */
    priority: integer('priority', { mode: 'number' }).notNull(),
    /** Order within (incident, connection): the seq of the publication. */
    ord: integer('ord', { mode: 'number' }).notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    reason: text('reason'),
    attempts: integer('attempts', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    leaseBy: text('lease_by'),
    leaseUntil: instant('lease_until'),
    sentAt: instant('sent_at'),
    firstSentAt: instant('first_sent_at'),
    mayBeThere: flag('may_be_there').notNull(),
    absences: integer('absences', { mode: 'number' }).notNull(),
    absentBy: text('absent_by'),
    absentMono: integer('absent_mono', { mode: 'number' }),
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

/** One row a try, appended and never changed but for how it ended. */
export const attempts = sqliteTable(
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
    status: integer('status', { mode: 'number' }),
    message: text('message'),
  },
  (t) => [index('attempts_delivery_ix').on(t.deliveryId, t.id)],
);

export const receipts = sqliteTable(
  'receipts',
  {
    deliveryId: text('delivery_id')
      .primaryKey()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    raw: json<Record<string, unknown>>('raw').notNull(),
    /** How we know: the network's answer, our own look, or a person's word. */
    proof: text('proof').$type<'answer' | 'read' | 'person'>().notNull(),
    /** The post as the network showed it to us, and when. */
    textRead: text('text_read'),
    readAt: instant('read_at'),
    acceptedAt: instant('accepted_at').notNull(),
  },
  (t) => [index('receipts_remote_ix').on(t.remoteId)],
);
