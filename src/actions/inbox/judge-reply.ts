import { getConnection } from '../../../db/queries/connections.ts';
import { getMention, judgeReply as judge, listAskedReplies } from '../../../db/queries/mentions.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { conflict, invalid, notFound } from '../../domain/error.ts';
import { assertOther } from '../../domain/hands.ts';
import { isOpen } from '../../domain/mention.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { assertFits, queueReply } from './queue-reply.ts';
import type { ReplyPlace } from './settle-reply.ts';

/** A second person's yes or no to an answer that weighs like class C. With the yes it goes out, as it stands. */
export async function judgeReply(
  ctx: Ctx,
  place: ReplyPlace,
  verdict: 'yes' | 'no',
  note: string,
): Promise<void> {
  mustBe(ctx.actor, ['approver'], 'approve');
  if (verdict === 'no' && note.trim() === '') throw invalid('note', 'Say in a few words what to change.');
  checkText('note', note, 500);
  await decide(ctx, async ({ w, now, say, account }) => {
    const mention = await getMention(w, place.mentionId);
    const reply = (await listAskedReplies(w, [mention.id])).find((one) => one.id === place.replyId);
    if (!reply) throw notFound('answer');
    const { policy } = await getPage(w, mention.pageId);
    if (!policy.solo)
      assertOther(
        ctx.actor,
        [reply.authorId],
        'You wrote this answer, so another person must say yes to it.',
      );
    const word = { verdict, judgedBy: ctx.actor.id, judgedAt: now, note: note.trim() || null };
    if (!(await judge(w, reply.id, word))) throw conflict('Somebody has said yes or no to it already.');
    if (verdict === 'yes') {
      if (!isOpen(mention.state)) throw conflict('This is settled already.');
      await assertFits(w, await getConnection(w, mention.connectionId), reply.text);
      await queueReply(w, mention, reply, { id: ctx.newId(), by: reply.authorId, now });
    }
    await say({
      pageId: mention.pageId,
      kind: 'mention.answering',
      public: false,
      incidentId: null,
      updateId: null,
      detail: { mentionId: mention.id },
    });
    await account({
      action: `mention.second_${verdict}`,
      subjectKind: 'mention',
      subjectId: mention.id,
      detail: { replyId: reply.id, note: word.note },
    });
  });
}
