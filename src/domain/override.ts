import type { ApprovalPolicy } from './approval.ts';
import { conflict, forbidden, invalid } from './error.ts';
import type { Role, UpdateClass, UpdateState } from './words.ts';

/** Break-glass: words that go out on one person's yes because no second one can be reached. Loud, rare, and looked at afterwards. */

export const OVERRIDE_REASONS = ['life_safety', 'nobody_answers', 'harm_grows'] as const;
export type OverrideReason = (typeof OVERRIDE_REASONS)[number];
export const OVERRIDE_VERDICTS = ['right', 'wrong'] as const;
export type OverrideVerdict = (typeof OVERRIDE_VERDICTS)[number];

/** How long the approvers have to answer before it is offered, ms; a correction need not wait. */
export const WAIT_MS = 90_000;
/** The review is due within this, ms. */
export const REVIEW_MS = 60 * 60_000;
/** How often in one incident; after that somebody must be found. */
export const MOST_AN_INCIDENT = 3;
/** Classes that may be overridden unless the page says otherwise. */
export const DEFAULT_OVERRIDES: readonly UpdateClass[] = ['A', 'D'];

export interface OverrideQuestion {
  state: UpdateState;
  class: UpdateClass;
  /** Cleared words, slots filled and nothing else. */
  preCleared: boolean;
  /** A correction or a retraction may be free text: what is out there is wrong already. */
  corrects: boolean;
  /** In whose own voice it is. */
  voiceOf: string | null;
  hash: string;
  seenHash: string;
  person: { id: string; roles: readonly Role[] };
  policy: Pick<ApprovalPolicy, 'overrideClasses'>;
  reason: OverrideReason;
  sentence: string;
  requestedAt: number;
  /** An approver who may decide has opened the question. */
  someoneLooks: boolean;
  /** Overrides in this incident so far. */
  before: number;
  /** A passkey, code or password was shown with it. */
  proved: boolean;
}

/** The rule's own reason against an override before anything was typed, or null when it may be offered. */
export function whyNoOverride(
  q: Omit<OverrideQuestion, 'reason' | 'sentence' | 'proved' | 'seenHash'>,
  now: number,
): string | null {
  if (q.state !== 'in_review') return 'Ask for approval first: that tells the approvers.';
  if (!q.person.roles.some((r) => r === 'author' || r === 'approver' || r === 'admin'))
    return 'Only somebody who may write can do this.';
  if (q.voiceOf !== null)
    return 'These words are in a person’s own voice. Nobody says them without that person.';
  const allowed = q.policy.overrideClasses ?? DEFAULT_OVERRIDES;
  if (!allowed.includes(q.class))
    return `Words of class ${q.class} never go out without a second person on this page.`;
  if (!q.preCleared && !q.corrects)
    return 'Without a second person only pre-cleared words may go out, their slots filled and nothing else.';
  if (q.before >= MOST_AN_INCIDENT)
    return `This was done ${MOST_AN_INCIDENT} times in this incident already. Somebody must be found.`;
  if (q.corrects) return null;
  if (q.someoneLooks) return 'An approver has opened these words. Wait for them, or call them.';
  const wait = q.requestedAt + WAIT_MS - now;
  if (wait > 0) return `The approvers have ${Math.ceil(wait / 1_000)} s more to answer.`;
  return null;
}

/** Throws unless this person may put these very words out alone, now. */
export function assertMayOverride(q: OverrideQuestion, now: number): void {
  if (q.seenHash !== q.hash)
    throw conflict('The words have changed since you looked at them. Read them again.', 'hash');
  const why = whyNoOverride(q, now);
  if (why !== null) throw q.state === 'in_review' ? forbidden(why) : conflict(why);
  if (!OVERRIDE_REASONS.includes(q.reason)) throw invalid('why', 'Choose why this cannot wait.');
  if (q.class === 'C' && q.reason !== 'life_safety')
    throw forbidden('Words of class C go out without a second person only to save lives.');
  if (q.sentence.trim().length < 10)
    throw invalid('sentence', 'Say in a sentence what happens if this waits for a second person.');
  if (!q.proved)
    throw forbidden(
      'Show your passkey, app code or password with it. Set one up under “Your sign-in” in quiet times.',
    );
}
