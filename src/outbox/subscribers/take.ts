import { getConnection } from '../../../db/queries/connections.ts';
import type { Delivery } from '../../../db/queries/deliveries.ts';
import { isSilent } from '../../../db/queries/installation.ts';
import {
  changeDeliveries,
  listNextByPace,
  listNextOnLine,
  listOnTheirWay,
} from '../../../db/queries/lines.ts';
import { listSubscribersById, listTargets, type Subscriber } from '../../../db/queries/subscribers.ts';
import type { Writer } from '../../../db/store.ts';
import { advance, type DeliveryPatch } from '../../domain/delivery.ts';
import { isBefore } from '../../domain/delivery-waits.ts';
import { isSlow } from '../../domain/subscriber.ts';
import { maySpeak, rulesFor } from '../parts.ts';
import type { LineParts, Outgoing } from './parts.ts';
import type { Shelf } from './shelf.ts';

/** Places on a line: in all, and among them for those who have not answered in time again and again. */
export interface Room {
  all: number;
  slow: number;
}

/** Takes the next messages on a line for which there is room, and marks them as being sent. */
export async function take(
  parts: LineParts,
  w: Writer,
  lineId: string,
  shelf: Shelf,
  room: Room,
): Promise<Outgoing[]> {
  const tick = parts.tick();
  const { now, boot } = tick;
  // Read anew: what has just been recorded may have paused it.
  const line = await getConnection(w, lineId);
  if (!maySpeak(line, now) || line.laneBy !== boot) return [];
  if (await isSilent(w)) return [];
  const { due, people } = await listWithRoom(w, lineId, now, room);
  if (due.length === 0) return [];
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
  for (const [patch, ids] of grouped(free, (d) => {
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

/**
 * The next on a line for whom there is a place. Whoever has not answered in time again and again waits for one of theirs,
 * and nobody else waits behind them.
 */
async function listWithRoom(
  w: Writer,
  lineId: string,
  now: number,
  room: Room,
): Promise<{ due: Delivery[]; people: Map<string, Subscriber> }> {
  const peopleOf = async (rows: readonly Delivery[]) =>
    new Map((await listSubscribersById(w, [...new Set(rows.map((d) => d.recipient))])).map((s) => [s.id, s]));
  const next = await listNextOnLine(w, lineId, now, room.all);
  const known = await peopleOf(next);
  if (![...known.values()].some(isSlow)) return { due: next, people: known };
  const usual = await listNextByPace(w, 'usual', lineId, now, room.all);
  const slow = await listNextByPace(w, 'slow', lineId, now, Math.min(room.slow, room.all - usual.length));
  const due = [...usual, ...slow];
  return { due, people: await peopleOf(due) };
}

/** The ids of deliveries by what is to be written in them: one statement for all that become the same. */
export function grouped<P extends DeliveryPatch>(
  rows: readonly Delivery[],
  patchOf: (d: Delivery) => P,
): [P, string[]][] {
  const groups = new Map<string, [P, string[]]>();
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
    const isBehind = (d: Delivery) => open.some((x) => x.recipient === d.recipient && isBefore(x, d));
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
