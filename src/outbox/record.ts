import { findLastAlertAt } from '../../db/queries/alerts.ts';
import { type Attempt, endAttempt } from '../../db/queries/attempts.ts';
import { type Connection, changeConnection, getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery, getDelivery } from '../../db/queries/deliveries.ts';
import { postponeLooks } from '../../db/queries/due.ts';
import { appendEvents } from '../../db/queries/log.ts';
import { recordReceipt } from '../../db/queries/receipts.ts';
import { getRendition } from '../../db/queries/words.ts';
import type { Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import type { RemotePost, Seen } from '../domain/channel.ts';
import { advance, type DeliveryEvent, isTerminal } from '../domain/delivery.ts';
import { LONGEST_WAIT_MS } from '../domain/delivery-times.ts';
import { isUnsureForLong } from '../domain/delivery-waits.ts';
import { DomainError } from '../domain/error.ts';
import { cut, storable } from '../domain/storable.ts';
import { sayInstead } from './amend.ts';
import { type OutboxParts, rulesFor, type Sending } from './parts.ts';
import { raise, raiseFor } from './raise.ts';
import { sayDelivery } from './say.ts';

/** How long to leave a network alone that lets us look no more and does not say for how long, ms. */
const LOOK_AGAIN_MS = 60_000;

/** Whatever a channel threw, as a failure; what we do not understand may have been published. */
export function failureOf(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const timedOut = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return new ChannelError(
    'unknown',
    timedOut
      ? 'The network did not answer in time.'
      : `Something unexpected happened while sending: ${message}`,
    { cause: error },
  );
}

/**
 * The network said yes. From here on nothing may fail the row: a write that does not succeed is tried again. `then`
 * runs in the same transaction, and its result is returned; should it fail, the yes is recorded without it.
 */
export async function recordAccepted<T>(
  parts: OutboxParts,
  s: Sending,
  post: RemotePost,
  then?: (w: Writer) => Promise<T | undefined>,
): Promise<T | undefined> {
  const tick = parts.tick();
  const kept = storable(post);
  const record = async (w: Writer) => {
    const now = parts.tick().now;
    const row = await getDelivery(w, s.delivery.id);
    await recordReceipt(w, {
      deliveryId: row.id,
      remoteId: kept.id,
      url: kept.url,
      raw: kept.raw ?? {},
      proof: 'answer',
      textRead: null,
      readAt: null,
      acceptedAt: now,
    });
    await endAttempt(w, s.attemptId, {
      endedAt: now,
      outcome: 'accepted',
      code: null,
      status: null,
      message: null,
    });
    await changeConnection(w, s.connection.id, { lastOkAt: now });
    // A late yes, after somebody took our lease for lost or a person gave it up: the post is there all the same.
    if (isTerminal(row.state)) return;
    const rules = rulesFor(parts, s.connection, row);
    const patch = advance(row, { type: 'accepted' }, rules, { ...tick, now });
    const after = await changeDelivery(w, row, finish(patch, now));
    await sayDelivery(w, after, now);
  };
  if (then)
    try {
      return await insist(parts, async (w) => {
        await record(w);
        return then(w);
      });
    } catch (error) {
      parts.report(error, 'claiming the next delivery');
    }
  await insist(parts, record);
  return undefined;
}

/** The network said no, or nothing. */
export async function recordFailed(parts: OutboxParts, s: Sending, e: ChannelError): Promise<void> {
  const existing = e.existing;
  if (existing) {
    await recordAccepted(parts, s, existing);
    return;
  }
  await insist(parts, async (w) => {
    const tick = parts.tick();
    const { now } = tick;
    const row = await getDelivery(w, s.delivery.id);
    await endAttempt(w, s.attemptId, {
      endedAt: now,
      outcome: e.failure,
      code: e.code ?? null,
      status: e.status ?? null,
      message: e.message,
    });
    if (row.state !== 'sending' || row.leaseBy !== tick.boot) return;
    const rules = rulesFor(parts, s.connection, row);
    const event: DeliveryEvent = {
      type: 'failed',
      failure: e.failure,
      message: e.message,
      duplicate: e.duplicate,
      ...(e.retryAfterMs === undefined ? {} : { retryAfterMs: e.retryAfterMs }),
    };
    const after = await changeDelivery(w, row, finish(advance(row, event, rules, tick), now));
    await sayDelivery(w, after, now);
    if (after.op === 'edit')
      await sayInstead(parts, w, after, s.connection, await getRendition(w, row.renditionId));
    if (e.failure === 'auth') await pause(parts, w, s.connection, e.message, now);
    if (e.failure === 'limited') await changeConnection(w, s.connection.id, { notBefore: after.nextAt });
    await raiseFor(parts, w, s.connection, after, e.message);
  });
}

/** What our own look at the network found out. */
export async function recordLook(
  parts: OutboxParts,
  look: { connection: Connection; delivery: Delivery; attemptId: string; began: number },
  found: Seen | null | ChannelError,
): Promise<void> {
  await insist(parts, async (w) => {
    const tick = parts.tick();
    const { now } = tick;
    const row = await getDelivery(w, look.delivery.id);
    const failed = found instanceof ChannelError;
    const outcome: Attempt['outcome'] = failed ? found.failure : found === null ? 'absent' : 'seen';
    await endAttempt(w, look.attemptId, {
      endedAt: now,
      outcome,
      code: failed ? (found.code ?? null) : null,
      status: failed ? (found.status ?? null) : null,
      message: failed ? found.message : null,
    });
    if (row.leaseBy !== tick.boot) return;
    const event: DeliveryEvent = failed
      ? { type: 'look_failed', message: found.message }
      : found === null
        ? { type: 'absent', began: look.began }
        : { type: 'seen' };
    const rules = rulesFor(parts, look.connection, row);
    const after = await changeDelivery(w, row, finish(advance(row, event, rules, tick), now));
    const kept = failed ? null : storable(found);
    if (kept !== null)
      await recordReceipt(w, {
        deliveryId: row.id,
        remoteId: kept.id,
        url: kept.url,
        raw: kept.raw ?? {},
        proof: 'read',
        textRead: kept.text,
        readAt: now,
        acceptedAt: now,
      });
    if (after.state !== row.state) await sayDelivery(w, after, now);
    if (failed && found.failure === 'limited') {
      const wait = Math.min(LONGEST_WAIT_MS, Math.max(1_000, found.retryAfterMs ?? LOOK_AGAIN_MS));
      await postponeLooks(w, look.connection.id, now + wait);
    }
    if (failed && found.failure === 'auth') await pause(parts, w, look.connection, found.message, now);
    await raiseFor(parts, w, look.connection, after, after.reason ?? '');
    if (failed && isUnsureForLong(after, now)) await raiseUnsure(parts, w, look.connection, after);
  });
}

/** Says once that a post cannot be looked for: what is newer waits behind it, and a person may know what we do not. */
async function raiseUnsure(parts: OutboxParts, w: Writer, connection: Connection, d: Delivery) {
  const told = await findLastAlertAt(w, connection.id, 'held');
  if (told !== null && told >= (d.sentAt ?? 0)) return;
  await raise(parts, w, connection, { kind: 'held', deliveryId: d.id, message: d.reason ?? '' });
}

/** A run that is gone, or a lease that ran out: what was being sent may have arrived. */
export async function recordLost(
  parts: OutboxParts,
  w: Writer,
  row: Delivery,
  connection: Connection,
): Promise<void> {
  const tick = parts.tick();
  const rules = rulesFor(parts, connection, row);
  const after = await changeDelivery(w, row, finish(advance(row, { type: 'lost' }, rules, tick), tick.now));
  await sayDelivery(w, after, tick.now);
  await raiseFor(parts, w, connection, after, after.reason ?? '');
}

const finish = (patch: Partial<Delivery>, now: number): Partial<Delivery> => ({
  ...patch,
  ...(patch.state && isTerminal(patch.state) ? { doneAt: now } : {}),
  updatedAt: now,
});

/**
 * Keeps the queue of an account that the network refuses, and says so to the desk and on the page; once, however many
 * requests were on their way. A no to old credentials says nothing of those with which somebody connected the account
 * anew since `asked` was read.
 */
export async function pause(
  parts: OutboxParts,
  w: Writer,
  asked: Connection,
  reason: string,
  now: number,
): Promise<void> {
  const connection = await getConnection(w, asked.id);
  if (connection.verifiedAt !== asked.verifiedAt || connection.pausedAt !== null) return;
  await changeConnection(w, connection.id, {
    pausedAt: now,
    pausedReason: cut(reason, 500),
    updatedAt: now,
  });
  await appendEvents(w, [
    {
      at: now,
      pageId: connection.pageId,
      kind: 'connection.paused',
      public: true,
      incidentId: null,
      updateId: null,
      detail: { connectionId: connection.id, reason },
    },
  ]);
  await raise(parts, w, connection, { kind: 'paused', deliveryId: null, message: reason });
}

/** Writes until the database takes it: what a network told us must not be lost to a lock or a full disk. */
async function insist<T>(parts: OutboxParts, work: (w: Writer) => Promise<T>): Promise<T> {
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await parts.store.transact(work, { patienceMs: 30_000 });
    } catch (error) {
      const again =
        error instanceof DomainError && (error.code === 'unavailable' || error.code === 'conflict');
      if (!again) throw error;
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}
