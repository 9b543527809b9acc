import { getIncident } from '../../../db/queries/incidents.ts';
import { changeMention, getMention } from '../../../db/queries/mentions.ts';
import { notFound } from '../../domain/error.ts';
import { ANSWERERS } from '../answer-mention.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Says which incident a message speaks of, or that it is none. Answers are then held to that one's facts. */
export async function linkMention(ctx: Ctx, mentionId: string, incidentId: string | null): Promise<void> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  await decide(ctx, async ({ w, now, say, account }) => {
    const mention = await getMention(w, mentionId);
    if (incidentId !== null && (await getIncident(w, incidentId)).pageId !== mention.pageId)
      throw notFound('incident');
    if (mention.incidentId === incidentId) return;
    await changeMention(w, mentionId, { incidentId, updatedAt: now });
    await say({
      pageId: mention.pageId,
      kind: 'mention.linked',
      public: false,
      incidentId,
      updateId: null,
      detail: { mentionId },
    });
    await account({
      action: 'mention.link',
      subjectKind: 'mention',
      subjectId: mentionId,
      detail: { from: mention.incidentId, to: incidentId },
    });
  });
}
