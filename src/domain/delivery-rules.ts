import type { Abilities } from './channel.ts';
import type { DeliveryRules } from './delivery.ts';

/** Deadline of one request to a network, from the first byte out to the last byte in. */
export const REQUEST_MS = 30_000;
const SKEW_MS = 2_000;
const HOUR = 60 * 60_000;

/** The rules of a connection: its network's abilities, and how patient we are. */
export const rulesOf = (can: Abilities, timeoutMs = REQUEST_MS): DeliveryRules => ({
  idempotent: can.idempotent,
  find: can.find,
  read: can.read,
  lagMs: can.lagMs,
  whenUnverifiable: can.whenUnverifiable,
  everyUpdate: can.everyUpdate,
  timeoutMs,
  skewMs: SKEW_MS,
  maxAttempts: 12,
  // Programs wait longer than people: Standard Webhooks retries for three days.
  maxAgeMs: can.everyUpdate ? 76 * HOUR : 24 * HOUR,
});
