import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { LetterKind, SubscriberKind, SubscriberState } from '../../src/domain/subscriber.ts';
import type { FanoutCall } from '../shapes.ts';
import { flag, id, instant, json } from './columns.sqlite.ts';
import { pages } from './page.sqlite.ts';
import { updates } from './update.sqlite.ts';

/** People and systems that asked to be told. */

/** A person or system that asked to be told. Nobody here can be found without the installation's key. */
export const subscribers = sqliteTable(
  'subscribers',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    state: text('state').$type<SubscriberState>().notNull(),
    /** Keyed hash of page, kind and address: finds an address that is brought, and cannot be walked. */
    addressHash: text('address_hash').notNull(),
    /** The address, sealed to this row; empty once they have unsubscribed. */
    sealed: text('sealed').notNull(),
    /** Whom to write to when a program's address fails: an email address, sealed to this row. */
    contact: text('contact'),
    /** When the owner of `contact` said that it is theirs; nothing else is sent there before. */
    contactAt: instant('contact_at'),
    language: text('language').notNull(),
    /** Every incident; else only those that touch one of the targets. */
    everything: flag('everything').notNull(),
    /** Keyed hash of the code that was sent to a phone, until when it holds, and how often another was tried. */
    code: text('code'),
    codeUntil: instant('code_until'),
    codeTries: integer('code_tries', { mode: 'number' }).notNull(),
    /** When we last wrote to them about the subscription itself. */
    letterAt: instant('letter_at'),
    /** Tries in a row that reached nobody. */
    failures: integer('failures', { mode: 'number' }).notNull(),
    /** Tries in a row that nobody answered in time. */
    timeouts: integer('timeouts', { mode: 'number' }).notNull().default(0),
    /** Why it is in quarantine. */
    reason: text('reason'),
    source: text('source').$type<'page' | 'api' | 'import'>().notNull(),
    /** For imported ones: on what ground they may be written to, in an admin's words. */
    basis: text('basis'),
    /** Days on which a mail to them came back though the address is right, and when it last did. */
    softBounces: integer('soft_bounces', { mode: 'number' }).notNull().default(0),
    softAt: instant('soft_at'),
    /** The ticket whose wish it still is: nobody else has asked, and its owner has not said yes. */
    ticket: text('ticket'),
    createdAt: instant('created_at').notNull(),
    confirmedAt: instant('confirmed_at'),
    quarantinedAt: instant('quarantined_at'),
    endedAt: instant('ended_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('subscribers_address_uq').on(t.pageId, t.kind, t.addressHash),
    index('subscribers_walk_ix').on(t.pageId, t.kind, t.state, t.id),
    index('subscribers_letter_ix').on(t.letterAt),
  ],
);

/**
 * What a program got for subscribing somebody by the public API: an id by which it may ask what it asked for, and take
 * it back. Kept for a fixed time, whatever becomes of the subscription, so that nothing is learned from its end.
 */
export const tickets = sqliteTable(
  'tickets',
  {
    /** Keyed hash of the id that the program was told. */
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    /** Of whom it speaks: see `subscribers`. */
    addressHash: text('address_hash').notNull(),
    /** The answer it was given, sealed to the id itself. */
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('tickets_age_ix').on(t.createdAt), index('tickets_address_ix').on(t.addressHash)],
);

/** The components and incidents that a subscriber asked for. */
export const subscriberTargets = sqliteTable(
  'subscriber_targets',
  {
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    /** Id of a component or an incident. */
    targetId: text('target_id').notNull(),
  },
  (t) => [
    uniqueIndex('subscriber_targets_uq').on(t.subscriberId, t.targetId),
    index('subscriber_targets_target_ix').on(t.targetId),
  ],
);

/** An update on its way to everybody who asked: one row, written with the publication and walked through in batches. */
export const fanouts = sqliteTable(
  'fanouts',
  {
    updateId: text('update_id')
      .primaryKey()
      .references(() => updates.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    /** The seq of the publication. */
    ord: integer('ord', { mode: 'number' }).notNull(),
    /** Which of its connections is being walked, and after which subscriber. */
    step: integer('step', { mode: 'number' }).notNull(),
    cursor: text('cursor').notNull(),
    /** What programs get, made once: the same bytes for everybody and on every try. Null until then. */
    calls: json<FanoutCall[] | null>('calls'),
    queued: integer('queued', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
  },
  (t) => [index('fanouts_open_ix').on(t.doneAt, t.ord), index('fanouts_incident_ix').on(t.incidentId, t.ord)],
);

/** Something to tell one subscriber about the subscription itself: gone as soon as it is sent. */
export const letters = sqliteTable(
  'letters',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<LetterKind>().notNull(),
    /** What only this letter knows (a code), sealed to it. */
    sealed: text('sealed').notNull(),
    tries: integer('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('letters_due_ix').on(t.nextAt)],
);
