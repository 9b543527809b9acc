import { changePage, getPage } from '../../../db/queries/pages.ts';
import { conflict } from '../../domain/error.ts';
import { assertOther } from '../../domain/hands.ts';
import { checkHeartbeat, type Heartbeat } from '../../domain/heartbeat.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { writersOf } from '../writers.ts';

/** Writes the page's heartbeat. It waits for another person's yes before it can be used. */
export async function saveHeartbeat(
  ctx: Ctx,
  pageId: string,
  input: Pick<Heartbeat, 'words' | 'minutes' | 'auto'>,
): Promise<void> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const words = input.words.trim();
  checkText('words', words, 280);
  checkHeartbeat(words, input.minutes);
  await decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, pageId);
    const heartbeat: Heartbeat = {
      words,
      minutes: input.minutes,
      auto: input.auto,
      authorId: ctx.actor.id,
      clearedBy: null,
      clearedAt: null,
    };
    await changePage(w, pageId, { settings: { ...page.settings, heartbeat }, updatedAt: now });
    await account({
      action: 'heartbeat.save',
      subjectKind: 'page',
      subjectId: pageId,
      detail: { words, minutes: input.minutes, auto: input.auto },
    });
  });
}

/** Another person's yes to it, in peacetime. */
export async function clearHeartbeat(ctx: Ctx, pageId: string): Promise<void> {
  mustBe(ctx.actor, ['approver'], 'approve');
  await decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, pageId);
    const { heartbeat } = page.settings;
    if (!heartbeat) throw conflict('There is no heartbeat to clear.');
    if (heartbeat.clearedBy !== null) throw conflict('It is cleared already.');
    if (!page.policy.solo)
      assertOther(
        ctx.actor,
        [heartbeat.authorId, ...(await writersOf(w, 'heartbeat', { kind: 'page', id: pageId }))],
        'You wrote these words, so another person must clear them.',
      );
    await changePage(w, pageId, {
      settings: { ...page.settings, heartbeat: { ...heartbeat, clearedBy: ctx.actor.id, clearedAt: now } },
      updatedAt: now,
    });
    await account({
      action: 'heartbeat.clear',
      subjectKind: 'page',
      subjectId: pageId,
      detail: { words: heartbeat.words },
    });
  });
}
