import { impactOf, worseOf } from './incident.ts';
import type { ComponentStatus, Impact, IncidentKind } from './words.ts';

/** How bad an incident is said to be, and what will be said of it with its next words. */
export interface Rated {
  kind: IncidentKind;
  impact: Impact;
  /** Set by a person; null is as the parts of the service say. */
  impactOverride: Impact | null;
  /** What the next words make of the override: null leaves it, `parts` gives it up. */
  impactNext: Impact | 'parts' | null;
}

/** The override that holds once the next words are public. */
export const overrideNext = (i: Omit<Rated, 'kind' | 'impact'>): Impact | null =>
  i.impactNext === null ? i.impactOverride : i.impactNext === 'parts' ? null : i.impactNext;

/**
 * What words that set parts to `statuses` make of the impact. `before` is what earlier words have said of parts: where
 * a person's rating is given up, the worst of all that was said counts again.
 */
export function rateWith(
  i: Rated,
  statuses: Iterable<ComponentStatus>,
  before: Iterable<ComponentStatus>,
): Impact {
  const override = overrideNext(i);
  if (override !== null) return override;
  const least = i.kind === 'maintenance' ? 'maintenance' : 'none';
  const sofar = i.impactOverride === null ? i.impact : worseOf(least, impactOf(before));
  return worseOf(sofar, impactOf(statuses));
}

/** Whether an update brings the public what a person says of how bad it is: a second person reads it, and it is news. */
export const bringsRating = (u: {
  amends: string | null;
  heartbeat: boolean;
  plannedOf: string | null;
}): boolean => u.amends === null && !u.heartbeat && u.plannedOf === null;

/** What is kept when a person rates an incident: at once before its first public words, and with the next ones after. */
export const rated = (
  i: Pick<Rated, 'impactOverride'> & { publishedAt: number | null },
  rating: Impact | null,
): Partial<Pick<Rated, 'impactOverride' | 'impactNext'>> =>
  i.publishedAt === null
    ? { impactOverride: rating }
    : { impactNext: rating === i.impactOverride ? null : (rating ?? 'parts') };

/** The rating that a yes to an update is a yes to; undefined when it brings none. */
export function ratingOf(
  i: Omit<Rated, 'impact'> & { publishedAt: number | null },
  update: Parameters<typeof bringsRating>[0],
): Impact | 'parts' | undefined {
  if (!bringsRating(update) || i.kind === 'maintenance') return undefined;
  return i.impactNext ?? (i.publishedAt === null ? (i.impactOverride ?? undefined) : undefined);
}
