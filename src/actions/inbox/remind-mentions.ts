import { findLastAlertOn, insertAlert } from '../../../db/queries/alerts.ts';
import { changeMention, listUnalerted } from '../../../db/queries/mentions.ts';
import { ALERT_MS, ANSWER_MS } from '../../domain/mention.ts';
import { type Ctx, decide } from '../context.ts';

/** One alert for all who come to wait so long within this time, ms: it is still well before the hour is over. */
const TOGETHER_MS = 5 * 60_000;

/** Tells whoever is on call of people who have waited for 50 minutes; of each of them once, whichever node is faster. */
export async function remindMentions(ctx: Ctx): Promise<number> {
  const before = (now: number) => now + ANSWER_MS - ALERT_MS;
  if ((await listUnalerted(ctx.store.read, before(ctx.now()))).length === 0) return 0;
  return decide(ctx, async ({ w, now, say }) => {
    let told = 0;
    const waiting = Map.groupBy(await listUnalerted(w, before(now)), (m) => m.pageId);
    for (const [pageId, mentions] of waiting) {
      const last = await findLastAlertOn(w, pageId, 'mention');
      // A clock that jumped back keeps nobody waiting.
      if (last !== null && now >= last && now - last < TOGETHER_MS) continue;
      const [first] = mentions;
      const who = mentions.length === 1 ? `${first?.authorHandle} has` : `${mentions.length} people have`;
      await insertAlert(w, {
        id: ctx.newId(),
        pageId,
        kind: 'mention',
        message: `${who} waited ${ALERT_MS / 60_000} minutes for an answer. ${ctx.deskUrl ?? ''}/desk/inbox`,
        raisedAt: now,
      });
      for (const m of mentions) await changeMention(w, m.id, { alertedAt: now });
      await say({ pageId, kind: 'alert.mention', public: false, incidentId: null, updateId: null });
      told += mentions.length;
    }
    return told;
  });
}
