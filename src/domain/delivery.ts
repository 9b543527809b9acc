import type { Abilities, Failure } from './channel.ts';
import {
  backoffMs,
  isDue,
  LEASE_MS,
  LONGEST_WAIT_MS,
  MARGIN_MS,
  nextLook,
  patience,
  settleMs,
  type Waits,
} from './delivery-times.ts';
import { conflict } from './error.ts';
import type { DeliveryState } from './words.ts';

/**
 * The life of a delivery, as a function of values. `src/outbox` does the work and writes what comes out here; nothing
 * else may change a delivery's state. The rule that everything rests on: once a request may have left, the delivery is
 * never sent again unless the network remembers our key for ever, or has shown us twice that the post is not there.
 */

/** Wall time (ms), monotonic time (ms) and which run of the process reads them. */
export interface Tick {
  now: number;
  mono: number;
  boot: string;
}

export interface DeliveryFacts {
  state: DeliveryState;
  /** Sends that count against `maxAttempts`. */
  attempts: number;
  createdAt: number;
  /** Not before this wall time. */
  nextAt: number;
  leaseBy: string | null;
  leaseUntil: number | null;
  /** When the last and the first request may have left. */
  sentAt: number | null;
  firstSentAt: number | null;
  /** Successful looks in a row that did not show the post, and when (monotonic, of which run) the first was. */
  absences: number;
  absentBy: string | null;
  absentMono: number | null;
  heldAt: number | null;
  /** A request that may have arrived has not been explained yet. */
  mayBeThere: boolean;
  /** One sentence for a person: what we know and what we do not. */
  reason: string | null;
}
export type DeliveryPatch = Partial<DeliveryFacts>;

export interface DeliveryRules
  extends Waits,
    Pick<Abilities, 'idempotent' | 'find' | 'read' | 'whenUnverifiable'> {
  maxAttempts: number;
  maxAgeMs: number;
  /** When the network refuses it, something else is sent in its place: no person is needed. */
  orElse?: boolean;
}

export type DeliveryEvent =
  | { type: 'claimed'; by: string }
  | { type: 'sending'; by: string }
  | { type: 'accepted' }
  | { type: 'failed'; failure: Failure; message: string; retryAfterMs?: number; duplicate?: boolean }
  | { type: 'lost' } // the lease ran out, or the process that held it is gone
  | { type: 'looking'; by: string } // claimed to find or read, never to send
  | { type: 'seen' }
  | { type: 'absent'; began: number } // when the look began (monotonic): what it saw may be as old as that
  | { type: 'look_failed'; message: string }
  | { type: 'superseded' }
  | { type: 'amended' } // its words were put right or taken back before it was sure to have left
  | { type: 'pointless'; reason: string } // there is nothing there to put right
  | { type: 'cancelled'; reason: string }
  | { type: 'quarantined' }
  | { type: 'confirmed_by_person' }
  | { type: 'resend_by_person' }
  | { type: 'given_up_by_person'; reason: string };

const TERMINAL: readonly DeliveryState[] = [
  'delivered',
  'refused',
  'dead',
  'superseded',
  'cancelled',
  'skipped',
  'manual_confirmed',
];
/** Nothing but an audited act of a person changes a delivery in one of these. */
export const isTerminal = (state: DeliveryState): boolean => TERMINAL.includes(state);
/** Waiting for a person, not for us. */
export const needsPerson = (state: DeliveryState): boolean =>
  state === 'held' || state === 'manual' || state === 'dead' || state === 'refused';

const FEW_TRIES = 3;
const unlease = { leaseBy: null, leaseUntil: null } as const;
const forgetAbsence = { absences: 0, absentBy: null, absentMono: null } as const;

/** How every delivery begins: due at `now`, ms, and nothing was ever sent for it. */
export const unsent = (now: number) =>
  ({
    state: 'pending',
    reason: null,
    attempts: 0,
    nextAt: now,
    ...unlease,
    sentAt: null,
    firstSentAt: null,
    mayBeThere: false,
    ...forgetAbsence,
    heldAt: null,
    doneAt: null,
    createdAt: now,
    updatedAt: now,
  }) as const;

