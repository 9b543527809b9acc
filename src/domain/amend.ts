import type { Abilities } from './channel.ts';
import { isTerminal } from './delivery.ts';
import type { Amends, DeliveryOp, DeliveryState } from './words.ts';

/**
 * How wrong words are put right on one network: by what it can do, what became of the wrong post there, and the time.
 * The plan is made when approval is asked for and is part of what is approved; what is done is decided again when the
 * correction leaves, by the same function, because a window may have closed or a post may have turned up meanwhile.
 */
export const AMEND_WAYS = [
  'wait', // nobody knows yet whether the wrong post is there
  'edit', // the post itself is changed; what people answered stays
  'reply', // an answer to the wrong post
  'new', // a post of its own
  'instead', // the wrong words were never there: the right ones go in their place
  'remove', // the post is taken off, and a post of its own says so
  'by_hand', // a person must do it
  'nothing', // the words were never there, and nothing takes their place
] as const;
export type AmendWay = (typeof AMEND_WAYS)[number];

/** One line of a plan. */
export interface AmendStep {
  connectionId: string;
  way: AmendWay;
  /** What is done when the network refuses `way`. */
  orElse: AmendWay | null;
}

/** A delivery of wrong words, as far as putting them right is concerned. */
export interface WrongRow {
  id: string;
  updateId: string;
  op: DeliveryOp;
  part: number;
  state: DeliveryState;
  mayBeThere: boolean;
  targetId: string | null;
}

/** That the network has taken a delivery, and when (ms). Of what a `person` found we have only the address. */
export interface Proof {
  deliveryId: string;
  proof: 'answer' | 'read' | 'person';
  acceptedAt: number;
}

/** A post with wrong words in it: the delivery that made it. */
export interface WrongPost {
  deliveryId: string;
  part: number;
  acceptedAt: number;
  byPerson: boolean;
}

/** What became of the wrong words on one connection. */
export type Fate =
  | { is: 'open' }
  | { is: 'absent' }
  /** A person gave up finding out. */
  | { is: 'maybe' }
  | { is: 'there'; posts: WrongPost[] };

/** Whether nothing more will happen to a row without a person, as far as wrong words are concerned. */
const isSettled = (state: DeliveryState): boolean =>
  isTerminal(state) || state === 'accepted' || state === 'manual';

/**
 * Where the wrong words stand on one connection. `versions` are the ids of what was said, the newest first: a correction
 * that never reached this network leaves the words before it standing.
 */
export function fateOf(
  versions: readonly string[],
  rows: readonly WrongRow[],
  proofs: readonly Proof[],
): Fate {
  const proofOf = (id: string) => proofs.find((p) => p.deliveryId === id);
  const gone = new Set(
    rows.filter((r) => r.op === 'remove' && proofOf(r.id) !== undefined).map((r) => r.targetId),
  );
  let maybe = false;
  for (const version of versions) {
    const mine = rows.filter((r) => r.updateId === version && r.op !== 'remove');
    if (mine.some((r) => !isSettled(r.state))) return { is: 'open' };
    const posts = mine
      .filter((r) => proofOf(r.id) !== undefined)
      .map((r) => (r.op === 'edit' ? rows.find((x) => x.id === r.targetId) : r))
      .filter((r) => r !== undefined)
      .filter((r) => !gone.has(r.id))
      .sort((a, b) => a.part - b.part);
    if (posts.length > 0)
      return {
        is: 'there',
        posts: posts.map((r) => ({
          deliveryId: r.id,
          part: r.part,
          acceptedAt: proofOf(r.id)?.acceptedAt ?? 0,
          byPerson: proofOf(r.id)?.proof === 'person',
        })),
      };
    maybe ||= mine.some((r) => r.mayBeThere && r.op === 'publish');
  }
  return maybe ? { is: 'maybe' } : { is: 'absent' };
}

/** A request takes time, and nobody's clock is exact: a window is treated as closed this long before its end, ms. */
const WINDOW_MARGIN_MS = 30_000;

export interface AmendQuestion {
  amends: Amends;
  fate: Fate;
  can: Abilities;
  /** Nothing can be sent there by us: the connection is switched off, or a person posts. */
  byHand: boolean;
  /** How many posts the changed words take. */
  parts: number;
  now: number;
}

/** What to do on one connection now, and what if the network will not have it. */
export function wayOf(q: AmendQuestion): Omit<AmendStep, 'connectionId'> {
  const { fate, can } = q;
  const only = (way: AmendWay) => ({ way, orElse: null });
  if (fate.is === 'open') return only('wait');
  if (fate.is === 'absent') {
    if (q.amends !== 'correction') return only('nothing');
    return only(q.byHand ? 'by_hand' : 'instead');
  }
  if (q.byHand) return only('by_hand');
  if (fate.is === 'maybe') return only('new');
  const { posts } = fate;
  // A clock that jumped back makes a post younger than it is; the network has the last word in any case.
  const within = (windowMs: number | undefined) =>
    windowMs === undefined || posts.every((p) => q.now - p.acceptedAt < windowMs - WINDOW_MARGIN_MS);
  const ours = posts.every((p) => !p.byPerson);
  const say = can.replies && ours ? ('reply' as const) : ('new' as const);
  if (q.amends === 'removal' && can.remove && ours && within(can.removeWindowMs)) return only('remove');
  // Half a thread changed reads worse than an answer: it is changed only when each post has its successor.
  if (can.edit !== 'none' && ours && posts.length === q.parts && within(can.editWindowMs))
    return { way: 'edit', orElse: say };
  return only(say);
}

/** A row to send, as the plan asks for it. */
export interface AmendRow {
  op: DeliveryOp;
  way: AmendWay;
  part: number;
  targetId: string | null;
}

/** The rows that one way takes. `parts` counts the posts of the form that is sent. */
export function rowsOf(way: AmendWay, fate: Fate, parts: number): AmendRow[] {
  const posts = fate.is === 'there' ? fate.posts : [];
  const publish = (as: AmendWay, target: string | null): AmendRow[] =>
    Array.from({ length: parts }, (_, part) => ({
      op: 'publish' as const,
      way: as,
      part,
      targetId: part === 0 ? target : null,
    }));
  switch (way) {
    case 'edit':
      return posts.map((p, part) => ({ op: 'edit', way, part, targetId: p.deliveryId }));
    case 'reply':
      return publish(way, posts[0]?.deliveryId ?? null);
    case 'remove':
      return [
        ...publish('new', null),
        ...posts.map((p, part) => ({ op: 'remove' as const, way, part, targetId: p.deliveryId })),
      ];
    case 'new':
    case 'instead':
    case 'by_hand':
      return publish(way, null);
    case 'wait':
    case 'nothing':
      return [];
  }
}

/** Which form of a rendition a way sends. */
export function formOf<P>(
  rendition: { parts: readonly P[]; ways: { say?: readonly P[]; plain?: readonly P[] } | null },
  way: AmendWay | null,
): readonly P[] {
  if (way === 'reply' || way === 'new' || way === 'by_hand' || way === 'remove')
    return rendition.ways?.say ?? rendition.parts;
  if (way === 'instead') return rendition.ways?.plain ?? rendition.parts;
  return rendition.parts;
}
