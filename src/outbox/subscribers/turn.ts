import { setTimeout as pause } from 'node:timers/promises';
import { insertAttempt } from '../../../db/queries/attempts.ts';
import { type Connection, changeConnection, getConnection } from '../../../db/queries/connections.ts';
import { changeDelivery, type Delivery } from '../../../db/queries/deliveries.ts';
import { isSilent } from '../../../db/queries/installation.ts';
import { changeDeliveries, listNextOnLine, listOnTheirWay } from '../../../db/queries/lines.ts';
import {
  changeSubscriber,
  insertLetter,
  listSubscribersById,
  listTargets,
  type Subscriber,
} from '../../../db/queries/subscribers.ts';
import type { Writer } from '../../../db/store.ts';
import type { ChannelError } from '../../channels/contract.ts';
import { RecipientError } from '../../channels/recipient-error.ts';
import { advance, type DeliveryPatch, type DeliveryRules, isTerminal } from '../../domain/delivery.ts';
import { DomainError } from '../../domain/error.ts';
import { afterTry, NEEDS_ACCOUNT, type Reached } from '../../domain/subscriber.ts';
import { maySpeak, rulesFor } from '../parts.ts';
import { pause as pauseConnection } from '../record.ts';
import type { LineParts, Outgoing } from './parts.ts';
import type { Shelf } from './shelf.ts';

/** Time between two writes of when a line last worked, ms. */
const TOUCH_MS = 5_000;

/** How one try ended. */
export interface Ended {
  out: Outgoing;
  startedAt: number;
  failure: ChannelError | undefined;
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
  room: number,
): Promise<Outgoing[]> {
  // Only what the desk must hear of at once goes into the log: a row for each of many thousands would drown it.
  const appends = ended.some((e) => e.failure?.failure === 'auth');
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await parts.store.transact(
        async (w) => {
          await recordEnded(parts, w, ended);
          return room > 0 ? await take(parts, w, lineId, shelf, room) : [];
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
    for (const [patch, ids] of grouped(sent, (d) => advance(d, { type: 'accepted' }, rules, tick)))
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
  for (const { out, startedAt, failure } of ended)
    if (failure !== undefined) await recordFailure(parts, w, line, { out, startedAt, failure }, rules);
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

function grouped<P extends DeliveryPatch>(
  ended: readonly Ended[],
  patchOf: (d: Delivery) => P,
): [P, string[]][] {
  const groups = new Map<string, [P, string[]]>();
  for (const { out } of ended) {
    const patch = patchOf(out.delivery);
    const key = JSON.stringify(patch);
    const group = groups.get(key) ?? [patch, []];
    group[1].push(out.delivery.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function take(
  parts: LineParts,
  w: Writer,
  lineId: string,
  shelf: Shelf,
  room: number,
): Promise<Outgoing[]> {
  const tick = parts.tick();
  const { now, boot } = tick;
  // Read anew: what has just been recorded may have paused it.
  const line = await getConnection(w, lineId);
  if (!maySpeak(line, now) || line.laneBy !== boot) return [];
  if (await isSilent(w)) return [];
  const due = await listNextOnLine(w, lineId, now, room);
  if (due.length === 0) return [];
  const people = new Map(
    (await listSubscribersById(w, [...new Set(due.map((d) => d.recipient))])).map((s) => [s.id, s]),
  );
  const gone = due.filter((d) => people.get(d.recipient)?.state !== 'active');
  await changeDeliveries(
    w,
    gone.map((d) => d.id),
    { state: 'pending', leaseBy: null },
    { state: 'cancelled', reason: 'They are not subscribed any more.', doneAt: now, updatedAt: now },
  );
  const free = await withoutHeldBack(
    w,
    lineId,
    shelf,
    due.filter((d) => !gone.includes(d)),
    now,
  );
  const rules = rulesFor(parts, line, { op: 'publish' });
  const mine = new Map<string, DeliveryPatch>();
  for (const [patch, ids] of groupedRows(free, (d) => {
    const claimed = advance(d, { type: 'claimed', by: boot }, rules, tick);
    return { ...claimed, ...advance({ ...d, ...claimed }, { type: 'sending', by: boot }, rules, tick) };
  }))
    for (const id of await changeDeliveries(
      w,
      ids,
      { state: 'pending', leaseBy: null },
      { ...patch, updatedAt: now },
    ))
      mine.set(id, patch);
  const out: Outgoing[] = [];
  for (const d of free) {
    const patch = mine.get(d.id);
    const subscriber = people.get(d.recipient);
    if (!patch || !subscriber) continue;
    const { rendition, fanout, ended, at } = await shelf.of(w, d);
    out.push({
      line,
      delivery: { ...d, ...patch },
      subscriber,
      rendition,
      fanout,
      last: ended && (await followsOnly(w, subscriber, d.incidentId)),
      key: { id: d.id, at },
    });
  }
  return out;
}

function groupedRows(
  rows: readonly Delivery[],
  patchOf: (d: Delivery) => DeliveryPatch,
): [DeliveryPatch, string[]][] {
  const groups = new Map<string, [DeliveryPatch, string[]]>();
  for (const d of rows) {
    const patch = patchOf(d);
    const key = JSON.stringify(patch);
    const group = groups.get(key) ?? [patch, []];
    group[1].push(d.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Leaves out who is still on the way to an earlier update of the same incident, or to an earlier part of this one. They
 * step back for a second, so that they do not hold up everybody behind them.
 */
async function withoutHeldBack(
  w: Writer,
  lineId: string,
  shelf: Shelf,
  due: readonly Delivery[],
  now: number,
): Promise<Delivery[]> {
  const free: Delivery[] = [];
  const seen = new Set<string>();
  const back: Delivery[] = [];
  for (const [incidentId, rows] of Map.groupBy(due, (d) => d.incidentId)) {
    const newest = rows.reduce((a, b) => (a.ord > b.ord ? a : b));
    const older = await shelf.before(w, incidentId, newest.ord);
    const open = await listOnTheirWay(w, {
      connectionId: lineId,
      updateIds: [...new Set([...older, ...rows.map((d) => d.updateId)])],
      recipients: rows.map((d) => d.recipient),
    });
    const isBehind = (d: Delivery) =>
      open.some(
        (x) => x.recipient === d.recipient && (x.ord < d.ord || (x.ord === d.ord && x.part < d.part)),
      );
    for (const d of rows) {
      const key = `${incidentId}|${d.recipient}`;
      // Behind one that goes now it has its turn next; behind one that must wait, it waits as well.
      if (!seen.has(key)) (isBehind(d) ? back : free).push(d);
      seen.add(key);
    }
  }
  await changeDeliveries(
    w,
    back.map((d) => d.id),
    { state: 'pending', leaseBy: null },
    { nextAt: now + 1_000, updatedAt: now },
  );
  return free;
}

async function followsOnly(w: Writer, s: Subscriber, incidentId: string): Promise<boolean> {
  if (s.everything) return false;
  const targets = await listTargets(w, s.id);
  return targets.length === 1 && targets[0] === incidentId;
}