/** Back in the queue. What `mayBeThere` says stays as it is: only a look or an answer can change it. */
function toPending(nextAt: number, reason: string | null): DeliveryPatch {
  return { state: 'pending', nextAt, reason, ...unlease };
}

function lookSoon(nextAt: number, reason: string): DeliveryPatch {
  return { state: 'unknown', nextAt, reason, ...unlease };
}

function hold(now: number, reason: string): DeliveryPatch {
  return { state: 'held', heldAt: now, reason, ...unlease };
}

/**
 * Where a delivery goes whose request may or may not have arrived. That a network remembers our key for a while gives
 * no right to send again: the row may wait in the queue until the key is forgotten, and no wall clock can be trusted
 * to say when that is. Such a network is looked at like any other.
 */
export function afterUnknown(
  d: DeliveryFacts,
  rules: DeliveryRules,
  now: number,
  why: string,
): DeliveryPatch {
  return { ...whereUnknownGoes(d, rules, now, why), mayBeThere: true };
}

function whereUnknownGoes(d: DeliveryFacts, rules: DeliveryRules, now: number, why: string): DeliveryPatch {
  const wait = backoffMs(d.attempts);
  // Age alone is no reason: a wall clock that jumped a day makes everything old.
  const old = now - d.createdAt > rules.maxAgeMs && d.attempts >= FEW_TRIES;
  if (d.attempts >= rules.maxAttempts || old)
    return hold(now, `${why} After ${d.attempts} tries nobody can say whether it is there.`);
  if (rules.idempotent === 'always' || rules.idempotent === 'receiver')
    return toPending(now + wait, `${why} Sending again is safe: the receiver knows it by its id.`);
  if (rules.find) return lookSoon(now + Math.min(5_000, settleMs(rules)), `${why} Looking for it.`);
  if (rules.whenUnverifiable === 'resend')
    return toPending(
      now + wait,
      `${why} It cannot be looked up; a missing alert is worse than a double one.`,
    );
  return hold(now, `${why} This network cannot be read, so a person must look.`);
}

/**
 * What an event makes of a delivery: the fields to write. Throws `conflict` for a move that the table does not have,
 * which in the outbox means that somebody else was faster.
 */
