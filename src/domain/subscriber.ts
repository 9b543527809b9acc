/**
 * Who asked to be told, and the moves of a subscription. One subscription an address and page; what it wants is
 * everything, or some components and incidents.
 */

export const SUBSCRIBER_KINDS = ['email', 'sms', 'web_push', 'webhook', 'slack', 'teams'] as const;
export type SubscriberKind = (typeof SUBSCRIBER_KINDS)[number];

export const SUBSCRIBER_STATES = ['unconfirmed', 'active', 'quarantined', 'unsubscribed'] as const;
export type SubscriberState = (typeof SUBSCRIBER_STATES)[number];

/** What we write to a subscriber about the subscription itself. */
export const LETTER_KINDS = ['confirm', 'manage', 'welcome', 'ended', 'quarantined'] as const;
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
/** A link to confirm holds this long, and what nobody confirmed is forgotten after it, ms. */
export const CONFIRM_MS = 3 * 24 * 60 * 60_000;
/** A code holds this long, ms, and this many wrong ones end it. */
export const CODE_MS = 10 * 60_000;
export const CODE_TRIES = 5;
/** Letters to new addresses in an hour, all pages together: whoever floods the form does not flood the world. */
export const LETTERS_AN_HOUR = 1_000;
/** Text messages with codes in a day: each one costs money. */
export const CODES_A_DAY = 500;
/** Tries in a row that reached nobody before we stop trying. */
export const MOST_FAILURES = 12;

/** What a try to reach a subscriber said about the address itself. */
export type Reached = 'yes' | 'no' | 'gone';

/** What a try makes of a subscriber: fields to write, or undefined when nothing changes. `why` is for the desk. */
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
