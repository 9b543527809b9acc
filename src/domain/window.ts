import { invalid } from './error.ts';
import { isEnded } from './incident.ts';
import type { ComponentStatus, IncidentStatus, PlannedAs } from './words.ts';

/** Planned work: when it is, what is said of it by itself, and what is true when its time has passed. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Reminders that may be chosen, ms before the start. */
export const REMINDERS = [7 * DAY, 3 * DAY, DAY, 12 * 60 * MINUTE, 3 * 60 * MINUTE, 60 * MINUTE, 15 * MINUTE];
const LONGEST = 30 * DAY;

/** How long a check of the work may take before the next word is due, when it ends as "verifying", ms. */
export const VERIFYING_MS = 60 * MINUTE;

export interface Window {
  from: number;
  until: number;
}

/** Checks a window that is to be announced or changed; throws `invalid` that names the field and the fix. */
export function checkWindow({ from, until }: Window, now: number, begun: boolean): void {
  if (until <= from)
    throw invalid('scheduledUntil', 'The maintenance must end after it starts. Set a later end.');
  if (until - from > LONGEST)
    throw invalid('scheduledUntil', 'This is longer than 30 days. Plan it in parts that people can follow.');
  if (!begun && from <= now)
    throw invalid('scheduledFor', 'This start has passed. Set one in the future, or say that it has begun.');
  if (until <= now) throw invalid('scheduledUntil', 'This end has passed. Set one in the future.');
}

/** Reminders that make sense for a start at `from`: each once, longest first, none that would come at once. */
export function checkReminders(leads: readonly number[], from: number, now: number): number[] {
  for (const lead of leads)
    if (!REMINDERS.includes(lead))
      throw invalid('reminders', 'Choose among the reminders offered: from 7 days to 15 minutes before.');
  return [...new Set(leads)].filter((lead) => from - lead > now).sort((a, b) => b - a);
}

/** Whether words that were planned still say something new while the maintenance stands like this. */
export function isStillMeant(
  planned: { as: PlannedAs; status: IncidentStatus },
  status: IncidentStatus,
): boolean {
  if (isEnded(status)) return false;
  if (planned.as !== 'end') return status === 'scheduled';
  return status !== planned.status;
}

/**
 * Whether words whose time came while nobody could say them had better not be said any more: a reminder after the
 * start or beside a later one, a start when the end is due as well.
 */
export function cameTooLate(
  planned: { as: PlannedAs; at: number },
  others: readonly { as: PlannedAs; at: number }[],
  now: number,
): boolean {
  if (planned.as === 'end') return false;
  return others.some(
    (o) => o.at <= now && o.at > planned.at && (planned.as === 'reminder' || o.as === 'end'),
  );
}

/** What should have happened by now and has not: a minute of grace, as with promises. */
export function overdue(
  work: { status: IncidentStatus | null; scheduledFor: number | null; scheduledUntil: number | null },
  now: number,
): 'start' | 'end' | null {
  const { status, scheduledFor, scheduledUntil } = work;
  if (status === null || isEnded(status)) return null;
  if (status === 'scheduled') return scheduledFor !== null && now - scheduledFor >= MINUTE ? 'start' : null;
  return scheduledUntil !== null && now - scheduledUntil >= MINUTE ? 'end' : null;
}

/**
 * What a planned start or end really does to components: work never hides an outage that is already told, and its end
 * takes back only its own mark, not that of other work on the same part (`busy`).
 */
export function narrow(
  wanted: Readonly<Record<string, ComponentStatus>>,
  current: ReadonlyMap<string, ComponentStatus>,
  busy: ReadonlySet<string>,
): Record<string, ComponentStatus> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([id, to]) =>
      to === 'under_maintenance'
        ? current.get(id) === 'operational'
        : current.get(id) === 'under_maintenance' && !busy.has(id),
    ),
  );
}
