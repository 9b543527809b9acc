import { listPublishedUpdates } from '../../db/queries/incidents.ts';
import { listComponents } from '../../db/queries/pages.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { announceMaintenance } from '../../src/actions/maintenance/announce.ts';
import type { Plan } from '../../src/actions/maintenance/plan-window.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { type House, MINUTE } from '../house.ts';

export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The timers of one node, beaten by hand alone: a slow machine's own beat would come between two steps of the story. */
export function openNode(house: House) {
  const reports: unknown[] = [];
  const { actor: _, ...base } = house.system;
  const timers = openTimers({ base, report: (error) => reports.push(error) });
  void timers.close();
  return { beat: timers.beat, reports, close: timers.close };
}

/** Two hours of work on the first part, in two days. */
export const planAt = (house: House, more: Partial<Plan> = {}): Plan => ({
  from: house.clock.now() + 2 * DAY,
  until: house.clock.now() + 2 * DAY + 2 * HOUR,
  components: [house.components[0]!.id],
  autoStart: true,
  autoEnd: true,
  endsAs: 'completed',
  reminders: [DAY, HOUR],
  ...more,
});

/** Work that the public has been told of, with everything that was approved along with it. */
export async function announce(house: House, more: Partial<Plan> = {}) {
  const draft = await announceMaintenance(
    house.ctx(house.author),
    {
      pageId: house.page.id,
      title: 'New database for payments',
      blocks: { known: 'We move payments to a new database.' },
    },
    planAt(house, more),
  );
  const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
  const announced = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
  return { announced, incidentId: announced.incidentId };
}

/** What the public was told, in order: what it was planned as, or the status. */
export const said = async (house: House, incidentId: string) =>
  (await listPublishedUpdates(house.store.read, [incidentId])).map((u) => u.plannedAs ?? u.status);

export const statusOf = async (house: House, at = 0) =>
  (await listComponents(house.store.read, house.page.id))[at]!.status;
