import type { PromiseLike } from './promise.ts';

/** Who is reminded of a promise, and when: minutes before (negative) or after its time. Crisis practice, editable here. */
export const STEPS = [
  { at: -10, who: 'author', words: 'The next update is due in 10 minutes.' },
  {
    at: -5,
    who: 'deputy',
    words: 'The next update is due in 5 minutes, and nothing is waiting for approval.',
  },
  { at: -2, who: 'owner', words: 'The next update is due in 2 minutes.' },
  { at: 1, who: 'public', words: 'The promised time has passed. The page now says that we are late.' },
  { at: 5, who: 'executive', words: 'We are 5 minutes late with a promised update.' },
] as const;
export type EscalationStep = (typeof STEPS)[number];

/**
 * The step a promise has come to and nobody has been told of yet; only the newest when several were slept through.
 * `escalatedTo` is the `at` of the last one told. Steps that lay before the promise was made are not told.
 */
export function nextStep(
  p: PromiseLike & { madeAt: number; escalatedTo: number | null },
  now: number,
): EscalationStep | undefined {
  if (p.state !== 'open') return undefined;
  const due = STEPS.filter((s) => {
    const moment = p.dueAt + s.at * 60_000;
    return moment <= now && moment > p.madeAt && (p.escalatedTo === null || s.at > p.escalatedTo);
  });
  return due.at(-1);
}
