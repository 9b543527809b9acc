import type { Update } from '../../db/queries/incidents.ts';
import { getIncident } from '../../db/queries/incidents.ts';
import { getTemplate } from '../../db/queries/templates.ts';
import { invalid } from '../domain/error.ts';
import type { Ctx } from './context.ts';
import { draftUpdate, type UpdateWords } from './draft-update.ts';
import { classOf, fillTemplate, type SlotValues, slotsOf } from './template-words.ts';

/**
 * Starts an update with the words of a template, its slots filled. It is of class A while the template is cleared
 * and about nothing graver; of the template's own class otherwise. Throws `invalid` that names the slot (`slots.since`).
 */
export async function draftFromTemplate(
  ctx: Ctx,
  incidentId: string,
  templateId: string,
  values: SlotValues,
  more: Pick<UpdateWords, 'nextUpdateBy' | 'components' | 'connectionIds'> = {},
): Promise<Update> {
  const r = ctx.store.read;
  const template = await getTemplate(r, templateId);
  const incident = await getIncident(r, incidentId);
  if (incident.pageId !== template.pageId)
    throw invalid('template', 'This template belongs to another page. Choose one of this page.');
  const { blocks } = fillTemplate(template, await slotsOf(r, template), values);
  return draftUpdate(
    ctx,
    incidentId,
    { ...more, blocks, status: template.status, class: classOf(template, ctx.now()) },
    template.id,
  );
}
