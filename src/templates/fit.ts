import { BLOCKS } from '../domain/words.ts';
import type { Piece } from './layout.ts';

/** What to leave out, or where to go on in a second post, so that whole sentences fit. */

/** Whether these pieces fit in one post; the first of a thread has the link, each has its counter. */
export type IsWithin = (kept: readonly Piece[], counter: string | null, isFirst: boolean) => boolean;

/** The composer's names for what a person writes. */
export const NAMES: Record<Piece['block'], string> = {
  care: 'Care',
  known: 'Know',
  unknown: 'Don’t know',
  doing: 'Doing',
  action: 'Do now',
  body: 'the text',
  override: 'the text',
  promise: 'Next update by',
  lead: 'What was wrong',
  sign: 'the signature',
};

/** The field of an update where a piece was written. */
export function fieldOf(block: Piece['block']): string {
  if (block === 'promise') return 'nextUpdateBy';
  if (block === 'lead') return 'note';
  return block === 'sign' ? 'voiceOf' : block === 'body' || block === 'override' ? block : `blocks.${block}`;
}

/** What goes first and what last, as groups that go together. One piece always stays. */
function dropOrder(all: readonly Piece[]): Piece[][] {
  // What was wrong is never left out of a correction.
  const pieces = all.filter((p) => p.block !== 'lead');
  const of = (block: Piece['block']) => pieces.filter((p) => p.block === block);
  const fromEnd = (list: Piece[]) => list.toReversed().map((p) => [p]);
  const [firstAction, ...moreActions] = of('action');
  const first = pieces[0];
  if (first !== undefined && pieces.every((p) => p.block === first.block)) return fromEnd(pieces.slice(1));
  const order = [
    of('care'),
    ...fromEnd(of('unknown')),
    ...fromEnd(of('doing')),
    ...fromEnd(moreActions),
    ...fromEnd(of('known').slice(1)),
    firstAction === undefined ? [] : [firstAction],
  ].filter((group) => group.length > 0);
  return order.flat().length === pieces.length ? order.slice(0, -1) : order;
}

/** The most that is within the limit, by leaving out in the stated order; the least there may be when nothing is. */
export function dropUntil(pieces: readonly Piece[], isWithin: (kept: Piece[]) => boolean): Piece[] {
  const order = dropOrder(pieces);
  const after = (steps: number) => {
    const gone = new Set(order.slice(0, steps).flat());
    return pieces.filter((p) => !gone.has(p));
  };
  // Every step makes the text shorter, so the first that is short enough can be found by halving.
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWithin(after(middle))) high = middle;
    else low = middle + 1;
  }
  return after(low);
}

/** "Care", "end of Doing": what is in `all` and not in `kept`, in reading order. */
export function nameDropped(all: readonly Piece[], kept: readonly Piece[]): string[] {
  return [...BLOCKS, 'body' as const].flatMap((block) => {
    const count = (pieces: readonly Piece[]) => pieces.filter((p) => p.block === block).length;
    if (count(kept) === count(all)) return [];
    return count(kept) === 0 ? [NAMES[block]] : [`end of ${NAMES[block]}`];
  });
}

export const counterOf = (part: number | string, of: number | string): string => `(${part}/${of})`;

/**
 * Splits all pieces, in order, into parts that are each within the limit with the widest counter they can get. Gives
 * the piece that does not even fit alone, when there is one.
 */
export function splitThread(
  pieces: readonly Piece[],
  isWithin: IsWithin,
): { parts: Piece[][] } | { tooLong: Piece; isFirst: boolean } {
  for (let digits = 1; ; digits++) {
    const widest = '9'.repeat(digits);
    const parts: Piece[][] = [];
    let part: Piece[] = [];
    for (const piece of pieces) {
      const fitsHere = (kept: Piece[]) => isWithin(kept, counterOf(widest, widest), parts.length === 0);
      if (fitsHere([...part, piece])) {
        part.push(piece);
        continue;
      }
      if (part.length > 0) parts.push(part);
      if (!fitsHere([piece])) return { tooLong: piece, isFirst: parts.length === 0 };
      part = [piece];
    }
    parts.push(part);
    if (String(parts.length).length <= digits) return { parts };
  }
}
