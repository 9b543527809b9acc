import { bigint, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Office } from '../../src/domain/office.ts';
import type { Voice } from '../../src/domain/voice.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import type { ChallengeKind, TokenKind } from '../shapes.ts';
import { flag, id, instant, json } from './columns.pg.ts';

/** The tables of `people.sqlite.ts`, for PostgreSQL; their comments are there. */

export const people = pgTable(
  'people',
  {
    id: id(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    roles: json<Role[]>('roles').notNull(),
    pageRoles: json<Record<string, Role[]>>('page_roles'),
    phone: text('phone'),
    offices: json<Office[]>('offices'),
    voice: json<Voice>('voice'),
    disabledAt: instant('disabled_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('people_email_uq').on(t.email)],
);

export const tokens = pgTable(
  'tokens',
  {
    id: id(),
    kind: text('kind').$type<TokenKind>().notNull(),
    hash: text('hash').notNull(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    scopes: json<Scope[]>('scopes').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
    secondFactorAt: instant('second_factor_at'),
    behind: json<string[]>('behind'),
    userAgent: text('user_agent'),
    address: text('address'),
  },
  (t) => [uniqueIndex('tokens_hash_uq').on(t.hash), index('tokens_person_ix').on(t.personId, t.kind)],
);

export const passwords = pgTable('passwords', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
  changedAt: instant('changed_at').notNull(),
});

export const passkeys = pgTable(
  'passkeys',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    credentialId: text('credential_id').notNull(),
    publicKey: text('public_key').notNull(),
    counter: bigint('counter', { mode: 'number' }).notNull(),
    transports: json<string[]>('transports').notNull(),
    backedUp: flag('backed_up').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    uniqueIndex('passkeys_credential_uq').on(t.credentialId),
    index('passkeys_person_ix').on(t.personId),
  ],
);

export const totps = pgTable('totps', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
  confirmedAt: instant('confirmed_at'),
  lastStep: bigint('last_step', { mode: 'number' }).notNull(),
  createdAt: instant('created_at').notNull(),
});

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    hash: text('hash').notNull(),
    usedAt: instant('used_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('recovery_codes_hash_uq').on(t.hash), index('recovery_codes_person_ix').on(t.personId)],
);

export const challenges = pgTable(
  'challenges',
  {
    id: id(),
    kind: text('kind').$type<ChallengeKind>().notNull(),
    hash: text('hash').notNull(),
    boundTo: text('bound_to').notNull(),
    personId: text('person_id').references(() => people.id, { onDelete: 'cascade' }),
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [uniqueIndex('challenges_hash_uq').on(t.hash), index('challenges_expires_ix').on(t.expiresAt)],
);

export const signInTries = pgTable(
  'sign_in_tries',
  {
    key: text('key').primaryKey(),
    times: json<number[]>('times').notNull(),
    strikes: bigint('strikes', { mode: 'number' }).notNull(),
    waitUntil: instant('wait_until').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('sign_in_tries_updated_ix').on(t.updatedAt)],
);

export const identities = pgTable(
  'identities',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    uniqueIndex('identities_subject_uq').on(t.issuer, t.subject),
    uniqueIndex('identities_person_uq').on(t.personId, t.issuer),
  ],
);
