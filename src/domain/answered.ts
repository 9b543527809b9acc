import { isOpen } from './mention.ts';
import { spread } from './metrics.ts';
import type { MentionState } from './words.ts';

/** How people were answered. M5 of the handbook: what is not due yet and what needed no answer is left out. */
export interface Answers {
  /** Needed an answer, and were answered or should have been. */
  n: number;
  withinHour: number;
  /** In whole percent; null where nobody needed an answer. */
  percent: number | null;
  /** From when they wrote to when our answer was there, ms, over those answered. */
  medianMs: number | null;
  /** Still open, due or not. */
  waiting: number;
}

export interface Answered {
  state: MentionState;
  saidAt: number;
  dueAt: number;
  settledAt: number | null;
}

/** Of messages that nobody has settled: how many wait, and for how many the hour is over. */
export interface Unanswered {
  waiting: number;
  overdue: number;
}

/** `more` is who waits beside those in `mentions`: of a crowd only the number is needed. */
export function measureAnswers(
  mentions: readonly Answered[],
  now: number,
  more: Unanswered = { waiting: 0, overdue: 0 },
): Answers {
  const needed = mentions.filter((m) => m.state !== 'no_reply_needed');
  const open = needed.filter((m) => isOpen(m.state));
  const answered = needed.filter((m) => !isOpen(m.state));
  const done = answered.flatMap((m) => (m.settledAt === null ? [] : [{ ...m, at: m.settledAt }]));
  const withinHour = done.filter((m) => m.at <= m.dueAt).length;
  const n = answered.length + open.filter((m) => m.dueAt <= now).length + more.overdue;
  return {
    n,
    withinHour,
    percent: n === 0 ? null : Math.round((100 * withinHour) / n),
    medianMs: spread(done.map((m) => Math.max(0, m.at - m.saidAt)))?.median ?? null,
    waiting: open.length + more.waiting,
  };
}