export function advance(d: DeliveryFacts, e: DeliveryEvent, rules: DeliveryRules, tick: Tick): DeliveryPatch {
  const { now } = tick;
  const no = () => conflict(`A delivery that is ${d.state} cannot be ${e.type.replaceAll('_', ' ')}.`);
  switch (e.type) {
    case 'claimed':
      if (d.state !== 'pending' || !isDue(d, now)) throw no();
      return { state: 'leased', leaseBy: e.by, leaseUntil: now + LEASE_MS };
    case 'sending': {
      if (d.state !== 'leased' || d.leaseBy !== e.by) throw no();
      if (now + rules.timeoutMs > (d.leaseUntil ?? 0) - MARGIN_MS) throw no();
      return {
        state: 'sending',
        attempts: d.attempts + 1,
        sentAt: now,
        firstSentAt: d.firstSentAt ?? now,
        reason: null,
        ...forgetAbsence,
      };
    }
    case 'accepted':
      // A late yes is still a yes: nothing after it may fail the row.
      if (isTerminal(d.state) || d.state === 'leased') throw no();
      return rules.read
        ? { state: 'accepted', nextAt: now, reason: null, ...unlease, ...forgetAbsence }
        : {
            state: 'delivered',
            nextAt: now,
            reason: 'The network took it. It cannot be read back here.',
            ...unlease,
          };
    case 'failed':
      return afterFailure(d, e, rules, now, no);
    case 'lost':
      if (d.state === 'leased') return toPending(now, null);
      if (d.state === 'sending')
        return afterUnknown(d, rules, now, 'We stopped while sending, so it may or may not have arrived.');
      if (d.state === 'reconciling') return { state: 'unknown', nextAt: now, ...unlease };
      if (d.state === 'accepted') return { nextAt: now, ...unlease };
      throw no();
    case 'looking':
      if (!isDue(d, now)) throw no();
      if (d.state === 'unknown') return { state: 'reconciling', leaseBy: e.by, leaseUntil: now + LEASE_MS };
      if (d.state === 'accepted') return { leaseBy: e.by, leaseUntil: now + LEASE_MS };
      throw no();
    case 'seen':
      if (d.state !== 'reconciling' && d.state !== 'accepted' && d.state !== 'held' && d.state !== 'unknown')
        throw no();
      return { state: 'delivered', reason: null, mayBeThere: true, ...unlease, ...forgetAbsence };
    case 'absent':
      return afterAbsence(d, e.began, rules, tick, no);
    case 'look_failed':
      if (d.state !== 'reconciling' && d.state !== 'accepted') throw no();
      if (now - d.createdAt > rules.maxAgeMs)
        return hold(now, `We could not look for it for a long time: ${e.message}`);
      return {
        state: d.state === 'reconciling' ? 'unknown' : 'accepted',
        nextAt: now + Math.min(60_000, backoffMs(d.absences + 3)),
        reason: `Could not look: ${e.message}`,
        ...unlease,
      };
    case 'superseded':
      if ((d.state !== 'pending' && d.state !== 'manual') || d.mayBeThere) throw no();
      return {
        state: 'superseded',
        reason: 'A newer update said more before this one could leave.',
        ...unlease,
      };
    case 'amended':
      if (d.state !== 'pending' && d.state !== 'manual') throw no();
      if (d.mayBeThere && rules.find)
        return lookSoon(now, 'Its words were put right. Looking whether an earlier try has arrived.');
      // Who is told directly is told again: the correction says what was wrong, whether or not this one came.
      if (d.mayBeThere && rules.idempotent !== 'receiver' && rules.whenUnverifiable === 'hold')
        return hold(
          now,
          'Its words were put right, but an earlier try may have arrived: a person must look.',
        );
      return {
        state: 'superseded',
        reason: d.mayBeThere
          ? 'Its words were put right. An earlier try may have arrived; what was wrong is said with the right ones.'
          : 'Its words were put right before it could leave.',
        ...unlease,
      };
    case 'pointless':
      // A copy cannot know whether the original has said so by now; either way there is nothing to say.
      if (d.state !== 'pending') throw no();
      return { state: 'skipped', reason: e.reason, ...unlease };
    case 'cancelled':
      if (d.state !== 'pending' && d.state !== 'leased' && d.state !== 'manual') throw no();
      if (d.mayBeThere) return hold(now, `${e.reason} An earlier try may have arrived: a person must look.`);
      return { state: 'cancelled', reason: e.reason, ...unlease };
    case 'quarantined': {
      // A copy knows nothing of what the original has sent since: everything unfinished may be there by now.
      if (isTerminal(d.state) || d.state === 'held' || d.state === 'manual') throw no();
      const why = 'This database was restored or copied, so it may have been sent since.';
      const unsure = { mayBeThere: true, ...forgetAbsence };
      // The network took it, so that nothing but a look is due: should it be gone since, somebody may have taken it off.
      if (d.state === 'accepted') return { nextAt: now, ...unlease, ...unsure };
      if (rules.find) return { ...lookSoon(now, `${why} Looking for it.`), ...unsure };
      if (rules.idempotent === 'receiver') return { ...toPending(now, why), ...unsure };
      return { ...hold(now, `${why} A person must look.`), ...unsure };
    }
    case 'confirmed_by_person':
      if (!['held', 'unknown', 'accepted', 'dead', 'refused', 'manual', 'cancelled'].includes(d.state))
        throw no();
      return { state: 'manual_confirmed', reason: 'A person saw it there.', ...unlease };
    case 'resend_by_person':
      // Also what was cancelled: a part of a thread waits for nothing once the part before it is there.
      if (!['held', 'dead', 'refused', 'cancelled'].includes(d.state)) throw no();
      return {
        ...toPending(now, 'A person asked to send it again.'),
        attempts: 0,
        heldAt: null,
        ...forgetAbsence,
      };
    case 'given_up_by_person':
      if (!['held', 'dead', 'refused', 'manual', 'pending', 'unknown'].includes(d.state)) throw no();
      return { state: 'cancelled', reason: e.reason, ...unlease };
  }
}

