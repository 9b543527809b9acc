import type { MentionState } from './words.ts';

/** What people say to us, and how long they wait for an answer. */

/** People expect an answer within the hour; it is counted from when they wrote, not from when we heard of it. */
export const ANSWER_MS = 60 * 60_000;
/** When whoever is on call is told that somebody still waits. */
export const ALERT_MS = 50 * 60_000;
/** With this much left the clock turns amber. */
export const SOON_MS = 15 * 60_000;
/** What was said longer ago than this when we first listen is history, and nobody waits for an answer to it. */
export const HISTORY_MS = 24 * 60 * 60_000;

export const isOpen = (state: MentionState): boolean => state === 'new' || state === 'assigned';

/** When a mention should be answered, ms. A network's clock that runs ahead gives nobody more time. */
export const dueAt = (saidAt: number, receivedAt: number): number => Math.min(saidAt, receivedAt) + ANSWER_MS;

export type Waiting = 'fresh' | 'soon' | 'overdue';
/** How urgent an open mention is. */
export const waiting = (due: number, now: number): Waiting =>
  now >= due ? 'overdue' : due - now <= SOON_MS ? 'soon' : 'fresh';
