import { listTemplates, type Template } from '../../db/queries/templates.ts';
import type { Ctx } from './context.ts';
import { saveTemplate } from './save-template.ts';
import { LIBRARY } from './template-library.ts';

/** Gives a page the texts that Tocsin ships, those it does not have by name. They wait to be cleared like any others. */
export async function addLibrary(ctx: Ctx, pageId: string): Promise<Template[]> {
  const has = new Set((await listTemplates(ctx.store.read, pageId)).map((x) => x.name));
  const added: Template[] = [];
  for (const words of LIBRARY) if (!has.has(words.name)) added.push(await saveTemplate(ctx, pageId, words));
  return added;
}
