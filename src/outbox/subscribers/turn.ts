import { setTimeout as pause } from 'node:timers/promises';
import { insertAttempt } from '../../../db/queries/attempts.ts';
import { type Connection, changeConnection } from '../../../db/queries/connections.ts';
import { changeDelivery } from '../../../db/queries/deliveries.ts';
import { changeDeliveries } from '../../../db/queries/lines.ts';
import { changeSubscriber, insertLetter, type Subscriber } from '../../../db/queries/subscribers.ts';
import type { Writer } from '../../../db/store.ts';
import type { ChannelError } from '../../channels/contract.ts';
import { RecipientError } from '../../channels/recipient-error.ts';
import { advance, type DeliveryPatch, type DeliveryRules, isTerminal } from '../../domain/delivery.ts';
import { DomainError } from '../../domain/error.ts';
import { afterTry, NEEDS_ACCOUNT, type Reached, timeoutsAfter } from '../../domain/subscriber.ts';
import { rulesFor } from '../parts.ts';
import { pause as pauseConnection } from '../record.ts';
import type { LineParts, Outgoing } from './parts.ts';
import type { Shelf } from './shelf.ts';
import { grouped, type Room, take } from './take.ts';

/** Time between two writes of when a line last worked, ms. */
const TOUCH_MS = 5_000;

/** How one try ended. */
export interface Ended {
  out: Outgoing;
  startedAt: number;
  failure: ChannelError | undefined;
  /** Nobody answered before we hung up. */
  late: boolean;
}

/**
 * Writes down how the messages in `ended` fared and takes up to `room` new ones, in one transaction: when this returns,
 * each of them is durably marked as being sent, and no byte of it has left. It is tried until the database takes it.
 */
export async function takeTurn(
  parts: LineParts,
  lineId: string,
  shelf: Shelf,
  ended: readonly Ended[],
  room: Room,
): Promise<Outgoing[]> {
  // Only what the desk must hear of at once goes into the log: a row for each of many thousands would drown it.
  const appends = ended.some((e) => e.failure?.failure === 'auth');
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await parts.store.transact(
        async (w) => {
          await recordEnded(parts, w, ended);
          return room.all > 0 ? await take(parts, w, lineId, shelf, room) : [];
        },
        { appends, patienceMs: 30_000 },
      );
    } catch (error) {
      const again = error instanceof DomainError && ['unavailable', 'conflict'].includes(error.code);
      if (!again) throw error;
      // What has left must not be forgotten; where nothing has, the next beat is soon enough.
      if (ended.length === 0) return [];
      await pause(wait);
    }
  }
}

/** Nobody can look into somebody's mailbox, so nothing to subscribers is ever held for a person: it is given up. */
const settled = (patch: DeliveryPatch): DeliveryPatch =>
  patch.state === 'held' ? { ...patch, state: 'dead' } : patch;

async function recordEnded(parts: LineParts, w: Writer, ended: readonly Ended[]): Promise<void> {
  const line = ended[0]?.out.line;
  if (line === undefined) return;
  const tick = parts.tick();
  const { now } = tick;
  const rules = rulesFor(parts, line, { op: 'publish' });
  const sent = ended.filter((e) => e.failure === undefined);
  if (sent.length > 0) {
    for (const [patch, ids] of grouped(
      sent.map(({ out }) => out.delivery),
      (d) => advance(d, { type: 'accepted' }, rules, tick),
    ))
      await changeDeliveries(
        w,
        ids,
        { state: 'sending', leaseBy: tick.boot },
        { ...patch, doneAt: now, updatedAt: now },
      );
    if (Math.abs(now - (line.lastOkAt ?? 0)) > TOUCH_MS)
      await changeConnection(w, line.id, { lastOkAt: now });
    for (const { out } of sent) await noteReached(parts, w, out.subscriber, 'yes', '', now);
  }
  for (const { out, late } of ended) {
    // A mail server that hangs is our account's, and nobody's of those we write to.
    const timeouts = NEEDS_ACCOUNT.includes(out.subscriber.kind)
      ? undefined
      : timeoutsAfter(out.subscriber, late);
    if (timeouts !== undefined) await changeSubscriber(w, out.subscriber.id, { timeouts });
  }
  for (const { out, startedAt, failure, late } of ended)
    if (failure !== undefined) await recordFailure(parts, w, line, { out, startedAt, failure, late }, rules);
}

async function recordFailure(
  parts: LineParts,
  w: Writer,
  line: Connection,
  { out, startedAt, failure }: Ended & { failure: ChannelError },
  rules: DeliveryRules,
): Promise<void> {
  const tick = parts.tick();
  const { now } = tick;
  const { delivery, subscriber } = out;
  const why = whyFor(failure);
  await insertAttempt(w, {
    id: parts.newId(),
    deliveryId: delivery.id,
    kind: 'publish',
    by: tick.boot,
    startedAt,
    endedAt: now,
    outcome: failure.failure,
    code: failure.code ?? null,
    status: failure.status ?? null,
    message: why,
  });
  const patch = settled(
    advance(
      delivery,
      {
        type: 'failed',
        failure: failure.failure,
        message: why,
        ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
      },
      rules,
      tick,
    ),
  );
  const ends = patch.state !== undefined && isTerminal(patch.state);
  await changeDelivery(w, delivery, { ...patch, ...(ends ? { doneAt: now } : {}), updatedAt: now }).catch(
    (error: unknown) => {
      // Somebody took our lease for lost: whoever holds it now is right.
      if (!(error instanceof DomainError && error.code === 'conflict')) throw error;
    },
  );
  if (failure.failure === 'auth') await pauseConnection(parts, w, line, why, now);
  if (failure.failure === 'limited')
    await changeConnection(w, line.id, { notBefore: patch.nextAt ?? now, updatedAt: now });
  const reached = reachedBy(failure, out, ends);
  if (reached !== undefined) await noteReached(parts, w, subscriber, reached, why, now);
}

/** Mail and phone addresses are doubted only when they themselves are refused: all else is about our account or words. */
function reachedBy(failure: ChannelError, out: Outgoing, ends: boolean): Reached | undefined {
  if (failure instanceof RecipientError) return 'gone';
  return ends && !NEEDS_ACCOUNT.includes(out.subscriber.kind) ? 'no' : undefined;
}

async function noteReached(
  parts: LineParts,
  w: Writer,
  s: Subscriber,
  reached: Reached,
  why: string,
  now: number,
): Promise<void> {
  const patch = afterTry(s, reached, why, now);
  if (!patch) return;
  await changeSubscriber(w, s.id, { ...patch, updatedAt: now });
  if ('state' in patch && s.contact !== null)
    await insertLetter(w, {
      id: parts.newId(),
      pageId: s.pageId,
      subscriberId: s.id,
      kind: 'quarantined',
      sealed: '',
      tries: 0,
      nextAt: now,
      createdAt: now,
    });
}

/** What we keep of a refusal. Never the other side's own words: they may repeat the address, which must be forgettable. */
function whyFor(e: ChannelError): string {
  const number = [e.status, e.code].filter((x) => x !== undefined).join(' ');
  const what: Record<ChannelError['failure'], string> = {
    rejected:
      e instanceof RecipientError ? 'This address was refused for good.' : 'This message was refused.',
    auth: 'The account we write from was refused.',
    limited: 'We were asked to wait.',
    unsent: 'It could not be handed over.',
    unknown: 'Nobody said whether it arrived.',
  };
  return number === '' ? what[e.failure] : `${what[e.failure]} (${number})`;
}
