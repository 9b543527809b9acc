import { insertAttempt } from '../../db/queries/attempts.ts';
import { type Connection, getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery } from '../../db/queries/deliveries.ts';
import { findNextToLookAt, findNextToSend } from '../../db/queries/due.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { isSilent } from '../../db/queries/installation.ts';
import { findPicture } from '../../db/queries/pictures.ts';
import { findPartBefore, type Receipt } from '../../db/queries/receipts.ts';
import { getRendition } from '../../db/queries/words.ts';
import type { RenditionPart } from '../../db/shapes.ts';
import type { Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import { formOf } from '../domain/amend.ts';
import type { Draft, Media, RemotePost } from '../domain/channel.ts';
import { advance, type DeliveryPatch, isTerminal } from '../domain/delivery.ts';
import type { Attached } from '../domain/media.ts';
import { asPost, bind, listStandingPosts, targetOf } from './amend.ts';
import { maySpeak, type OutboxParts, openAccount, rulesFor, type Sending, withDeadline } from './parts.ts';
import { raiseFor } from './raise.ts';
import { failureOf, recordAccepted, recordFailed } from './record.ts';
import { replyOf } from './reply.ts';
import { sayDelivery } from './say.ts';

/**
 * Sends the next due delivery of a connection, and then one after the other for as long as `mayGoOn`; false when there
 * is none. Never throws for what a network does.
 */
export async function sendNext(
  parts: OutboxParts,
  connectionId: string,
  mayGoOn: () => boolean,
): Promise<boolean> {
  if (!(await findNextToSend(parts.store.read, connectionId, parts.tick().now))) return false;
  parts.failpoint('before_sending');
  const first = await parts.store.transact((w) => claimNext(parts, w, connectionId));
  if (first === 'cancelled') return true;
  let sending = first;
  while (sending) sending = await sendOne(parts, sending, mayGoOn);
  return first !== undefined;
}

/** Sends what was claimed. What is to go next was claimed with the record of it, unless something else comes first. */
async function sendOne(
  parts: OutboxParts,
  sending: Sending,
  mayGoOn: () => boolean,
): Promise<Sending | undefined> {
  parts.failpoint('after_sending');
  let post: RemotePost;
  try {
    post = await withDeadline(
      parts.requestMs,
      (signal) => perform(parts, sending, signal),
      (late) => void recordAccepted(parts, sending, late).catch((e) => parts.report(e, 'a late answer')),
    );
  } catch (error) {
    parts.failpoint('after_failed');
    await recordFailed(parts, sending, failureOf(error));
    parts.failpoint('after_recorded');
    return undefined;
  }
  parts.failpoint('after_accepted');
  const next = await recordAccepted(parts, sending, post, (w) => claimAhead(parts, w, sending, mayGoOn));
  parts.failpoint('after_recorded');
  return next;
}

/**
 * Claims the next delivery of the lane in the very transaction that records the one before: one flush to disk for
 * both. Not when a look is due, which has its turn after each post.
 */
async function claimAhead(
  parts: OutboxParts,
  w: Writer,
  { connection }: Sending,
  mayGoOn: () => boolean,
): Promise<Sending | undefined> {
  if (!mayGoOn()) return undefined;
  const looks = connection.can.find || connection.can.read;
  if (looks && (await findNextToLookAt(w, connection.id, parts.tick().now))) return undefined;
  const next = await claimNext(parts, w, connection.id);
  return next === 'cancelled' ? undefined : next;
}

async function perform(parts: OutboxParts, sending: Sending, signal: AbortSignal): Promise<RemotePost> {
  const { connection, delivery, key, target } = sending;
  const channel = openAccount(parts, connection);
  const draft = await withPictures(parts, sending);
  if (delivery.op === 'publish') return channel.publish(draft, key, signal);
  if (!target) throw new ChannelError('rejected', `There is no post of ours to ${delivery.op}.`);
  if (delivery.op === 'edit' && channel.edit) return channel.edit(target, draft, key, signal);
  if (delivery.op === 'remove' && channel.remove) {
    await channel.remove(target, signal);
    return target;
  }
  throw new ChannelError('rejected', `This network has no way to ${delivery.op} a post.`);
}

/**
 * The draft with the bytes of its pictures: the very ones that were approved, as their ids are made of them. Read when
 * they are sent, so that no transaction carries them.
 */
async function withPictures(parts: OutboxParts, { draft, pictures }: Sending): Promise<Draft> {
  if (pictures === undefined) return draft;
  const media: Media[] = [];
  for (const { id, alt } of pictures) {
    const found = await findPicture(parts.store.read, id).catch((cause: unknown) => {
      throw new ChannelError('unsent', 'A picture could not be read just now.', { cause });
    });
    if (!found) throw new ChannelError('rejected', 'A picture of this post is not kept any more.');
    media.push({ bytes: Buffer.from(found.body, 'base64'), mime: found.type, alt });
  }
  return { ...draft, media };
}

/** What goes with a part; undefined where nothing is said of pictures: a change then leaves those of the post alone. */
function picturesOf(
  part: RenditionPart,
  { op, part: n }: Delivery,
  { limits }: Connection,
): readonly Attached[] | undefined {
  if (op === 'remove') return undefined;
  if (op === 'edit') return n === 0 && limits.pictures?.edit === 'sent' ? (part.media ?? []) : undefined;
  return part.media;
}

/**
 * Claims the next delivery and marks it as being sent, in one durable transaction: when it is committed, the row
 * says that a request may leave, and no byte has left yet.
 */
async function claimNext(
  parts: OutboxParts,
  w: Writer,
  connectionId: string,
): Promise<Sending | 'cancelled' | undefined> {
  const tick = parts.tick();
  const { now } = tick;
  const connection = await getConnection(w, connectionId);
  if (!maySpeak(connection, now)) return undefined;
  if (connection.laneBy !== tick.boot) return undefined;
  if (await isSilent(w)) return undefined;
  const queued = await findNextToSend(w, connectionId, now);
  if (!queued) return undefined;
  const reply = await replyOf(w, queued);
  if (reply) return { connection, target: null, ...reply, ...(await begin(parts, w, queued, connection)) };
  const rendition = await getRendition(w, queued.renditionId);
  if (!rendition || rendition.frozenAt === null) throw new Error(`delivery ${queued.id} has no frozen words`);
  if (queued.amendedBy !== null) {
    const patch = advance(queued, { type: 'amended' }, rulesFor(parts, connection, queued), tick);
    return leaveOut(parts, w, queued, connection, patch);
  }
  const update = await getUpdate(w, queued.updateId);
  const next = queued.way === 'wait' ? await bind(parts, w, queued, connection, update, rendition) : queued;
  if (typeof next === 'string') return 'cancelled';
  const part = formOf(rendition, next.way)[next.part];
  if (!part) throw new Error(`delivery ${next.id} has no such part`);
  const rules = rulesFor(parts, connection, next);
  const before = await partBefore(w, next);
  if (before === 'broken') {
    const reason = 'The part of the thread before this one did not go out.';
    const patch = advance(next, { type: 'cancelled', reason }, rules, tick);
    return leaveOut(parts, w, next, connection, patch);
  }
  const { delivery, attemptId } = await begin(parts, w, next, connection);
  const target = await targetOf(w, next);
  return {
    connection,
    delivery,
    attemptId,
    draft: {
      text: part.text,
      language: rendition.language,
      ...(part.subject === undefined ? {} : { subject: part.subject }),
      ...(part.html === undefined ? {} : { html: part.html }),
      ...(part.link === undefined ? {} : { link: part.link }),
      ...(part.payload === undefined ? {} : { payload: part.payload }),
      ...(next.recipient === '' ? {} : { recipient: next.recipient }),
      incident: next.incidentId,
      ...(connection.can.replies ? await threadOf(w, next, before) : {}),
    },
    key: { id: next.id, at: update.publishedAt ?? next.createdAt },
    target,
    pictures: picturesOf(part, next, connection),
  };
}

/** Writes down that a delivery is not sent; where an earlier try may have arrived, a person is told. */
async function leaveOut(
  parts: OutboxParts,
  w: Writer,
  d: Delivery,
  connection: Connection,
  patch: DeliveryPatch,
): Promise<'cancelled'> {
  const { now } = parts.tick();
  const doneAt = patch.state && isTerminal(patch.state) ? now : null;
  const after = await changeDelivery(w, d, { ...patch, doneAt, updatedAt: now });
  await sayDelivery(w, after, now);
  await raiseFor(parts, w, connection, after, after.reason ?? '');
  return 'cancelled';
}

/** Writes down that a request may leave now, and that it is tried. */
async function begin(parts: OutboxParts, w: Writer, next: Delivery, connection: Connection) {
  const tick = parts.tick();
  const { now } = tick;
  const rules = rulesFor(parts, connection, next);
  const claimed = advance(next, { type: 'claimed', by: tick.boot }, rules, tick);
  const patch = {
    ...claimed,
    ...advance({ ...next, ...claimed }, { type: 'sending', by: tick.boot }, rules, tick),
  };
  const delivery = await changeDelivery(w, next, { ...patch, updatedAt: now });
  const attemptId = parts.newId();
  await insertAttempt(w, {
    id: attemptId,
    deliveryId: next.id,
    kind: next.op,
    by: tick.boot,
    startedAt: now,
    endedAt: null,
    outcome: null,
    code: null,
    status: null,
    message: null,
  });
  await sayDelivery(w, delivery, now);
  return { delivery, attemptId };
}

async function partBefore(w: Writer, d: Delivery): Promise<Receipt | 'broken' | undefined> {
  // Each part that is changed or taken off stands for itself.
  if (d.part === 0 || d.op !== 'publish') return undefined;
  return (await findPartBefore(w, d)) ?? 'broken';
}

/** A follow-up answers the incident's first post on that network; a later part answers the part before it. */
export async function threadOf(w: Writer, d: Delivery, before: Receipt | undefined): Promise<Partial<Draft>> {
  const posted = (await listStandingPosts(w, d.incidentId, d.connectionId)).filter(
    (p) => p.delivery.id !== d.id && p.receipt.proof !== 'person',
  );
  const root = posted[0]?.receipt;
  // What says that a post was taken off stands alone: the thread may be what is taken off.
  if (!root || (d.way === 'new' && d.part === 0)) return {};
  const wrong = posted.find((p) => p.delivery.id === d.targetId)?.receipt;
  // Of a post that a person found we have only its address, and cannot answer it.
  const answered = before && before.proof !== 'person' ? before : (wrong ?? root);
  return { root: asPost(root), inReplyTo: asPost(answered) };
}
