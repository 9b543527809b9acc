import { type Delivery, listDeliveriesInState } from '../../../db/queries/deliveries.ts';
import type { Reader } from '../../../db/store.ts';
import { needsPerson } from '../../domain/delivery.ts';
import { holdsBack, isUnsureForLong } from '../../domain/delivery-waits.ts';

/** Only a person can go on with it, or may know what we could not find out for minutes. */
export const isForPerson = (d: Delivery, now: number): boolean =>
  needsPerson(d.state) || isUnsureForLong(d, now);

/** What only a person can settle, the oldest first, at most a hundred. */
export const listForPerson = async (r: Reader, now: number): Promise<Delivery[]> =>
  (
    await listDeliveriesInState(r, ['held', 'manual', 'dead', 'refused', 'unknown', 'reconciling'], 100)
  ).filter((d) => isForPerson(d, now));

/** Nobody knows whether they are there, and what came later waits to hear. */
const OPEN: readonly Delivery['state'][] = ['held', 'unknown', 'reconciling'];

const isBefore = (a: Delivery, b: Delivery): boolean =>
  a.connectionId === b.connectionId &&
  a.recipient === b.recipient &&
  (a.ord < b.ord || (a.ord === b.ord && a.part < b.part));

/**
 * The post behind which a queued delivery waits: the first of its incident on its network of which nobody knows whether
 * it is there. Undefined for what only waits for its turn. `all` are the incident's deliveries.
 */
export function waitsBehind(d: Delivery, all: readonly Delivery[], now: number): Delivery | undefined {
  if (d.state !== 'pending') return undefined;
  const earlier = all.filter((e) => isBefore(e, d));
  if (d.way !== 'wait' && !earlier.some((e) => holdsBack(e, now))) return undefined;
  return earlier.find((e) => OPEN.includes(e.state));
}

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
