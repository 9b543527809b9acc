import type { Connection } from '../../db/queries/connections.ts';
import {
  changeDelivery,
  type Delivery,
  insertDeliveries,
  listDeliveriesOfUpdates,
} from '../../db/queries/deliveries.ts';
import { listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import { findReceipt, listPosted, listReceipts, type Receipt } from '../../db/queries/receipts.ts';
import type { Rendition } from '../../db/queries/words.ts';
import type { Writer } from '../../db/store.ts';
import {
  type AmendRow,
  type AmendStep,
  type AmendWay,
  type Fate,
  fateOf,
  formOf,
  rowsOf,
  wayOf,
} from '../domain/amend.ts';
import type { Draft, RemotePost, Seen } from '../domain/channel.ts';
import { advance, unsent } from '../domain/delivery.ts';
import { versionsOf } from '../domain/versions.ts';
import { type OutboxParts, rulesFor } from './parts.ts';

/** How long to leave a correction alone whose wrong post a person has still to find out about, ms. */
const ASK_AGAIN_MS = 5_000;

/** Where the wrong words stand on the connection of a correction's delivery. */
async function fateFor(w: Writer, d: Delivery, update: Update): Promise<Fate> {
  if (update.correctsId === null) return { is: 'absent' };
  const versions = versionsOf(await listPublishedUpdates(w, [d.incidentId]), update.correctsId);
  const rows = (await listDeliveriesOfUpdates(w, versions)).filter((x) => x.connectionId === d.connectionId);
  const proofs = await listReceipts(
    w,
    rows.map((x) => x.id),
  );
  return fateOf(versions, rows, proofs);
}

/** What was approved holds: it may only become less than was planned, or what nobody could know then. */
const honour = (planned: AmendStep | undefined, now: Omit<AmendStep, 'connectionId'>): AmendWay =>
  now.way === 'edit' && (planned?.way === 'reply' || planned?.way === 'new') ? planned.way : now.way;

/**
 * Turns the one row of a correction that was queued for this network into what can be done now, in the transaction that
 * claims it. Gives the row to send, or `later` when nobody knows yet what is there, or `done` when there is nothing to do.
 */
export async function bind(
  parts: OutboxParts,
  w: Writer,
  d: Delivery,
  connection: Connection,
  update: Update,
  rendition: Rendition,
): Promise<Delivery | 'later' | 'done'> {
  const tick = parts.tick();
  const { now } = tick;
  const fate = await fateFor(w, d, update);
  const amends = update.amends ?? 'correction';
  const step = wayOf({
    amends,
    fate,
    can: connection.can,
    byHand: false,
    parts: rendition.parts.length,
    now,
  });
  if (step.way === 'wait') {
    await changeDelivery(w, d, {
      nextAt: now + ASK_AGAIN_MS,
      reason: 'Waits until we know whether the first post is there.',
      updatedAt: now,
    });
    return 'later';
  }
  if (step.way === 'nothing') {
    const reason = 'The words that are taken back were never there.';
    const patch = advance(d, { type: 'pointless', reason }, rulesFor(parts, connection, d), tick);
    await changeDelivery(w, d, { ...patch, way: 'nothing', doneAt: now, updatedAt: now });
    return 'done';
  }
  const way = honour(
    update.plan?.find((s) => s.connectionId === connection.id),
    step,
  );
  if (way === 'instead' && !connection.can.everyUpdate && (await isOvertaken(w, d))) {
    const reason = 'Newer words are there already, and nobody read the wrong ones.';
    const patch = advance(d, { type: 'pointless', reason }, rulesFor(parts, connection, d), tick);
    await changeDelivery(w, d, { ...patch, way: 'nothing', doneAt: now, updatedAt: now });
    return 'done';
  }
  const [first, ...rest] = rowsOf(way, fate, formOf(rendition, way).length);
  if (!first) throw new Error(`delivery ${d.id} has nothing to say`);
  const bound = await changeDelivery(w, d, { ...first, reason: null, updatedAt: now });
  await insertDeliveries(
    w,
    rest.map((row) => follower(parts, d, row, now)),
  );
  return bound;
}

/** Whether newer words of the incident went past a correction that waited for a person. */
const isOvertaken = async (w: Writer, d: Delivery): Promise<boolean> =>
  (await listPosted(w, d.incidentId, d.connectionId)).some(
    (p) => p.delivery.op === 'publish' && p.delivery.ord > d.ord,
  );

/**
 * What is said instead of a change that the network refused, in the transaction that records the refusal: an answer to
 * the post, or a post of its own, once however many parts were refused.
 */
export async function sayInstead(
  parts: OutboxParts,
  w: Writer,
  d: Delivery,
  connection: Connection,
  rendition: Rendition | undefined,
): Promise<void> {
  if (!rendition || d.op !== 'edit' || d.state !== 'skipped') return;
  const mine = (await listDeliveriesOfUpdates(w, [d.updateId])).filter(
    (x) => x.connectionId === d.connectionId,
  );
  if (mine.some((x) => x.op === 'publish')) return;
  const way = connection.can.replies ? 'reply' : 'new';
  const target = mine.filter((x) => x.op === 'edit').sort((a, b) => a.part - b.part)[0]?.targetId ?? null;
  const { now } = parts.tick();
  const rows = rowsOf(way, { is: 'absent' }, formOf(rendition, way).length).map((row) =>
    follower(parts, d, { ...row, targetId: row.part === 0 && way === 'reply' ? target : null }, now),
  );
  await insertDeliveries(w, rows);
}

/** A row beside another of the same correction on the same connection, not sent yet. */
const follower = (parts: OutboxParts, d: Delivery, row: AmendRow, now: number): Delivery => ({
  ...d,
  ...row,
  id: parts.newId(),
  ...unsent(now),
});

/** Posts of an incident on one connection as they are now: each with its newest proof, and none that was taken off. */
export async function listStandingPosts(
  w: Writer,
  incidentId: string,
  connectionId: string,
): Promise<{ delivery: Delivery; receipt: Receipt }[]> {
  const posted = await listPosted(w, incidentId, connectionId);
  const gone = new Set(posted.filter((p) => p.delivery.op === 'remove').map((p) => p.delivery.targetId));
  const changed = new Map(
    // In the order they were made, so that the last change stands. A network may give a changed post another id.
    posted
      .filter((p) => p.delivery.op === 'edit' && p.receipt.proof !== 'person')
      .map((p) => [p.delivery.targetId, p.receipt]),
  );
  return posted
    .filter((p) => p.delivery.op === 'publish' && !gone.has(p.delivery.id))
    .map((p) => ({ delivery: p.delivery, receipt: changed.get(p.delivery.id) ?? p.receipt }));
}

export const asPost = (r: Receipt): RemotePost => ({ id: r.remoteId, url: r.url, raw: r.raw });

/** The post that a correction is about, as it is now; null when there is none that we could name to the network. */
export async function targetOf(w: Writer, d: Delivery): Promise<RemotePost | null> {
  if (d.targetId === null) return null;
  const posts = await listStandingPosts(w, d.incidentId, d.connectionId);
  const found =
    posts.find((p) => p.delivery.id === d.targetId)?.receipt ?? (await findReceipt(w, d.targetId));
  return found && found.proof !== 'person' ? asPost(found) : null;
}

/** What a look at a changed or removed post has shown: the post as it should be, or null while it is not. */
export function settledBy(
  op: Delivery['op'],
  target: RemotePost | null,
  draft: Pick<Draft, 'text' | 'link'>,
  found: Seen | null,
  same: (theirs: string, ours: string) => boolean,
): Seen | null {
  if (op === 'publish') return found;
  if (op === 'remove') return found === null && target ? { ...target, text: '' } : null;
  if (found === null) return null;
  // The link is unique to these words, whatever else the network makes of them.
  const linked =
    draft.link !== undefined && draft.text.includes(draft.link) && found.text.includes(draft.link);
  return linked || same(found.text, draft.text) ? found : null;
}
