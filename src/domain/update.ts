import { conflict, invalid } from './error.ts';
import { BLOCKS, type Blocks, type UpdateState } from './words.ts';

/** What can happen to an update, and from where. `edit` covers every change of a character. */
export const UPDATE_MOVES = {
  edit: { from: ['draft', 'in_review', 'returned', 'expired', 'withdrawn'], to: 'draft' },
  request: { from: ['draft', 'returned', 'expired'], to: 'in_review' },
  return: { from: ['in_review', 'approved'], to: 'returned' },
  withdraw: { from: ['draft', 'in_review', 'returned', 'approved', 'expired'], to: 'withdrawn' },
  approve: { from: ['in_review'], to: 'approved' },
  expire: { from: ['in_review', 'approved'], to: 'expired' },
  publish: { from: ['approved'], to: 'published' },
  correct: { from: ['published', 'superseded'], to: 'corrected' },
  supersede: { from: ['published'], to: 'superseded' },
  retract: { from: ['published', 'corrected', 'superseded'], to: 'retracted' },
} as const satisfies Record<string, { from: readonly UpdateState[]; to: UpdateState }>;
export type UpdateMove = keyof typeof UPDATE_MOVES;

const SAY: Record<UpdateState, string> = {
  draft: 'still a draft',
  in_review: 'waiting for approval',
  returned: 'sent back to its author',
  approved: 'approved',
  published: 'published',
  withdrawn: 'withdrawn',
  expired: 'expired',
  corrected: 'corrected',
  superseded: 'superseded by a newer update',
  retracted: 'retracted',
};

/** The state after a move, or a conflict that says what the update is now. */
export function moveUpdate(state: UpdateState, move: UpdateMove): UpdateState {
  const { from, to } = UPDATE_MOVES[move];
  if ((from as readonly UpdateState[]).includes(state)) return to;
  throw conflict(`You cannot ${move} this update: it is ${SAY[state]}.`);
}

/** How every update begins at `now`, ms: a plain draft that nobody has asked for, approved or read. */
export const unasked = (now: number) =>
  ({
    state: 'draft',
    templateId: null,
    correctsId: null,
    amends: null,
    note: null,
    plan: null,
    plannedOf: null,
    plannedAs: null,
    scheduledFor: null,
    scheduledUntil: null,
    publishAt: null,
    voiceOf: null,
    leaves: null,
    heartbeat: false,
    cites: null,
    searchText: null,
    version: 1,
    hash: null,
    requestedBy: null,
    requestedAt: null,
    requestedSeq: null,
    approvedAt: null,
    releaseAt: null,
    publishedAt: null,
    publishedSeq: null,
    reason: null,
    createdAt: now,
    updatedAt: now,
  }) as const;

/** Words the public has seen, whatever became of them since. */
export const isPublic = (state: UpdateState): boolean =>
  state === 'published' || state === 'corrected' || state === 'superseded' || state === 'retracted';

/** Longest text of one block and of a plain body, in UTF-16 units. Statuspage allows a body of 25,000. */
export const MAX_BLOCK = 4_000;
export const MAX_BODY = 25_000;
export const MAX_TITLE = 255;

// Bidi overrides and zero-width characters can make an approver read other words than the public does.
const DECEPTIVE = /[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF]|[^\P{Cc}\n\r\t]/u;

/** Checks text a person wrote; throws `invalid` naming the field and the fix. */
export function checkText(field: string, text: string, max: number): void {
  if (text.length > max)
    throw invalid(field, `This is ${text.length} characters long; ${max} is the most. Shorten it.`);
  if (DECEPTIVE.test(text))
    throw invalid(field, 'This text has invisible control characters. Type it again without them.');
  if (!text.isWellFormed())
    throw invalid(field, 'This text has half of a character pair in it. Type it again.');
}

/** An update must say something: at least one block, or a body. */
export function checkWords(words: { blocks: Blocks; body: string }): void {
  for (const name of BLOCKS) {
    const text = words.blocks[name];
    if (text !== undefined) checkText(`blocks.${name}`, text, MAX_BLOCK);
  }
  checkText('body', words.body, MAX_BODY);
  if (words.body.trim() === '' && !BLOCKS.some((b) => (words.blocks[b] ?? '').trim() !== ''))
    throw invalid('blocks', 'This update says nothing yet. Write at least what we know.');
}

/** The furthest ahead that words may be set to go out by themselves, ms: further, somebody should read them again. */
const FURTHEST_MS = 7 * 24 * 60 * 60_000;

/** Checks the time at which words are to go out by themselves. Planned work has a way of its own; see `window.ts`. */
export function checkPublishAt(u: { publishAt: number | null; plannedOf: string | null }, now: number): void {
  if (u.publishAt === null || u.plannedOf !== null) return;
  if (u.publishAt <= now)
    throw invalid(
      'publishAt',
      'This time has passed. Set a later one, or leave it empty to publish at once.',
    );
  if (u.publishAt - now > FURTHEST_MS)
    throw invalid('publishAt', 'At most 7 days ahead: further on, somebody should read the words again.');
}

/** The longest release ring that any page has, ms: one that ends later was set under a clock that was put back since. */
const LONGEST_RING_MS = 15 * 60_000;

/**
 * When a ring that began under a clock that was ahead ends, ms, now that the clock was put right; undefined for one that
 * ends when it says, and for words that a person has put off until a time.
 */
export const ringAnew = (
  update: { releaseAt: number | null; publishAt: number | null },
  ringMs: number,
  now: number,
): number | undefined =>
  update.publishAt === null && (update.releaseAt ?? 0) > now + Math.max(ringMs, LONGEST_RING_MS)
    ? now + ringMs
    : undefined;
