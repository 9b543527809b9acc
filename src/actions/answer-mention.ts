import { getConnection } from '../../db/queries/connections.ts';
import { insertDeliveries } from '../../db/queries/deliveries.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import {
  changeMention,
  getMention,
  insertReply,
  listAnswered,
  listReplies,
  type Mention,
  type Reply,
} from '../../db/queries/mentions.ts';
import { conflict, invalid } from '../domain/error.ts';
import { isOpen } from '../domain/mention.ts';
import { checkText } from '../domain/update.ts';
import type { Role } from '../domain/words.ts';
import { measure } from '../templates/measure.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** Who may answer people, settle their answers and say that none is needed. */
export const ANSWERERS: readonly Role[] = ['responder', 'author', 'approver'];

/**
 * Answers somebody on the network where they asked. The answer goes out by the outbox, with its guarantees: written
 * down first, sent once. One answer waits for the one before it.
 */
export async function answerMention(ctx: Ctx, mentionId: string, words: string): Promise<Reply> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  const text = words.trim();
  if (text === '') throw invalid('text', 'Write the answer first.');
  checkText('text', text, 40_000);
  const id = ctx.newId();
  return decide(ctx, async ({ w, now, say, account }) => {
    const mention = await getMention(w, mentionId);
    const connection = await getConnection(w, mention.connectionId);
    if (!connection.can.replies)
      throw conflict(`Nobody can be answered on ${connection.name}. Write them another way.`);
    if (!connection.enabled)
      throw conflict(
        `${connection.name} is switched off. Switch it on under Networks, or answer there by hand.`,
      );
    const limits = { ...connection.limits, max: connection.limits.reply ?? connection.limits.max };
    const length = measure(text, limits);
    if (length > limits.max)
      throw invalid(
        'text',
        `This is ${length} long, and ${limits.max} fit on ${connection.name}. Shorten it.`,
      );
    const before = await listReplies(w, [mentionId]);
    if (before.some(({ reply, delivery }) => reply.text === text && delivery.state !== 'cancelled'))
      throw conflict('This very answer has been given already.');
    if (await findInstallation(w, 'sending_off'))
      throw conflict('Sending is off for everything. Switch it on under Settings first.');
    const reply = await insertReply(w, {
      id,
      mentionId,
      connectionId: connection.id,
      text,
      authorId: ctx.actor.id,
      createdAt: now,
    });
    const blank = {
      targetId: null,
      way: null,
      amendedBy: null,
      reason: null,
      leaseBy: null,
      leaseUntil: null,
    };
    await insertDeliveries(w, [
      {
        ...blank,
        id: ctx.newId(),
        pageId: mention.pageId,
        incidentId: mention.id,
        updateId: id,
        renditionId: id,
        connectionId: connection.id,
        op: 'publish',
        part: 0,
        // Not empty, so that it counts as said to one person and is never shown as a post of the page.
        recipient: mention.authorId,
        // What speaks to everybody goes first.
        priority: 1,
        ord: before.length,
        state: 'pending',
        attempts: 0,
        nextAt: now,
        sentAt: null,
        firstSentAt: null,
        mayBeThere: false,
        absences: 0,
        absentBy: null,
        absentMono: null,
        heldAt: null,
        doneAt: null,
        createdAt: now,
        updatedAt: now,
      },
    ]);
    if (mention.state === 'new')
      await changeMention(w, mentionId, { state: 'assigned', assignedTo: ctx.actor.id, updatedAt: now });
    await say({ ...about(mention), kind: 'mention.answering', detail: { mentionId } });
    await account({
      action: 'mention.answer',
      subjectKind: 'mention',
      subjectId: mentionId,
      detail: { replyId: id },
    });
    return reply;
  });
}

/** Nobody waits for an answer to this: spam, thanks, or said to somebody else. The reason is kept. */
export async function dismissMention(ctx: Ctx, mentionId: string, reason: string): Promise<void> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  if (reason.trim() === '') throw invalid('reason', 'Say in a few words why it needs no answer.');
  checkText('reason', reason, 500);
  await decide(ctx, async ({ w, now, say, account }) => {
    const mention = await getMention(w, mentionId);
    if (!isOpen(mention.state)) throw conflict('This is settled already.');
    await changeMention(w, mentionId, {
      state: 'no_reply_needed',
      reason: reason.trim(),
      settledAt: now,
      settledBy: ctx.actor.id,
      updatedAt: now,
    });
    await say({ ...about(mention), kind: 'mention.settled', detail: { mentionId } });
    await account({
      action: 'mention.dismiss',
      subjectKind: 'mention',
      subjectId: mentionId,
      detail: { reason },
    });
  });
}

/** Settles what an answer of ours has reached. Only then was somebody answered. */
export async function settleAnswered(ctx: Ctx): Promise<void> {
  if ((await listAnswered(ctx.store.read)).length === 0) return;
  await decide(ctx, async ({ w, now, say }) => {
    for (const { id, pageId, doneAt, by } of await listAnswered(w)) {
      await changeMention(w, id, {
        state: 'answered',
        settledAt: doneAt || now,
        settledBy: by,
        updatedAt: now,
      });
      await say({ ...about({ pageId }), kind: 'mention.settled', detail: { mentionId: id } });
    }
    return undefined;
  });
}

const about = ({ pageId }: Pick<Mention, 'pageId'>) => ({
  pageId,
  public: false,
  incidentId: null,
  updateId: null,
});
