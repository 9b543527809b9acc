import { type Delivery, listDeliveriesInState } from '../../../db/queries/deliveries.ts';
import type { Reader } from '../../../db/store.ts';
import { isForPerson, waitsBehind } from '../../domain/delivery-waits.ts';

/** What only a person can settle on these pages, the oldest first of each kind, at most a hundred of either. */
export const listForPerson = async (
  r: Reader,
  pageIds: readonly string[],
  now: number,
): Promise<Delivery[]> => [
  ...(await listDeliveriesInState(r, ['held', 'manual', 'dead', 'refused'], 100, pageIds)),
  // Apart: in an outage, many that have just become uncertain must not hide what waits for somebody.
  ...(await listDeliveriesInState(r, ['unknown', 'reconciling'], 100, pageIds)).filter((d) =>
    isForPerson(d, now),
  ),
];

/** "A correction waits behind it", "2 newer posts wait behind it"; nothing when none does. */
export function behindText(root: Delivery, all: readonly Delivery[], now: number): string | null {
  const behind = all.filter((d) => d.part === 0 && waitsBehind(d, all, now)?.id === root.id);
  const corrections = behind.filter((d) => d.way === 'wait').length;
  const newer = behind.length - corrections;
  const parts = [
    ...(corrections === 0 ? [] : [corrections === 1 ? 'a correction' : `${corrections} corrections`]),
    ...(newer === 0 ? [] : [newer === 1 ? 'a newer post' : `${newer} newer posts`]),
  ];
  if (parts.length === 0) return null;
  const words = `${parts.join(' and ')} ${behind.length === 1 ? 'waits' : 'wait'} behind it.`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
