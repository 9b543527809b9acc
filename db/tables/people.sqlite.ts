import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Office } from '../../src/domain/office.ts';
import type { Voice } from '../../src/domain/voice.ts';
import type { Role, Scope } from '../../src/domain/words.ts';
import type { ChallengeKind, TokenKind } from '../shapes.ts';
import { flag, id, instant, json } from './columns.sqlite.ts';

/** People of the desk, and every way they sign in. */

export const people = sqliteTable(
  'people',
  {
    id: id(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    roles: json<Role[]>('roles').notNull(),
    /** Page id to the roles held there instead. */
    pageRoles: json<Record<string, Role[]>>('page_roles'),
    /** With + and country code; for being asked in the night. */
    phone: text('phone'),
    /** What they are besides their roles: the policy names classes that need one of them. */
    offices: json<Office[]>('offices'),
    /** Whether, and by whom besides themselves, words may be drafted in their own voice. */
    voice: json<Voice>('voice'),
    disabledAt: instant('disabled_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('people_email_uq').on(t.email)],
);

/** Secrets that let somebody in, kept only as SHA-256: API tokens, browser sessions, one-time sign-in links. */
export const tokens = sqliteTable(
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
    /** When two factors were shown for it; of a link, that it stands for both. */
    secondFactorAt: instant('second_factor_at'),
    /** Who made it for somebody else, or made what it came from; null is its own person, or the server's command. */
    behind: json<string[]>('behind'),
    userAgent: text('user_agent'),
    address: text('address'),
  },
  (t) => [uniqueIndex('tokens_hash_uq').on(t.hash), index('tokens_person_ix').on(t.personId, t.kind)],
);

/** How a person signs in by password: an Argon2id hash with its parameters. */
export const passwords = sqliteTable('passwords', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
  changedAt: instant('changed_at').notNull(),
});

/** A WebAuthn credential: its public half, which is no secret. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** As the authenticator names it, base64url. */
    credentialId: text('credential_id').notNull(),
    /** COSE, base64url. */
    publicKey: text('public_key').notNull(),
    counter: integer('counter', { mode: 'number' }).notNull(),
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

/** The secret that a person shares with their authenticator app, sealed. */
export const totps = sqliteTable('totps', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
  /** Null until a first code has shown that the app has the secret: only then is it asked for. */
  confirmedAt: instant('confirmed_at'),
  /** The 30-second step of the last code taken: no code works twice. */
  lastStep: integer('last_step', { mode: 'number' }).notNull(),
  createdAt: instant('created_at').notNull(),
});

/** Codes on paper for the day the second factor is lost; each works once. Kept as a keyed hash. */
export const recoveryCodes = sqliteTable(
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

/** What we asked a browser or an issuer and await the answer to: each is answered once, in time, by the one who was asked. */
export const challenges = sqliteTable(
  'challenges',
  {
    id: id(),
    kind: text('kind').$type<ChallengeKind>().notNull(),
    /** SHA-256 of what comes back with the answer: a WebAuthn challenge, an OAuth state. */
    hash: text('hash').notNull(),
    /** SHA-256 of the secret of the browser, or the id of the session, that asked. */
    boundTo: text('bound_to').notNull(),
    personId: text('person_id').references(() => people.id, { onDelete: 'cascade' }),
    /** What we need to check the answer, sealed; empty when nothing. */
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [uniqueIndex('challenges_hash_uq').on(t.hash), index('challenges_expires_ix').on(t.expiresAt)],
);

/** Tries to sign in, by account (a keyed hash of what was typed) and by address: they outlive a restart. */
export const signInTries = sqliteTable(
  'sign_in_tries',
  {
    key: text('key').primaryKey(),
    times: json<number[]>('times').notNull(),
    /** How often in a row the limit was reached. */
    strikes: integer('strikes', { mode: 'number' }).notNull(),
    waitUntil: instant('wait_until').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('sign_in_tries_updated_ix').on(t.updatedAt)],
);

/** A person as a single sign-on issuer knows them: by (issuer, subject), never by an address. */
export const identities = sqliteTable(
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
