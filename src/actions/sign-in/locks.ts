import type { Passwords } from './passwords.ts';

/** What signing in needs beyond an action's context; lent by the composition root. */
export interface Locks {
  passwords: Passwords;
  /** `place` is bound to the sealed text: table, row, column. */
  seal(place: string, text: string): string;
  open(place: string, sealed: string): string;
  /** HMAC with the installation's key. */
  sign(purpose: string, text: string): string;
  newSecret(): string;
  /** Who we are to an authenticator: host name, name, and the origin our pages have. */
  site: { id: string; name: string; origin: string };
}

/** The browser at the door: what its session is opened with, and what its owner will recognise it by. */
export interface Visit {
  /** Of the new session; made for this visit, never brought by it. */
  secret: string;
  /** The session or half session it had until now, which ends. */
  replaces: string | null;
  userAgent: string | null;
  /** Network address; IPv6 by its /64. */
  address: string;
}
