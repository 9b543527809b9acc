import { getConnection } from '../../db/queries/connections.ts';
import {
  changeDelivery,
  type Delivery,
  findNextToSend,
  findReceipt,
  insertAttempt,
  listPosted,
  type Receipt,
} from '../../db/queries/deliveries.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import { getRendition } from '../../db/queries/words.ts';
import type { Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import type { Draft, RemotePost } from '../domain/channel.ts';
import { advance } from '../domain/delivery.ts';
import { maySpeak, type OutboxParts, openAccount, rulesFor, type Sending, withDeadline } from './parts.ts';
import { failureOf, recordAccepted, recordFailed } from './record.ts';
import { sayDelivery } from './say.ts';

/** Sends the next due delivery of a connection; false when there is none. Never throws for what a network does. */
export async function sendNext(parts: OutboxParts, connectionId: string): Promise<boolean> {
  if (!(await findNextToSend(parts.store.read, connectionId, parts.tick().now))) return false;
  parts.failpoint('before_sending');
  const sending = await takeNext(parts, connectionId);
  if (!sending) return false;
  if (sending === 'cancelled') return true;
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
    return true;
  }
  parts.failpoint('after_accepted');
  await recordAccepted(parts, sending, post);
  parts.failpoint('after_recorded');
  return true;
}

async function perform(parts: OutboxParts, sending: Sending, signal: AbortSignal): Promise<RemotePost> {
  const { connection, delivery, draft, key, target } = sending;
  const channel = openAccount(parts, connection);
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
 * Claims the next delivery and marks it as being sent, in one durable transaction: when this returns, the row says
 * that a request may leave, and no byte has left yet.
 */
function takeNext(parts: OutboxParts, connectionId: string): Promise<Sending | 'cancelled' | undefined> {
  return parts.store.transact(async (w) => {
    const tick = parts.tick();
    const { now } = tick;
    const connection = await getConnection(w, connectionId);
    if (!maySpeak(connection, now)) return undefined;
    if (connection.laneBy !== tick.boot) return undefined;
    if ((await findInstallation(w, 'quarantine')) ?? (await findInstallation(w, 'sending_off')))
      return undefined;
    const next = await findNextToSend(w, connectionId, now);
    if (!next) return undefined;
    const rendition = await getRendition(w, next.renditionId);
    const part = rendition?.parts[next.part];
    if (!rendition || !part || rendition.frozenAt === null)
      throw new Error(`delivery ${next.id} has no frozen words`);
    const rules = rulesFor(parts, connection, next);
    const before = await partBefore(w, next);
    if (before === 'broken') {
      const reason = 'The part of the thread before this one did not go out.';
      const patch = advance(next, { type: 'cancelled', reason }, rules, tick);
      await sayDelivery(w, await changeDelivery(w, next, { ...patch, doneAt: now, updatedAt: now }), now);
      return 'cancelled';
    }
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
    const target = next.targetId === null ? undefined : await findReceipt(w, next.targetId);
    const update = await getUpdate(w, next.updateId);
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
      target: target ? asPost(target) : null,
    };
  });
}

const asPost = (r: Receipt): RemotePost => ({ id: r.remoteId, url: r.url, raw: r.raw });

async function partBefore(w: Writer, d: Delivery): Promise<Receipt | 'broken' | undefined> {
  if (d.part === 0) return undefined;
  const posted = await listPosted(w, d.incidentId, d.connectionId);
  const before = posted.find((p) => p.delivery.updateId === d.updateId && p.delivery.part === d.part - 1);
  return before?.receipt ?? 'broken';
}

/** A follow-up answers the incident's first post on that network; a later part answers the part before it. */
export async function threadOf(w: Writer, d: Delivery, before: Receipt | undefined): Promise<Partial<Draft>> {
  const posted = (await listPosted(w, d.incidentId, d.connectionId)).filter(
    (p) => p.delivery.op === 'publish' && p.delivery.id !== d.id && p.receipt.proof !== 'person',
  );
  const root = posted[0]?.receipt;
  if (!root) return {};
  // Of a post that a person found we have only its address, and cannot answer it.
  const answered = before && before.proof !== 'person' ? before : root;
  return { root: asPost(root), inReplyTo: asPost(answered) };
}
