import type { Abilities } from './channel.ts';
import type { DeliveryRules } from './delivery.ts';
import type { DeliveryOp } from './words.ts';

/** Deadline of one request to a network, from the first byte out to the last byte in. */
export const REQUEST_MS = 30_000;
const SKEW_MS = 2_000;
const HOUR = 60 * 60_000;

/**
 * What a network can say of an operation. Changing a post to the same words twice, or removing it twice, is doing it
 * once; all the same it is looked at before it is done again where the network can be read, so that nobody who watches
 * the post sees it flicker, and a window that closed meanwhile is not mistaken for a refusal. A change that makes a new
 * id is looked for like a post.
 */
function certaintyOf(op: DeliveryOp, can: Abilities): Pick<DeliveryRules, 'idempotent' | 'find' | 'read'> {
  if (op === 'publish') return { idempotent: can.idempotent, find: can.find, read: can.read };
  const find = op === 'edit' && can.edit === 'new_id' ? can.find : can.read;
  const repeatable = op === 'remove' || can.edit === 'in_place';
  return { idempotent: repeatable && !find ? 'always' : 'none', find, read: can.read };
}

/** The rules of a connection: its network's abilities, and how patient we are. `orElse`: see `DeliveryRules`. */
export const rulesOf = (
  can: Abilities,
  timeoutMs = REQUEST_MS,
  op: DeliveryOp = 'publish',
  orElse = false,
): DeliveryRules => ({
  ...certaintyOf(op, can),
  orElse,
  lagMs: can.lagMs,
  whenUnverifiable: can.whenUnverifiable,
  everyUpdate: can.everyUpdate,
  timeoutMs,
  skewMs: SKEW_MS,
  maxAttempts: 12,
  // Programs wait longer than people: Standard Webhooks retries for three days.
  maxAgeMs: can.everyUpdate ? 76 * HOUR : 24 * HOUR,
});
