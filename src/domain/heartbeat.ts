import { conflict, invalid } from './error.ts';
import { isLate, type PromiseLike } from './promise.ts';
import type { Blocks } from './words.ts';

/**
 * "We are late. The team is still working." One honest sentence, approved in peacetime, to the page alone. It neither
 * keeps the promise nor counts, and a second one in a row is refused: then somebody has to say something.
 */
export interface Heartbeat {
  /** `{next}` is the time of the next update. */
  words: string;
  /** How far ahead that is, minutes. */
  minutes: number;
  /** Sent by itself when a promise is late and the incident has an owner. */
  auto: boolean;
  authorId: string;
  /** Another person's yes, in peacetime; null while it waits for one. */
  clearedBy: string | null;
  clearedAt: number | null;
}

export const PROPOSED = 'We are late with this update. The team is still working. Next update by {next}.';
const MOST_MINUTES = 15;

export function checkHeartbeat(words: string, minutes: number): void {
  if (!words.includes('{next}'))
    throw invalid('words', 'Say when the next update comes: put {next} where the time goes.');
  if (words.length > 280) throw invalid('words', 'Use at most 280 characters.');
  if (!/\blate\b/i.test(words) && /^[\p{ASCII}\s’“”–]*$/u.test(words))
    throw invalid('words', 'Say that you are late: everybody can see it.');
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > MOST_MINUTES)
    throw invalid('minutes', `Choose 5 to ${MOST_MINUTES} minutes.`);
}

/** Throws unless a heartbeat may go out now. */
export function assertMayBeat(q: {
  heartbeat: Heartbeat | undefined;
  promise: PromiseLike | undefined;
  /** The newest words of the incident were a heartbeat. */
  beatBefore: boolean;
  saidBefore: boolean;
  now: number;
}): asserts q is typeof q & { heartbeat: Heartbeat } {
  if (!q.heartbeat || q.heartbeat.clearedBy === null)
    throw conflict('There is no cleared heartbeat for this page. Write one under “Templates”.');
  if (!q.saidBefore) throw conflict('Nothing has been said yet, so nobody waits for an update.');
  if (!q.promise || !isLate(q.promise, q.now))
    throw conflict('No promise is late. A heartbeat is only for when one is.');
  if (q.beatBefore)
    throw conflict('The last words were a heartbeat. A second one in a row says nothing: write an update.');
}

/** The last words with the heartbeat before what is being done, so that what people should do stays where it was. */
export const beatInto = (blocks: Blocks, body: string, beat: string): { blocks: Blocks; body: string } =>
  body === ''
    ? { blocks: { ...blocks, doing: [beat, blocks.doing].filter((x) => x !== undefined).join(' ') }, body }
    : { blocks, body: `${beat}\n\n${body}` };
