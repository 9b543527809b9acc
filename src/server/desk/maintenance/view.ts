import { listConnections } from '../../../../db/queries/connections.ts';
import type { Incident, Update } from '../../../../db/queries/incidents.ts';
import { listApprovedPlanned } from '../../../../db/queries/maintenance.ts';
import type { Page } from '../../../../db/queries/pages.ts';
import { listRenditions } from '../../../../db/queries/words.ts';
import type { Reader } from '../../../../db/store.ts';
import { readPlanned } from '../../../actions/maintenance/planned.ts';
import { isEnded } from '../../../domain/incident.ts';
import { overdue } from '../../../domain/window.ts';
import type { PlannedAs } from '../../../domain/words.ts';
import type { PlannedPane, PlannedRow } from '../../../templates/desk-later-views.ts';
import { list } from '../../../templates/format.ts';
import { moment, placeOf } from '../moments.ts';
import { count, STATUS } from '../words.ts';

const WHAT: Record<PlannedAs, string> = { reminder: 'Reminder', start: 'Begins', end: 'Ends' };

/** What an approver says yes to besides the announcement: every text that goes out later, and when. */
export async function laterRows(r: Reader, update: Update, page: Page, now: number): Promise<PlannedRow[]> {
  return rowsOf(
    r,
    (await readPlanned(r, update)).map((x) => x.update),
    page,
    now,
  );
}

async function rowsOf(r: Reader, updates: readonly Update[], page: Page, now: number): Promise<PlannedRow[]> {
  const names = new Map((await listConnections(r, page.id)).map((c) => [c.id, c.name]));
  const rows: PlannedRow[] = [];
  for (const u of updates) {
    const to = (await listRenditions(r, u.id)).flatMap((x) => names.get(x.connectionId) ?? []);
    const at = u.state === 'approved' ? u.releaseAt : u.publishAt;
    rows.push({
      what: u.plannedAs === 'end' ? `${WHAT.end} (${STATUS[u.status]})` : WHAT[u.plannedAs ?? 'end'],
      when: at === null ? null : moment(at, now, placeOf(page)),
      text: u.blocks.known ?? u.body,
      to: to.length === 0 ? 'the page only' : `the page and ${count(new Set(to).size, 'network')}`,
      networks: list([...new Set(to)], 'en'),
    });
  }
  return rows;
}

/** What a person can do with planned work, and what it does by itself. Undefined when it is none. */
export async function plannedPane(
  r: Reader,
  incident: Incident,
  page: Page,
  updates: readonly Update[],
  mayWrite: boolean,
  now: number,
): Promise<PlannedPane | undefined> {
  if (incident.kind !== 'maintenance') return undefined;
  const waiting = await listApprovedPlanned(r, incident.id);
  const draft = updates.findLast(
    (u) => u.plannedOf === null && ['draft', 'returned', 'expired', 'withdrawn'].includes(u.state),
  );
  const { status } = incident;
  const open = status !== null && !isEnded(status);
  const late = overdue(incident, now);
  const planned = draft && (await readPlanned(r, draft)).length > 0;
  return {
    rows: await rowsOf(r, waiting, page, now),
    held: waiting.some((u) => u.publishAt !== null && u.releaseAt === null),
    overdue:
      late === null
        ? null
        : late === 'start'
          ? 'It was to begin by now. The page says that it has not begun yet.'
          : 'It was to end by now. The page says that it takes longer than planned.',
    mayWrite,
    base: `/desk/incidents/${incident.id}`,
    begin: status === 'scheduled' && waiting.some((u) => u.plannedAs === 'start'),
    end: open && status !== 'scheduled' && waiting.some((u) => u.plannedAs === 'end'),
    mayHold: waiting.some((u) => u.releaseAt !== null && u.plannedAs !== 'reminder'),
    open,
    begun: open && status !== 'scheduled',
    planHref: draft && (planned || status === null) ? `/desk/updates/${draft.id}/plan` : null,
  };
}
