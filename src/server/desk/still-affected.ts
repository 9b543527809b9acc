import type { Incident } from '../../../db/queries/incidents.ts';
import { countStillAffected } from '../../../db/queries/still-affected.ts';
import type { Reader } from '../../../db/store.ts';
import { count } from './words.ts';

/** What "lately" is: long enough to see whether a fix has reached people, ms. */
const LATELY_MS = 15 * 60_000;

/** Of each incident, how many pressed “I’m still affected” on the page, in a sentence; null where nobody did. */
export async function stillAffectedOf(
  r: Reader,
  incidents: readonly Pick<Incident, 'id' | 'stillAffected'>[],
  now: number,
): Promise<(incident: Pick<Incident, 'id'>) => { all: number; text: string } | null> {
  const counts = await countStillAffected(
    r,
    incidents.map((i) => i.id),
    now - LATELY_MS,
  );
  const before = new Map(incidents.map((i) => [i.id, i.stillAffected ?? 0]));
  return ({ id }) => {
    const { all, lately } = counts.get(id) ?? { all: 0, lately: 0 };
    const total = all + (before.get(id) ?? 0);
    if (total === 0) return null;
    const people = `${count(total, 'person', 'people')} on the page said they were still affected`;
    return { all: total, text: lately === 0 ? people : `${people}, ${lately} in the last 15 min` };
  };
}
