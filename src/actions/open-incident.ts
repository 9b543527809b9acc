import type { Incident } from '../../db/queries/incidents.ts';
import { insertIncident } from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { invalid } from '../domain/error.ts';
import { checkText, MAX_TITLE } from '../domain/update.ts';
import type { Impact, IncidentKind } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';

export interface NewIncident {
  pageId: string;
  kind?: IncidentKind | undefined;
  title: string;
  objective?: string | undefined;
  impactOverride?: Impact | null | undefined;
  grave?: boolean | undefined;
  /** When we noticed; defaults to now. Ms. */
  detectedAt?: number | undefined;
  /** When it began, as far as we know; defaults to `detectedAt`. Ms. */
  startedAt?: number | undefined;
  scheduledFor?: number | null | undefined;
  scheduledUntil?: number | null | undefined;
}

/** Opens an incident inside the house. The public learns of it with its first published update. */
export async function openIncident(ctx: Ctx, input: NewIncident): Promise<Incident> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const title = input.title.trim();
  if (title === '') throw invalid('title', 'Give the incident a title that customers would understand.');
  checkText('title', title, MAX_TITLE);
  checkText('objective', input.objective ?? '', 500);
  const kind = input.kind ?? 'incident';
  const scheduledFor = input.scheduledFor ?? null;
  const scheduledUntil = input.scheduledUntil ?? null;
  if (kind === 'maintenance') {
    if (scheduledFor === null || scheduledUntil === null)
      throw invalid('scheduledFor', 'Planned maintenance needs a start and an end time.');
    if (scheduledUntil <= scheduledFor)
      throw invalid('scheduledUntil', 'The maintenance must end after it starts. Set a later end.');
  } else if (scheduledFor !== null || scheduledUntil !== null)
    throw invalid('scheduledFor', 'Only maintenance can be scheduled. Set kind to "maintenance".');
  return decide(ctx, async ({ w, now, say, account }) => {
    const page = await getPage(w, input.pageId);
    const detectedAt = input.detectedAt ?? now;
    const startedAt = input.startedAt ?? detectedAt;
    for (const [field, at] of Object.entries({ detectedAt, startedAt }))
      if (at > now + 60_000) throw invalid(field, 'This time has not come yet.');
    const incident: Incident = {
      id: ctx.newId(),
      pageId: page.id,
      kind,
      title,
      objective: input.objective ?? '',
      ownerId: ctx.actor.kind === 'person' || ctx.actor.kind === 'token' ? ctx.actor.id : null,
      status: null,
      impact: kind === 'maintenance' ? 'maintenance' : 'none',
      impactOverride: input.impactOverride ?? null,
      impactNext: null,
      grave: input.grave ?? false,
      detectedAt,
      startedAt,
      scheduledFor,
      scheduledUntil,
      autoStart: false,
      autoEnd: false,
      reminders: null,
      remindedAt: null,
      overdueAt: null,
      publishedAt: null,
      monitoringAt: null,
      resolvedAt: null,
      stillAffected: null,
      gateAt: null,
      gateBy: null,
      gateNote: null,
      gateHow: null,
      gateWaiver: null,
      createdBy: ctx.actor.id,
      createdAt: now,
      updatedAt: now,
    };
    await insertIncident(w, incident);
    await say({
      pageId: page.id,
      kind: 'incident.opened',
      public: false,
      incidentId: incident.id,
      updateId: null,
    });
    await account({
      action: 'incident.open',
      subjectKind: 'incident',
      subjectId: incident.id,
      detail: { title, kind, detectedAt },
    });
    return incident;
  });
}
