import type { Incident } from '../../../db/queries/incidents.ts';
import { countWork, type listDue, MOST_DUE } from '../../../db/queries/mentions.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { SOON_MS, waiting } from '../../domain/mention.ts';
import { countOver, foresee, type Staffing } from '../../domain/staffing.ts';
import type { StaffingView } from '../../templates/desk-inbox-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import type { Desk } from './frame.ts';
import { age, moment, placeOf } from './moments.ts';
import { count } from './words.ts';

const HOUR = 60 * 60_000;

type Due = Awaited<ReturnType<typeof listDue>>;

/** Whether enough people answer, in figures that anybody can check; null while nobody waits and nobody wrote. */
export async function staffingView(
  { r, ports }: Desk,
  pages: readonly Page[],
  due: Due,
): Promise<StaffingView | null> {
  const now = ports.base.now();
  const ids = pages.map((page) => page.id);
  const first = await countWork(r, ids, now - HOUR, now - 24 * HOUR);
  if (due.length === 0 && first.arrived === 0) return null;
  const overMs = countOver(first.firstAt, now);
  const { done, people } = overMs === HOUR ? first : await countWork(r, ids, now - overMs, now - 24 * HOUR);
  // Where it was quiet before, everybody who wrote did so since.
  const work = { arrived: first.arrived, done, people };
  const said = foresee({ ...work, due: due.map((m) => m.dueAt), overMs }, now);
  const oldest = Math.min(...due.map((m) => m.saidAt));
  return {
    state: stateOf(said, due.length, now),
    waits:
      due.length === 0
        ? 'Nobody waits.'
        : `${due.length >= MOST_DUE ? 'At least ' : ''}${count(due.length, 'person waits', 'people wait')}, the longest for ${age(now - oldest)}.`,
    pace: `In the last ${overMs === HOUR ? 'hour' : age(overMs)} ${work.arrived} wrote and ${work.done} were dealt with${work.people === 0 ? '' : `, by ${count(work.people, 'person', 'people')}`}.`,
    ahead: aheadOf(said, due.length, moment(said.missedAt ?? now, now, placeOf(pages[0])).text),
  };
}

function stateOf({ overdue, missedAt, short }: Staffing, n: number, now: number): StateView {
  if (short !== null && short > 0) return { icon: 'warn', tone: 'warn', word: `${short} short` };
  if (overdue > 0) return { icon: 'late', tone: 'bad', word: `${overdue} overdue` };
  if (missedAt === null) return { icon: 'ok', tone: 'good', word: n === 0 ? 'Nobody waits' : 'Enough' };
  return missedAt - now <= SOON_MS
    ? { icon: 'soon', tone: 'warn', word: 'Answer soon' }
    : { icon: 'time', tone: '', word: 'No rate yet' };
}

function aheadOf({ overdue, missedAt, short }: Staffing, n: number, when: string): string {
  if (missedAt === null) {
    if (n > 0 && overdue === n) return 'Their hour is over: answer them now.';
    return overdue === 0
      ? 'At this rate everybody is answered within the hour.'
      : 'At this rate everybody else is answered within the hour.';
  }
  if (short === null) return `The next hour runs out at ${when}.`;
  const help =
    short === 0
      ? 'Nobody who is called now would be in time: answer that one first.'
      : `${count(short, 'more person', 'more people')}, as quick as those now, would keep it.`;
  return `At this rate the next hour is missed at ${when}. ${help}`;
}

/** Who waits for an answer about an incident; where it is the only one that is open, those who did not say what about, too. */
export function unansweredOf(
  due: Due,
  i: Pick<Incident, 'id' | 'pageId'>,
  isOnly: boolean,
  now: number,
): StateView | null {
  const mine = due.filter(
    (m) => m.pageId === i.pageId && (m.incidentId === i.id || (isOnly && m.incidentId === null)),
  );
  const [first] = mine;
  if (!first) return null;
  const oldest = Math.min(...mine.map((m) => m.saidAt));
  const word = `${mine.length}, oldest ${age(now - oldest)}`;
  const urgent = waiting(first.dueAt, now);
  if (urgent === 'overdue') return { icon: 'late', tone: 'bad', word };
  return urgent === 'soon' ? { icon: 'soon', tone: 'warn', word } : { icon: 'time', tone: '', word };
}
