import type { Abilities } from './channel.ts';
import type { DeliveryRules } from './delivery.ts';
import type { DeliveryOp } from './words.ts';

/** Deadline of one request to a network, from the first byte out to the last byte in. */
export const REQUEST_MS = 30_000;
const SKEW_MS = 2_000;
const HOUR = 60 * 60_000;

/** Doing it twice is doing it once: the same words in the same post, or a post that is gone already. */
const isRepeatable = (op: DeliveryOp, can: Abilities): boolean =>
  op === 'remove' || (op === 'edit' && can.edit === 'in_place');

/** The rules of a connection: its network's abilities, and how patient we are. Only a publication is read back. */
export const rulesOf = (
  can: Abilities,
  timeoutMs = REQUEST_MS,
  op: DeliveryOp = 'publish',
): DeliveryRules => ({
  idempotent: isRepeatable(op, can) ? 'always' : can.idempotent,
  find: can.find && op === 'publish',
  read: can.read && op === 'publish',
  lagMs: can.lagMs,
  whenUnverifiable: can.whenUnverifiable,
  everyUpdate: can.everyUpdate,
  timeoutMs,
  skewMs: SKEW_MS,
  maxAttempts: 12,
  // Programs wait longer than people: Standard Webhooks retries for three days.
  maxAgeMs: can.everyUpdate ? 76 * HOUR : 24 * HOUR,
});
