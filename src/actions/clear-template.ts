import { getPage } from '../../db/queries/pages.ts';
import { changeTemplate, getTemplate, type Template } from '../../db/queries/templates.ts';
import { invalid } from '../domain/error.ts';
import { assertOther } from '../domain/hands.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { assertSaysEnough, lintTemplate, type NamedSlot, slotsOf } from './template-words.ts';
import { writersOf } from './writers.ts';

/** The longest that words stay cleared without being read again, ms. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * Clears a text in peacetime, until `until` (ms): from then on it goes out with one yes as long as only its slots are
 * filled. Its author cannot clear it, unless the page is run by one person. Refuses what would be blocked when sent.
 */
export async function clearTemplate(
  ctx: Ctx,
  templateId: string,
  version: number,
  until: number,
): Promise<Template> {
  mustBe(ctx.actor, ['approver'], 'approve');
  return decide(ctx, async ({ w, now, account }) => {
    const template = await getTemplate(w, templateId);
    const page = await getPage(w, template.pageId);
    if (!page.policy.solo)
      assertOther(
        ctx.actor,
        [template.authorId, ...(await writersOf(w, 'template', { kind: 'template', id: templateId }))],
        'You wrote these words, so another person must clear them.',
      );
    if (until <= now) throw invalid('until', 'The clearance must end in the future.');
    if (until - now > LONGEST_MS)
      throw invalid('until', 'Clear words for a year at most; then somebody should read them again.');
    assertSaysEnough(template);
    const slots = await slotsOf(w, template);
    const block = lintTemplate({ ...template, slots: template.slots as NamedSlot[] }, slots, page, now).find(
      (f) => f.level === 'block',
    );
    if (block) throw invalid(block.field.replace('blocks.', ''), `${block.message} ${block.fix}`);
    const cleared = await changeTemplate(
      w,
      { id: templateId, version },
      { clearedBy: ctx.actor.id, clearedAt: now, clearedUntil: until, updatedAt: now },
    );
    await account({
      action: 'template.clear',
      subjectKind: 'template',
      subjectId: templateId,
      detail: { version: cleared.version, until },
    });
    return cleared;
  });
}
