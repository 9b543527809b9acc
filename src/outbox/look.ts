import { insertAttempt } from '../../db/queries/attempts.ts';
import { type Connection, getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery } from '../../db/queries/deliveries.ts';
import { findNextToLookAt } from '../../db/queries/due.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { findReceipt } from '../../db/queries/receipts.ts';
import { getRendition } from '../../db/queries/words.ts';
import type { Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import { sameWords } from '../channels/same-words.ts';
import { formOf } from '../domain/amend.ts';
import type { RemotePost, Seen } from '../domain/channel.ts';
import { advance } from '../domain/delivery.ts';
import { asPost, settledBy, targetOf } from './amend.ts';
import { maySpeak, type OutboxParts, openAccount, rulesFor, withDeadline } from './parts.ts';
import { failureOf, recordLook } from './record.ts';
import { replyOf } from './reply.ts';
import { threadOf } from './send.ts';

/** Looks at the network for one delivery we are not sure of, or have not seen yet; false when there is none due. */
export async function lookNext(parts: OutboxParts, connectionId: string): Promise<boolean> {
  if (!(await findNextToLookAt(parts.store.read, connectionId, parts.tick().now))) return false;
  const look = await takeLook(parts, connectionId);
  if (!look) return false;
  let found: Seen | null | ChannelError;
  try {
    const channel = openAccount(parts, look.connection);
    found = await withDeadline(parts.requestMs, async (signal) => {
      if (look.post && channel.read) return shown(look, await channel.read(look.post, signal));
      if (channel.find) return shown(look, await channel.find(look.draft, look.key, signal));
      throw new ChannelError('rejected', 'This network cannot be read.');
    });
  } catch (error) {
    found = failureOf(error);
  }
  parts.failpoint('after_look');
  await recordLook(parts, look, found);
  return true;
}

const shown = (
  { delivery, post, draft }: NonNullable<Awaited<ReturnType<typeof takeLook>>>,
  found: Seen | null,
): Seen | null => settledBy(delivery.op, post, draft, found, sameWords);

/** The post to read: the one we were told of; for a change in place or a removal, the one that is meant. */
async function toRead(w: Writer, d: Delivery, connection: Connection): Promise<RemotePost | null> {
  const receipt = await findReceipt(w, d.id);
  if (receipt) return asPost(receipt);
  const isThere = d.op === 'remove' || (d.op === 'edit' && connection.can.edit === 'in_place');
  return isThere ? targetOf(w, d) : null;
}

function takeLook(parts: OutboxParts, connectionId: string) {
  return parts.store.transact(async (w) => {
    const tick = parts.tick();
    const connection = await getConnection(w, connectionId);
    if (!maySpeak(connection, tick.now) || connection.laneBy !== tick.boot) return undefined;
    const next = await findNextToLookAt(w, connectionId, tick.now);
    if (!next) return undefined;
    const rules = rulesFor(parts, connection, next);
    const patch = advance(next, { type: 'looking', by: tick.boot }, rules, tick);
    const delivery = await changeDelivery(w, next, { ...patch, updatedAt: tick.now });
    const attemptId = parts.newId();
    const post = await toRead(w, next, connection);
    await insertAttempt(w, {
      id: attemptId,
      deliveryId: next.id,
      kind: post ? 'read' : 'find',
      by: tick.boot,
      startedAt: tick.now,
      endedAt: null,
      outcome: null,
      code: null,
      status: null,
      message: null,
    });
    const reply = await replyOf(w, next);
    if (reply) return { connection, delivery, attemptId, began: tick.mono, post, ...reply };
    const rendition = await getRendition(w, next.renditionId);
    const part = rendition && formOf(rendition, next.way)[next.part];
    const update = await getUpdate(w, next.updateId);
    return {
      connection,
      delivery,
      attemptId,
      began: tick.mono,
      post,
      draft: {
        text: part?.text ?? '',
        ...(part?.link === undefined ? {} : { link: part.link }),
        ...(next.recipient === '' ? {} : { recipient: next.recipient }),
        // Slack lists what was said in a thread only to whom names the thread.
        ...(connection.can.replies ? await threadOf(w, next, undefined) : {}),
      },
      key: { id: next.id, at: update.publishedAt ?? next.createdAt },
    };
  });
}
