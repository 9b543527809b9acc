import { getIncident } from '../../db/queries/incidents.ts';
import { changeMap, getMap, insertMap, type MessageMap } from '../../db/queries/message-maps.ts';
import { getPage } from '../../db/queries/pages.ts';
import { invalid } from '../domain/error.ts';
import { assertOther } from '../domain/hands.ts';
import { checkMap, type MapMessage } from '../domain/message-map.ts';
import { checkText } from '../domain/update.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { writersOf } from './writers.ts';

/** Keeps what we say to one question. A change ends its clearance. `over` is the map and the version that was read. */
export async function saveMap(
  ctx: Ctx,
  input: { pageId: string; incidentId: string | null; question: string; messages: readonly MapMessage[] },
  over?: { id: string; version: number },
): Promise<MessageMap> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const question = input.question.trim();
  checkText('question', question, 200);
  const messages = input.messages
    .map((m) => ({ text: m.text.trim(), supports: m.supports.map((s) => s.trim()).filter((s) => s !== '') }))
    .filter((m) => m.text !== '');
  for (const m of messages) for (const text of [m.text, ...m.supports]) checkText('messages', text, 500);
  const block = checkMap(question, messages).find((f) => f.level === 'block');
  if (block) throw invalid(block.field, `${block.message} ${block.fix}`);
  return decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, input.pageId);
    if (input.incidentId !== null && (await getIncident(w, input.incidentId)).pageId !== page.id)
      throw invalid('incidentId', 'This incident is of another page.');
    const kept = {
      question,
      messages,
      incidentId: input.incidentId,
      authorId: ctx.actor.id,
      clearedBy: null,
      clearedAt: null,
      updatedAt: now,
    };
    let saved: MessageMap;
    if (over) {
      if ((await getMap(w, over.id)).pageId !== page.id)
        throw invalid('page', 'This map belongs to another page.');
      saved = await changeMap(w, over, kept);
    } else {
      saved = { ...kept, id: ctx.newId(), pageId: page.id, version: 1, createdAt: now };
      await insertMap(w, saved);
    }
    await account({
      action: 'message_map.save',
      subjectKind: 'message_map',
      subjectId: saved.id,
      detail: { question, version: saved.version },
    });
    return saved;
  });
}

/** Another person's yes to it: from then on helpers may answer with it. */
export async function clearMap(ctx: Ctx, mapId: string, version: number): Promise<MessageMap> {
  mustBe(ctx.actor, ['approver'], 'approve');
  return decide(ctx, async ({ w, now, account }) => {
    const map = await getMap(w, mapId);
    const page = await getPage(w, map.pageId);
    if (!page.policy.solo)
      assertOther(
        ctx.actor,
        [map.authorId, ...(await writersOf(w, 'message_map', { kind: 'message_map', id: mapId }))],
        'You wrote these messages, so another person must clear them.',
      );
    const cleared = await changeMap(
      w,
      { id: mapId, version },
      { clearedBy: ctx.actor.id, clearedAt: now, updatedAt: now },
    );
    await account({
      action: 'message_map.clear',
      subjectKind: 'message_map',
      subjectId: mapId,
      detail: { version: cleared.version },
    });
    return cleared;
  });
}
