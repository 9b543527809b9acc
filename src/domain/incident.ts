import { invalid } from './error.ts';
import {
  type ComponentStatus,
  IMPACTS,
  type Impact,
  type IncidentKind,
  type IncidentStatus,
} from './words.ts';

/** Statuses an update may give an incident of each kind, in the order they usually come. */
export const STATUSES_OF: Record<IncidentKind, readonly IncidentStatus[]> = {
  incident: ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem', 'false_alarm'],
  maintenance: ['scheduled', 'in_progress', 'verifying', 'completed', 'cancelled'],
};

const ENDED: readonly IncidentStatus[] = ['resolved', 'postmortem', 'completed', 'false_alarm', 'cancelled'];

/** An ended incident is history: it owes no next update. */
export const isEnded = (status: IncidentStatus): boolean => ENDED.includes(status);

export const firstStatus = (kind: IncidentKind): IncidentStatus =>
  kind === 'incident' ? 'investigating' : 'scheduled';

/**
 * Whether an update may take an incident from one status to another. Open statuses may go back and forth (a fix
 * that did not hold); an ended incident may be re-opened; a postmortem comes only after resolved, and nothing after
 * false_alarm or cancelled.
 */
export function mayBecome(kind: IncidentKind, from: IncidentStatus, to: IncidentStatus): boolean {
  if (!STATUSES_OF[kind].includes(to)) return false;
  if (from === 'false_alarm' || from === 'cancelled') return from === to;
  if (to === 'postmortem') return from === 'resolved' || from === 'postmortem';
  if (from === 'postmortem') return false;
  if (to === 'scheduled') return from === 'scheduled';
  if (to === 'cancelled') return from === 'scheduled';
  return true;
}

/** Throws with the statuses that are possible, so that the person can pick one. */
export function assertMayBecome(kind: IncidentKind, from: IncidentStatus, to: IncidentStatus): void {
  if (mayBecome(kind, from, to)) return;
  const allowed = STATUSES_OF[kind].filter((s) => mayBecome(kind, from, s));
  throw invalid(
    'status',
    `An incident that is "${from}" cannot become "${to}". Choose one of: ${allowed.join(', ')}.`,
  );
}

const IMPACT_OF: Record<ComponentStatus, Impact> = {
  operational: 'none',
  under_maintenance: 'maintenance',
  degraded_performance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
};

/** The worse of two impacts. An incident's grows with its updates and never shrinks: it says how bad it was. */
export const worseOf = (a: Impact, b: Impact): Impact => (IMPACTS.indexOf(b) > IMPACTS.indexOf(a) ? b : a);

/** The impact of the worst component change; `none` when no component is touched. */
export function impactOf(statuses: Iterable<ComponentStatus>): Impact {
  let worst: Impact = 'none';
  for (const status of statuses) worst = worseOf(worst, IMPACT_OF[status]);
  return worst;
}

export interface PageStatus {
  indicator: Impact;
  description: string;
}

/** The page's one-line verdict, by Statuspage's top-level rule, so that its clients read the same from us. */
export function pageStatus(statuses: readonly ComponentStatus[]): PageStatus {
  const count = (s: ComponentStatus) => statuses.filter((x) => x === s).length;
  const total = statuses.length;
  const major = count('major_outage');
  const partial = count('partial_outage');
  if (total > 0 && major === total) return { indicator: 'critical', description: 'Major Service Outage' };
  if (major > 0 || (total > 0 && partial === total))
    return { indicator: 'major', description: 'Partial System Outage' };
  if (partial > 0) return { indicator: 'minor', description: 'Minor Service Outage' };
  if (count('degraded_performance') > 0)
    return { indicator: 'minor', description: 'Partially Degraded Service' };
  if (count('under_maintenance') > 0)
    return { indicator: 'maintenance', description: 'Service Under Maintenance' };
  return { indicator: 'none', description: 'All Systems Operational' };
}
