import { timingSafeEqual } from 'node:crypto';
import type { Connection } from '../../../db/queries/connections.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { SubscriberKind } from '../../domain/subscriber.ts';

/** What subscriptions need beyond an action's context; lent by the composition root. */
export interface SubscriberLocks {
  /** `place` is bound to the sealed text: table, row, column. */
  seal(place: string, text: string): string;
  open(place: string, sealed: string): string;
  /** HMAC with the installation's key, in hex. */
  sign(purpose: string, text: string): string;
  /** Six digits that nobody can guess. */
  newCode(): string;
  /** 129 random bits in digits and small letters. */
  newTicket(): string;
  /** The channel's half of a new line to subscribers: what it can do, and keys where it needs some. */
  line(
    kind: SubscriberKind,
    connectionId: string,
    page: Page,
  ): Pick<Connection, 'limits' | 'can' | 'template' | 'settings' | 'sealed' | 'name' | 'account'>;
}

/** What a private link is for. One made for one purpose is worth nothing for another. */
export const PURPOSES = ['confirm', 'manage', 'stop', 'contact'] as const;
export type Purpose = (typeof PURPOSES)[number];

const ID = /^[0-9a-z]{18}$/;

const macOf = (locks: Pick<SubscriberLocks, 'sign'>, purpose: Purpose, id: string): string =>
  Buffer.from(locks.sign(`subscriber ${purpose}`, id), 'hex').toString('base64url');

/** The last part of a private address: the subscriber's id and 256 bits that only our key makes. Nothing of it is kept. */
export const linkToken = (locks: Pick<SubscriberLocks, 'sign'>, purpose: Purpose, id: string): string =>
  `${id}${macOf(locks, purpose, id)}`;

/** Whose link it is and what it is for; undefined for everything that we have not made. */
export function readToken(
  locks: Pick<SubscriberLocks, 'sign'>,
  token: string,
): { id: string; purpose: Purpose } | undefined {
  const id = token.slice(0, 18);
  const mac = Buffer.from(token.slice(18));
  if (!ID.test(id)) return undefined;
  for (const purpose of PURPOSES) {
    const expected = Buffer.from(macOf(locks, purpose, id));
    if (expected.length === mac.length && timingSafeEqual(expected, mac)) return { id, purpose };
  }
  return undefined;
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** 128 bits of a keyed hash in small letters and digits: what mail servers leave as it is, and short enough for one. */
function tagMac(locks: Pick<SubscriberLocks, 'sign'>, id: string): string {
  const mac = BigInt(`0x${locks.sign('subscriber bounce', id).slice(0, 32)}`);
  return Array.from({ length: 26 }, (_, i) => BASE32[Number((mac >> BigInt(5 * i)) & 31n)]).join('');
}

/** The mark of a recipient in the address that their mail comes back to: 44 characters behind its +. */
export const bounceTag = (locks: Pick<SubscriberLocks, 'sign'>, id: string): string =>
  `${id}${tagMac(locks, id)}`;

/** Whose mark it is; undefined for everything that we have not made. */
export function readBounceTag(locks: Pick<SubscriberLocks, 'sign'>, tag: string): string | undefined {
  const id = tag.slice(0, 18);
  return ID.test(id) && equal(tagMac(locks, id), tag.slice(18)) ? id : undefined;
}

/** The last part of the address to which a mail server posts mail that came back: 256 bits that only our key makes. */
export const mailHookSecret = (locks: Pick<SubscriberLocks, 'sign'>): string =>
  Buffer.from(locks.sign('mail hook', 'returned mail'), 'hex').toString('base64url');

/** The same address has the same hash on the same page, and without the key nobody can try addresses against it. */
export const addressHash = (
  locks: Pick<SubscriberLocks, 'sign'>,
  pageId: string,
  kind: SubscriberKind,
  address: string,
): string => locks.sign('subscriber address', `${pageId}|${kind}|${address}`);

export const addressPlace = (id: string) => `subscribers|${id}|sealed`;
export const contactPlace = (id: string) => `subscribers|${id}|contact`;
export const letterPlace = (id: string) => `letters|${id}|sealed`;

/** What is kept of a program's ticket, instead of the id that it was told. */
export const ticketHash = (locks: Pick<SubscriberLocks, 'sign'>, id: string): string =>
  locks.sign('subscriber ticket', id);
/** The answer is bound to the id itself, which is not in the database. */
export const ticketPlace = (id: string): string => `tickets|${id}|sealed`;

export const codeHash = (locks: Pick<SubscriberLocks, 'sign'>, id: string, code: string): string =>
  locks.sign('subscriber code', `${id}|${code}`);

export const equal = (a: string, b: string): boolean =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b));
