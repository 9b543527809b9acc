import { insertAlert } from '../../../db/queries/alerts.ts';
import {
  changeIncident,
  changeUpdate,
  getIncident,
  getUpdate,
  type Update,
} from '../../../db/queries/incidents.ts';
import { listApprovedPlanned, listOpenMaintenance } from '../../../db/queries/maintenance.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { conflict } from '../../domain/error.ts';
import { cameTooLate, overdue } from '../../domain/window.ts';
import type { PlannedAs } from '../../domain/words.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { release } from '../publish-update.ts';
import { sendBack, whyStale } from '../stale.ts';
import { dropPlanned } from './planned.ts';

/**
 * Says planned words whose time has come. Called by the timer, on every node: the transaction looks again, so each is
 * said once. Words that came due while nobody ran are said late, unless newer ones are due as well.
 */
export async function publishPlanned(ctx: Ctx, updateId: string): Promise<void> {
  await decide(ctx, async (d) => {
    const update = await getUpdate(d.w, updateId);
    if (update.state !== 'approved' || update.plannedAs === null || update.releaseAt === null)
      throw conflict('These words do not wait for their time any more.');
    if (update.releaseAt > d.now) throw conflict('Their time has not come.');
    const waiting = (await listApprovedPlanned(d.w, update.incidentId)).flatMap((u) =>
      u.id === update.id || u.releaseAt === null || u.plannedAs === null
        ? []
        : [{ as: u.plannedAs, at: u.releaseAt }],
    );
    const self = { as: update.plannedAs, at: update.releaseAt };
    if (cameTooLate(self, waiting, d.now)) {
      await dropPlanned(ctx, d, update, 'Its time passed while Tocsin was not running.');
      return undefined;
    }
    const incident = await getIncident(d.w, update.incidentId);
    const stale = await whyStale(d.w, update, incident);
    if (stale) return { refused: await sendBack(ctx, d, update, stale) };
    await release(ctx, d, update, incident, await getPage(d.w, update.pageId));
    return undefined;
  });
}

/** A person begins or ends the work now, with the words that were approved for it. */
export async function sayPlannedNow(ctx: Ctx, incidentId: string, as: 'start' | 'end'): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async (d) => {
    const update = (await listApprovedPlanned(d.w, incidentId)).find((u) => u.plannedAs === as);
    if (!update)
      throw conflict(`No approved words wait for the ${as} of this work. Write an update that says it.`);
    const incident = await getIncident(d.w, incidentId);
    if (as === 'end' && incident.status === 'scheduled')
      throw conflict('This work has not begun, so it cannot end. Begin it first, or call it off.');
    const stale = await whyStale(d.w, update, incident);
    if (stale) return { refused: await sendBack(ctx, d, update, stale) };
    return release(ctx, d, update, incident, await getPage(d.w, update.pageId));
  });
}

/**
 * Holds work: nothing begins or ends by itself until it is let go again. Needs no approval, because it says less. What
 * should have happened meanwhile is shown as overdue. Let go, what is due goes out at once.
 */
export async function holdMaintenance(ctx: Ctx, incidentId: string, hold: boolean): Promise<number> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async ({ w, now, say, account }) => {
    const incident = await getIncident(w, incidentId);
    const planned = (await listApprovedPlanned(w, incidentId)).filter((u) => u.publishAt !== null);
    const change = planned.filter((u) => (u.releaseAt === null) !== hold);
    for (const update of change)
      await changeUpdate(w, update, { releaseAt: hold ? null : update.publishAt, updatedAt: now });
    if (change.length === 0) return 0;
    const is = (as: PlannedAs) => !hold && planned.some((u) => u.plannedAs === as);
    await changeIncident(w, incidentId, {
      autoStart: incident.status === 'scheduled' ? is('start') : incident.autoStart,
      autoEnd: is('end'),
      updatedAt: now,
    });
    const kind = hold ? 'maintenance.held' : 'maintenance.let_go';
    await say({ pageId: incident.pageId, kind, public: false, incidentId, updateId: null });
    await account({
      action: kind,
      subjectKind: 'incident',
      subjectId: incidentId,
      detail: { planned: change.map((u) => u.plannedAs) },
    });
    return change.length;
  });
}

const LATE = {
  start: 'The planned start has passed, and nobody has said that the work began. The page says so.',
  end: 'The planned end has passed, and the work is not over. The page says that it takes longer than planned.',
} as const;

/** Tells the public and the house, once, that work did not begin or end at its time. Returns how many were told. */
export async function noteOverdue(ctx: Ctx): Promise<number> {
  const isNew = (i: Parameters<typeof overdue>[0] & { overdueAt: number | null }, now: number) =>
    i.overdueAt === null && overdue(i, now) !== null;
  if (!(await listOpenMaintenance(ctx.store.read)).some((i) => isNew(i, ctx.now()))) return 0;
  return decide(ctx, async ({ w, now, say, account }) => {
    let told = 0;
    for (const incident of await listOpenMaintenance(w)) {
      const what = overdue(incident, now);
      if (what === null || !isNew(incident, now)) continue;
      await changeIncident(w, incident.id, { overdueAt: now });
      await say({
        pageId: incident.pageId,
        kind: 'maintenance.overdue',
        public: true,
        incidentId: incident.id,
        updateId: null,
        detail: { what },
      });
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: incident.pageId,
        kind: 'maintenance',
        message: `${incident.title}: ${LATE[what]}`,
        raisedAt: now,
        incidentId: incident.id,
      });
      await account({
        action: 'maintenance.overdue',
        subjectKind: 'incident',
        subjectId: incident.id,
        detail: { what },
      });
      told += 1;
    }
    return told;
  });
}
