/**
 * Who asked to be told, and the moves of a subscription. One subscription an address and page; what it wants is
 * everything, or some components and incidents.
 */

export const SUBSCRIBER_KINDS = ['email', 'sms', 'web_push', 'webhook', 'slack', 'teams'] as const;
export type SubscriberKind = (typeof SUBSCRIBER_KINDS)[number];

export const SUBSCRIBER_STATES = ['unconfirmed', 'active', 'quarantined', 'unsubscribed'] as const;
export type SubscriberState = (typeof SUBSCRIBER_STATES)[number];

/** What we write to a subscriber about the subscription itself. */
export const LETTER_KINDS = ['confirm', 'manage', 'welcome', 'quarantined', 'contact'] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

/** The channel that speaks to each kind. */
export const CHANNEL_OF: Record<SubscriberKind, string> = {
  email: 'email',
  sms: 'sms',
  web_push: 'web_push',
  webhook: 'webhook',
  slack: 'slack_webhook',
  teams: 'teams',
};

/** These go out through an account that somebody has connected; the others bring all that is needed. */
export const NEEDS_ACCOUNT: readonly SubscriberKind[] = ['email', 'sms'];

/** These must show that they read what we send before they get anything else. */
export const MUST_CONFIRM: readonly SubscriberKind[] = ['email', 'sms'];

/** One letter about the subscription to one address in this time, ms. */
export const LETTER_EVERY_MS = 10 * 60_000;
/** One letter to a program's contact in this time, however many programs name it, ms. */
export const CONTACT_EVERY_MS = 24 * 60 * 60_000;
/** A link to confirm holds this long, and what nobody confirmed is forgotten after it, ms. */
export const CONFIRM_MS = 3 * 24 * 60 * 60_000;
/** What a program may do with the id it got for subscribing somebody, it may do this long, ms. */
export const TICKET_MS = 30 * 24 * 60 * 60_000;
/** A code holds this long, ms, and this many wrong ones end it. */
export const CODE_MS = 10 * 60_000;
export const CODE_TRIES = 5;
/** Letters about subscriptions in an hour, of one page: whoever floods a form does not flood the world, or another page. */
export const LETTERS_AN_HOUR = 1_000;
/** And of all pages together: what one mail account can send without being taken for a spammer's. */
export const LETTERS_AN_HOUR_IN_ALL = 5_000;
/** Text messages with codes in a day: each one costs money. */
export const CODES_A_DAY = 500;
/** Messages in a row that were refused, or given up after days of trying, before we stop writing there. */
export const MOST_FAILURES = 3;

/** Tries in a row that nobody answered in time, before an address has to wait for a place among its like. */
export const SLOW_AFTER = 2;

/** Whether it would only take a place from those that answer. */
export const isSlow = (s: { timeouts: number }): boolean => s.timeouts >= SLOW_AFTER;

/** How many tries in a row were not answered in time, after this one; undefined when that is what is written. */
export function timeoutsAfter(s: { timeouts: number }, late: boolean): number | undefined {
  const timeouts = late ? s.timeouts + 1 : 0;
  return timeouts === s.timeouts ? undefined : timeouts;
}

/** What became of a message, as far as it tells something of the address: it was taken, never got there, or there is no such address. */
export type Reached = 'yes' | 'no' | 'gone';

/** What that makes of a subscriber: fields to write, or undefined when nothing changes. `why` is for the desk. */
export function afterTry(
  s: { state: SubscriberState; failures: number },
  reached: Reached,
  why: string,
  now: number,
):
  | { state: 'quarantined'; failures: number; reason: string; quarantinedAt: number }
  | { failures: number }
  | undefined {
  if (s.state !== 'active') return undefined;
  if (reached === 'yes') return s.failures === 0 ? undefined : { failures: 0 };
  const failures = s.failures + 1;
  return reached === 'gone' || failures >= MOST_FAILURES
    ? { state: 'quarantined', failures, reason: why, quarantinedAt: now }
    : { failures };
}

interface Account {
  channel: string;
  role: string;
  enabled: boolean;
}

/** The account through which a kind of subscriber is written to: the first that speaks for the company and is on. */
export const accountFor = <T extends Account>(
  connections: readonly T[],
  kind: SubscriberKind,
): T | undefined =>
  connections.find(
    (c) => c.channel === CHANNEL_OF[kind] && c.enabled && (c.role === 'brand' || c.role === 'status'),
  );

/** The line on which a page speaks to one kind of subscriber; none before the first of them came. */
export const lineFor = <T extends Account>(connections: readonly T[], kind: SubscriberKind): T | undefined =>
  connections.find((c) => c.role === 'subscribers' && c.channel === CHANNEL_OF[kind]);

/** The kinds of subscription that a page can offer with these connections. */
export const kindsOffered = (connections: readonly Account[]): SubscriberKind[] =>
  SUBSCRIBER_KINDS.filter(
    (kind) =>
      lineFor(connections, kind)?.enabled !== false &&
      (!NEEDS_ACCOUNT.includes(kind) || accountFor(connections, kind) !== undefined),
  );
