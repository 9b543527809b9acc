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

export function measureAnswers(mentions: readonly Answered[], now: number): Answers {
  const needed = mentions.filter((m) => m.state !== 'no_reply_needed');
  const counted = needed.filter((m) => !isOpen(m.state) || m.dueAt <= now);
  const done = counted.flatMap((m) =>
    isOpen(m.state) || m.settledAt === null ? [] : [{ ...m, at: m.settledAt }],
  );
  const withinHour = done.filter((m) => m.at <= m.dueAt).length;
  return {
    n: counted.length,
    withinHour,
    percent: counted.length === 0 ? null : Math.round((100 * withinHour) / counted.length),
    medianMs: spread(done.map((m) => Math.max(0, m.at - m.saidAt)))?.median ?? null,
    waiting: needed.filter((m) => isOpen(m.state)).length,
  };
}
