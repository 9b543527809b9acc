import type { Delivery } from '../../db/queries/deliveries.ts';
import { findReply, getMention } from '../../db/queries/mentions.ts';
import type { Reader } from '../../db/store.ts';
import type { Draft, Key } from '../domain/channel.ts';

/** What a delivery sends that is no update: our answer to what one person said, where they said it. */
export async function replyOf(r: Reader, d: Delivery): Promise<{ draft: Draft; key: Key } | undefined> {
  const reply = await findReply(r, d.renditionId);
  if (!reply) return undefined;
  const { post } = await getMention(r, reply.mentionId);
  const subject = post.raw?.['subject'];
  return {
    draft: { text: reply.text, inReplyTo: post, ...(typeof subject === 'string' && { subject }) },
    key: { id: d.id, at: reply.createdAt },
  };
}
