import { getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, findNextToLookAt, findReceipt, insertAttempt } from '../../db/queries/deliveries.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { getRendition } from '../../db/queries/words.ts';
import { ChannelError } from '../channels/contract.ts';
import type { Seen } from '../domain/channel.ts';
import { advance } from '../domain/delivery.ts';
import { maySpeak, type OutboxParts, openAccount, rulesFor, withDeadline } from './parts.ts';
import { failureOf, recordLook } from './record.ts';
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
      if (look.post && channel.read) return channel.read(look.post, signal);
      if (channel.find) return channel.find(look.draft, look.key, signal);
      throw new ChannelError('rejected', 'This network cannot be read.');
    });
  } catch (error) {
    found = failureOf(error);
  }
  parts.failpoint('after_look');
  await recordLook(parts, look, found);
  return true;
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
    const receipt = await findReceipt(w, next.id);
    await insertAttempt(w, {
      id: attemptId,
      deliveryId: next.id,
      kind: receipt ? 'read' : 'find',
      by: tick.boot,
      startedAt: tick.now,
      endedAt: null,
      outcome: null,
      code: null,
      status: null,
      message: null,
    });
    const rendition = await getRendition(w, next.renditionId);
    const part = rendition?.parts[next.part];
    const update = await getUpdate(w, next.updateId);
    return {
      connection,
      delivery,
      attemptId,
      began: tick.mono,
      post: receipt ? { id: receipt.remoteId, url: receipt.url, raw: receipt.raw } : null,
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