function afterFailure(
  d: DeliveryFacts,
  e: Extract<DeliveryEvent, { type: 'failed' }>,
  rules: DeliveryRules,
  now: number,
  no: () => Error,
): DeliveryPatch {
  if (d.state !== 'sending') throw no();
  // What surely did not leave may be tried for as long as it is worth saying: an outage of an hour must not end it.
  const tired = now - d.createdAt > rules.maxAgeMs && d.attempts >= FEW_TRIES;
  switch (e.failure) {
    case 'rejected':
      // This try was refused, but an uncertain one before it may have arrived; "duplicate" even says so.
      if (d.mayBeThere && rules.find)
        return lookSoon(
          now,
          e.duplicate
            ? 'The network says it has these words already. Looking for them.'
            : `${e.message} An earlier try may have arrived. Looking for it.`,
        );
      // What is said in its place is true whether or not an earlier try has changed the post.
      if (d.mayBeThere && rules.idempotent !== 'receiver' && !rules.orElse)
        return hold(now, `${e.message} An earlier try may have arrived: a person must look.`);
      if (rules.orElse)
        return { state: 'skipped', reason: `${e.message} What is said instead is below.`, ...unlease };
      return { state: 'refused', reason: e.message, ...unlease };
    case 'auth':
      return { ...toPending(now, e.message), attempts: d.attempts - 1 };
    case 'limited': {
      const asked = e.retryAfterMs ?? backoffMs(d.attempts + 2);
      const wait = Math.min(LONGEST_WAIT_MS, Math.max(1_000, asked));
      return { ...toPending(now + wait, e.message), attempts: d.attempts - 1 };
    }
    case 'unsent':
      if (tired && d.mayBeThere)
        return hold(now, `Tried ${d.attempts} times, and an early try may have arrived: ${e.message}`);
      if (tired) return { state: 'dead', reason: `Tried ${d.attempts} times: ${e.message}`, ...unlease };
      return toPending(
        now + Math.min(LONGEST_WAIT_MS, Math.max(patience(d.attempts, rules), e.retryAfterMs ?? 0)),
        e.message,
      );
    case 'unknown':
      return afterUnknown(d, rules, now, e.message);
  }
}

function afterAbsence(
  d: DeliveryFacts,
  began: number,
  rules: DeliveryRules,
  tick: Tick,
  no: () => Error,
): DeliveryPatch {
  const { now, boot } = tick;
  if (d.state !== 'reconciling' && d.state !== 'accepted') throw no();
  // Absence is timed by the monotonic clock of one run, so that no jump of the wall clock can shorten or stretch it,
  // and from beginning to beginning, so that a slow answer cannot either. The first look came after the request left.
  const first = d.absentBy === boot && d.absentMono !== null ? d.absentMono : began;
  const absences = d.absentBy === boot ? d.absences + 1 : 1;
  const settled = absences >= 2 && began - first >= settleMs(rules);
  const seenAbsent = { absences, absentBy: boot, absentMono: first };
  if (d.state === 'accepted')
    return settled
      ? { ...hold(now, 'The network took it but does not show it. A person must look.'), ...seenAbsent }
      : {
          nextAt: now + nextLook(absences, rules),
          reason: 'Taken, not shown yet.',
          ...seenAbsent,
          ...unlease,
        };
  if (settled)
    return {
      ...toPending(now, 'The network showed twice that it is not there. Sending it again.'),
      mayBeThere: false,
    };
  return {
    state: 'unknown',
    nextAt: now + nextLook(absences, rules),
    reason: 'Not there yet. Looking again.',
    ...seenAbsent,
    ...unlease,
  };
}
