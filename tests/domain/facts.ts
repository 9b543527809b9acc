import {
  advance,
  type DeliveryEvent,
  type DeliveryFacts,
  type DeliveryRules,
  type Tick,
} from '../../src/domain/delivery.ts';
import { LEASE_MS } from '../../src/domain/delivery-times.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { pendingAt } from './network.ts';

/** Deliveries as they usually are, one moment, and a network that can be read: where the delivery tests start from. */

export const NOW = Date.UTC(2026, 10, 21, 14, 13);
export const tick: Tick = { now: NOW, mono: 500_000, boot: 'me' };
export const rules: DeliveryRules = {
  idempotent: 'none',
  find: true,
  read: true,
  lagMs: 10_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
  timeoutMs: 30_000,
  skewMs: 2_000,
  maxAttempts: 12,
  maxAgeMs: 24 * 3_600_000,
};
const LEASED: readonly DeliveryState[] = ['leased', 'sending', 'reconciling'];

/** A delivery as it usually is in a state. */
export function at(state: DeliveryState, more: Partial<DeliveryFacts> = {}): DeliveryFacts {
  const sent = !['pending', 'leased', 'superseded', 'cancelled', 'skipped', 'manual'].includes(state);
  return {
    ...pendingAt(NOW - 1_000),
    state,
    ...(LEASED.includes(state) ? { leaseBy: 'me', leaseUntil: NOW + LEASE_MS - 1_000 } : {}),
    ...(sent ? { attempts: 1, sentAt: NOW - 900, firstSentAt: NOW - 900 } : {}),
    ...(state === 'held' ? { heldAt: NOW - 100 } : {}),
    ...more,
  };
}
export const move = (
  d: DeliveryFacts,
  e: DeliveryEvent,
  r: DeliveryRules = rules,
  when: Tick = tick,
): DeliveryFacts => ({
  ...d,
  ...advance(d, e, r, when),
});

export const failed = (
  failure: 'rejected' | 'auth' | 'limited' | 'unsent' | 'unknown',
  more: { duplicate?: boolean; retryAfterMs?: number } = {},
) => ({ type: 'failed', failure, message: 'It said no.', ...more }) as const;
