import { changeIncident, changeUpdate, type Incident, type Update } from '../../../db/queries/incidents.ts';
import {
  listApprovedPlanned,
  listOpenMaintenance,
  listPlanned,
  listTouched,
} from '../../../db/queries/maintenance.ts';
import { listComponents } from '../../../db/queries/pages.ts';
import { listRenditions, type Rendition, replaceRenditions } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { invalid } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { moveUpdate } from '../../domain/update.ts';
import { takesBack } from '../../domain/versions.ts';
import { isStillMeant, narrow } from '../../domain/window.ts';
import type { ComponentStatus, IncidentStatus } from '../../domain/words.ts';
import { wrongVersions } from '../amend/places.ts';
import type { Ctx, Decision } from '../context.ts';
import { approvalHash, type Refusal, type Rendering } from '../renditions.ts';

/**
 * Words of planned work that are written beforehand: reminders, start, end. They are updates of the same incident that
 * hang on their announcement. Its approval covers them in one hash; once it is published they wait, approved, for
 * their time. Nobody has to be awake, and nothing goes out that nobody read.
 */
export interface PlannedWords {
  update: Update;
  renditions: readonly Rendition[];
}

/** What hangs on an announcement and has not been published or taken back. */
export async function readPlanned(r: Reader, announcement: Update): Promise<PlannedWords[]> {
  if (announcement.plannedOf !== null) return [];
  const updates = (await listPlanned(r, announcement.id)).filter((u) => u.state === 'draft');
  const out: PlannedWords[] = [];
  for (const update of updates) out.push({ update, renditions: await listRenditions(r, update.id) });
  return out;
}

interface Tried {
  rendered: Rendering[];
  refused: Refusal[];
  blocked: { field: string; message: string }[];
}

/** Renders what hangs on an announcement, as it will read at its time; throws `invalid` when it could not be sent. */
export async function preparePlanned(
  ctx: Ctx,
  { w, now }: Decision,
  announcement: Update,
  tryOut: (update: Update, at: number) => Promise<Tried>,
): Promise<PlannedWords[]> {
  const out: PlannedWords[] = [];
  for (const { update } of await readPlanned(w, announcement)) {
    const child: Update = {
      ...update,
      class: announcement.class,
      language: announcement.language,
      // Chosen for the page only, it stays so; else it goes where its announcement goes.
      connectionIds: update.connectionIds?.length === 0 ? [] : announcement.connectionIds,
      authorIds: [...new Set([...update.authorIds, ...announcement.authorIds])],
    };
    const { rendered, refused, blocked } = await tryOut(child, Math.max(now, child.publishAt ?? now));
    const wrong = blocked[0]?.message ?? refused[0]?.message;
    if (wrong !== undefined)
      throw invalid(
        `planned.${child.plannedAs}`,
        `In the words planned for later (${child.plannedAs}): ${wrong}`,
      );
    const renditions = rendered.map(({ rendition }) => ({
      ...rendition,
      id: ctx.newId(),
      frozenAt: null,
      createdAt: now,
    }));
    await replaceRenditions(w, child.id, renditions);
    const kept = await changeUpdate(w, update, {
      class: child.class,
      language: child.language,
      connectionIds: child.connectionIds,
      authorIds: child.authorIds,
      updatedAt: now,
    });
    out.push({ update: kept, renditions });
  }
  return out;
}

/**
 * What the publication of an update means for planned words: an announcement with words of its own replaces the plan
 * before it, and what no longer says anything new is taken back. In the transaction of the publication.
 */
export async function followPlan(
  ctx: Ctx,
  d: Decision,
  update: Update,
  status: IncidentStatus,
  incident: Incident,
): Promise<void> {
  const { w, now } = d;
  const own = await readPlanned(w, update);
  // Words that were approved with an announcement are taken back with it.
  const unsaid = takesBack(update.amends) ? await wrongVersions(w, update) : [];
  let dropped = 0;
  for (const old of await listApprovedPlanned(w, incident.id)) {
    if (old.id === update.id) continue;
    const replaced = own.length > 0 && old.plannedOf !== update.id;
    const meant = isStillMeant({ as: old.plannedAs ?? 'end', status: old.status }, status);
    const takenBack = unsaid.includes(old.plannedOf ?? '');
    if (meant && !replaced && !takenBack) continue;
    dropped += takenBack ? 1 : 0;
    await dropPlanned(
      ctx,
      d,
      old,
      takenBack
        ? 'Its announcement was taken back.'
        : replaced
          ? 'A newer plan took its place.'
          : 'It was no longer needed.',
    );
  }
  const kept: Update[] = [];
  for (const { update: child, renditions } of own) {
    if (!isStillMeant({ as: child.plannedAs ?? 'end', status: child.status }, status)) continue;
    kept.push(
      await changeUpdate(w, child, {
        // Asked for and answered with the announcement: its hash covered them.
        state: moveUpdate(moveUpdate(child.state, 'request'), 'approve'),
        hash: approvalHash(incident, child, renditions),
        requestedBy: update.requestedBy,
        requestedAt: update.requestedAt,
        approvedAt: now,
        releaseAt: child.publishAt,
        updatedAt: now,
      }),
    );
  }
  const from = update.scheduledFor ?? incident.scheduledFor;
  const by = (as: string) => kept.some((u) => u.plannedAs === as && u.publishAt !== null);
  const ended = isEnded(status);
  await changeIncident(w, incident.id, {
    scheduledFor: from,
    scheduledUntil: update.scheduledUntil ?? incident.scheduledUntil,
    // Whoever publishes has seen to it: what is late from here on is told anew.
    overdueAt: null,
    ...(own.length === 0
      ? dropped === 0
        ? {}
        : { autoStart: false, autoEnd: false, reminders: [] }
      : {
          autoStart: by('start') || (incident.autoStart && status !== 'scheduled'),
          autoEnd: by('end'),
          reminders: kept
            .filter((u) => u.plannedAs === 'reminder' && u.publishAt !== null)
            .map((u) => (from ?? 0) - (u.publishAt ?? 0)),
        }),
    ...(update.plannedAs === 'reminder' ? { remindedAt: now } : {}),
    ...(ended ? {} : { updatedAt: now }),
  });
}

/** Takes planned words back: they will not be sent. */
export async function dropPlanned(ctx: Ctx, d: Decision, update: Update, reason: string): Promise<void> {
  const { w, now, say, account } = d;
  await changeUpdate(w, update, {
    state: moveUpdate(update.state, 'withdraw'),
    reason,
    releaseAt: null,
    updatedAt: now,
  });
  await say({
    pageId: update.pageId,
    kind: 'update.withdrawn',
    public: false,
    incidentId: update.incidentId,
    updateId: update.id,
    detail: { reason, planned: update.plannedAs },
  });
  await account({
    action: 'maintenance.drop',
    subjectKind: 'update',
    subjectId: update.id,
    detail: { reason, planned: update.plannedAs, by: ctx.actor.id },
  });
}

/** What planned words really do to components now; see `narrow`. */
export async function narrowed(r: Reader, update: Update): Promise<Record<string, ComponentStatus>> {
  const current = new Map((await listComponents(r, update.pageId)).map((c) => [c.id, c.status]));
  const busy = new Set<string>();
  for (const other of await listOpenMaintenance(r))
    if (other.id !== update.incidentId && other.pageId === update.pageId && other.status !== 'scheduled')
      for (const id of await listTouched(r, other.id)) busy.add(id);
  return narrow(update.components, current, busy);
}
