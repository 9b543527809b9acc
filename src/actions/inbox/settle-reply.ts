import type { Delivery } from '../../../db/queries/deliveries.ts';
import { listReplies } from '../../../db/queries/mentions.ts';
import { notFound } from '../../domain/error.ts';
import { ANSWERERS } from '../answer-mention.ts';
import { type Ctx, mustBe } from '../context.ts';
import { givenUp, type Settlement, seenAt, sendAgain, settleByPerson } from '../settle-delivery.ts';

/** One of our answers, by what it answers: an id of another message's answer leads nowhere. */
export interface ReplyPlace {
  mentionId: string;
  replyId: string;
}

/** A person has seen our answer there and pastes its address: then somebody was answered. */
export const confirmReply = (ctx: Ctx, place: ReplyPlace, url: string): Promise<Delivery> =>
  settle(ctx, place, () => seenAt(url));

/** A person has looked, our answer is not there, and it goes out again. */
export const resendReply = (ctx: Ctx, place: ReplyPlace): Promise<Delivery> =>
  settle(ctx, place, () => sendAgain);

/** Our answer is not to be sent any more. Whoever asked still waits for one. */
export const giveUpReply = (ctx: Ctx, place: ReplyPlace, reason: string): Promise<Delivery> =>
  settle(ctx, place, () => givenUp(reason));

/** What was written to one person is settled by whoever may write to them. */
async function settle(ctx: Ctx, place: ReplyPlace, how: () => Settlement): Promise<Delivery> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  const found = (await listReplies(ctx.store.read, [place.mentionId])).find(
    ({ reply }) => reply.id === place.replyId,
  );
  if (!found) throw notFound('answer');
  return settleByPerson(ctx, found.delivery.id, how());
}
