import { getPage } from '../../db/queries/pages.ts';
import { changeTemplate, getTemplate, insertTemplate, type Template } from '../../db/queries/templates.ts';
import { invalid } from '../domain/error.ts';
import { checkText, checkWords, MAX_TITLE } from '../domain/update.ts';
import type { Blocks } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { fillTemplate, sampleOf, slotsOf, type TemplateWords } from './template-words.ts';

/**
 * Keeps a text with slots for the hour when there is no time to write one. Whoever saves it is its author; a change
 * ends its clearance. `over` is the template and the version of it that was read; without it a new one is made.
 */
export async function saveTemplate(
  ctx: Ctx,
  pageId: string,
  words: TemplateWords,
  over?: { id: string; version: number },
): Promise<Template> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const name = words.name.trim();
  if (name === '') throw invalid('name', 'Give the template a name to find it by, like “Payment failure”.');
  checkText('name', name, 80);
  if (words.title.trim() === '') throw invalid('title', 'Give it the title its incidents will have.');
  checkText('title', words.title, MAX_TITLE);
  const blocks = Object.fromEntries(
    Object.entries(words.blocks)
      .map(([block, text]) => [block, text.trim()] as const)
      .filter(([, text]) => text !== ''),
  ) as Blocks;
  checkWords({ blocks, body: '' });
  if (words.class === 'A')
    throw invalid(
      'class',
      'Class A is what cleared words of class B become. Choose what the words are about.',
    );
  const names = words.slots.map((s) => s.name);
  if (new Set(names).size < names.length) throw invalid('slots', 'Two slots have the same name.');
  return decide(ctx, async ({ w, now, account }) => {
    const page = await getPage(w, pageId);
    const kept = {
      name,
      title: words.title.trim(),
      status: words.status,
      blocks,
      body: '',
      slots: [...words.slots],
      authorId: ctx.actor.id,
      class: words.class ?? null,
      clearedBy: null,
      clearedAt: null,
      clearedUntil: null,
      updatedAt: now,
    };
    const slots = await slotsOf(w, { pageId: page.id, slots: kept.slots });
    fillTemplate(kept, slots, Object.fromEntries(slots.map((s) => [s.name, sampleOf(s)])));
    let saved: Template;
    if (over) {
      const before = await getTemplate(w, over.id);
      if (before.pageId !== page.id) throw invalid('page', 'This template belongs to another page.');
      saved = await changeTemplate(w, over, kept);
    } else {
      saved = { ...kept, id: ctx.newId(), pageId: page.id, version: 1, createdAt: now };
      await insertTemplate(w, saved);
    }
    await account({
      action: 'template.save',
      subjectKind: 'template',
      subjectId: saved.id,
      detail: { name, version: saved.version },
    });
    return saved;
  });
}
