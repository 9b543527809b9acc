import { changeTemplate, getTemplate, type Template } from '../../db/queries/templates.ts';
import { conflict } from '../domain/error.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** Ends the clearance of a text at once. What was drafted from it needs class B from now on. */
export async function revokeTemplate(ctx: Ctx, templateId: string): Promise<Template> {
  mustBe(ctx.actor, ['approver'], 'approve');
  return decide(ctx, async ({ w, now, account }) => {
    const template = await getTemplate(w, templateId);
    if (template.clearedAt === null) throw conflict('These words are not cleared.');
    const revoked = await changeTemplate(w, template, {
      clearedBy: null,
      clearedAt: null,
      clearedUntil: null,
      updatedAt: now,
    });
    await account({ action: 'template.revoke', subjectKind: 'template', subjectId: templateId });
    return revoked;
  });
}
