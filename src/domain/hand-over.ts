import { conflict, invalid } from './error.ts';

/** Who owns an incident, and how it changes hands: there is one accountable person at any second. */

export const HAND_OVER_STATES = ['asked', 'accepted', 'declined', 'withdrawn'] as const;
export type HandOverState = (typeof HAND_OVER_STATES)[number];

/** After how long without an answer everybody on call is told, and how often again, ms. */
export const UNANSWERED_MS = 5 * 60_000;
export const REMINDERS_MOST = 3;

export interface HandOverLike {
  fromId: string | null;
  toId: string;
  state: HandOverState;
  askedAt: number;
  answeredAt: number | null;
  reminders: number;
}

/** Whether this person may be asked to take an incident over. Throws why not. */
export function assertMayTake(q: {
  ownerId: string | null;
  toId: string;
  mayWrite: boolean;
  isOff: boolean;
}): void {
  if (q.toId === q.ownerId) throw invalid('to', 'They own this incident already.');
  if (q.isOff) throw invalid('to', 'This person has been switched off. Choose another.');
  if (!q.mayWrite)
    throw invalid('to', 'An owner must be able to write or approve. Choose an author or an approver.');
}

/** The state after an answer; only the one who was asked may give it, and once. */
export function answerHandOver(h: HandOverLike, by: string, accepts: boolean): HandOverState {
  if (h.state !== 'asked') throw conflict(`This hand-over was ${h.state} already.`);
  if (h.toId !== by) throw conflict('Only the person who was asked can answer.');
  return accepts ? 'accepted' : 'declined';
}

/** How many reminders are due by now for a hand-over that nobody has answered. */
export function remindersDue(h: HandOverLike, now: number): number {
  if (h.state !== 'asked') return 0;
  return Math.min(REMINDERS_MOST, Math.floor((now - h.askedAt) / UNANSWERED_MS)) - h.reminders;
}

/** Who owned the incident at a moment, given who declared it and every hand-over; undefined before it was declared. */
export function ownerAt(
  incident: { createdAt: number; firstOwnerId: string | null },
  handOvers: readonly HandOverLike[],
  at: number,
): string | null | undefined {
  if (at < incident.createdAt) return undefined;
  const taken = handOvers
    .filter((h) => h.state === 'accepted' && h.answeredAt !== null && h.answeredAt <= at)
    .sort((a, b) => a.answeredAt! - b.answeredAt!);
  return taken.at(-1)?.toId ?? incident.firstOwnerId;
}
