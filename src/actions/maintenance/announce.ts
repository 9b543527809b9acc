import { getIncident, type Update } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import type { Blocks } from '../../domain/words.ts';
import { fill } from '../../templates/format.ts';
import { plannedStrings } from '../../templates/strings/planned.ts';
import { type Ctx, mustBe } from '../context.ts';
import { draftUpdate, type UpdateWords } from '../draft-update.ts';
import { openIncident } from '../open-incident.ts';
import { currentPlan, type Plan, planWindow, times } from './plan-window.ts';

/** Announces planned work: the incident, its first words, and everything said by itself later, as one draft to approve. */
export async function announceMaintenance(
  ctx: Ctx,
  input: { pageId: string; title: string; blocks: Blocks; body?: string; connectionIds?: string[] | null },
  plan: Plan,
): Promise<Update> {
  const incident = await openIncident(ctx, {
    pageId: input.pageId,
    kind: 'maintenance',
    title: input.title,
    scheduledFor: plan.from,
    scheduledUntil: plan.until,
  });
  const draft = await draftUpdate(ctx, incident.id, {
    status: 'scheduled',
    blocks: input.blocks,
    body: input.body,
    connectionIds: input.connectionIds,
    nextUpdateBy: plan.from,
  });
  return planWindow(ctx, draft.id, draft.version, plan);
}

/**
 * Postpones work that has not begun, or extends work that has. The words are a draft like any other: the window moves
 * when they are approved and published, and until then nothing ends by itself that was not meant to. `more` replaces
 * what the plan until now says.
 */
export async function changeWindow(
  ctx: Ctx,
  incidentId: string,
  window: { from?: number | undefined; until: number; text?: string | undefined },
  more: Partial<Omit<Plan, 'from' | 'until'>> = {},
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const r = ctx.store.read;
  const incident = await getIncident(r, incidentId);
  const status = assertUnderWay(incident);
  const begun = status !== 'scheduled';
  const plan: Plan = { ...(await currentPlan(r, incident)), ...more, until: window.until };
  if (!begun) plan.from = window.from ?? plan.from;
  if (plan.until <= plan.from) throw invalid('scheduledUntil', 'The maintenance must end after it starts.');
  const page = await getPage(r, incident.pageId);
  const language = page.languages[0] ?? 'en';
  const s = plannedStrings(language);
  const values = { title: incident.title, ...times(plan, { language, timeZone: page.timeZone }) };
  const typed = window.text?.trim() ?? '';
  const draft = await draftUpdate(ctx, incidentId, {
    status,
    blocks: { known: typed === '' ? fill(begun ? s.longer : s.postponed, '', values) : typed },
    nextUpdateBy: begun ? plan.until : plan.from,
  });
  return planWindow(ctx, draft.id, draft.version, plan);
}

/** Starts the words that call planned work off. They are approved like any others. */
export async function cancelMaintenance(ctx: Ctx, incidentId: string, text = ''): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const r = ctx.store.read;
  const incident = await getIncident(r, incidentId);
  if (assertUnderWay(incident) !== 'scheduled')
    throw conflict('This work has begun, so it cannot be called off. Say that it has ended.');
  const page = await getPage(r, incident.pageId);
  const s = plannedStrings(page.languages[0] ?? 'en');
  const words: UpdateWords = {
    status: 'cancelled',
    blocks: { known: text.trim() === '' ? fill(s.cancelled, '', { title: incident.title }) : text.trim() },
  };
  return draftUpdate(ctx, incidentId, words);
}

function assertUnderWay(incident: { kind: string; status: Update['status'] | null }): Update['status'] {
  if (incident.kind !== 'maintenance' || incident.status === null)
    throw conflict('Only maintenance that has been announced can be changed. Edit its announcement.');
  if (isEnded(incident.status)) throw conflict('This maintenance is over.');
  return incident.status;
}
