import type { Promised } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { isLate } from '../../domain/promise.ts';
import type { CountdownView, TimeView } from '../../templates/desk-views.ts';
import {
  clock,
  clockAndDay,
  duration,
  isoDay,
  type Place,
  shortDay,
  zoneName,
} from '../../templates/format.ts';

/** Moments as the desk shows them: in the page's zone, and always with its name. The desk speaks English. */

export const placeOf = (page: Pick<Page, 'timeZone'> | undefined): Place => ({
  language: 'en',
  timeZone: page?.timeZone ?? 'UTC',
});

/** "14:40 UTC" today, "24 Nov, 14:40 UTC" on any other day. */
export const moment = (at: number, now: number, place: Place): TimeView => ({
  iso: new Date(at).toISOString(),
  text: `${clockAndDay(at, now, place)} ${zoneName(at, place)}`,
});

/** "14:40:07 UTC". */
export const toTheSecond = (at: number, place: Place): TimeView => ({
  iso: new Date(at).toISOString(),
  text: `${clock(at, place)}:${new Date(at).toISOString().slice(17, 19)} ${zoneName(at, place)}`,
});

/** "today", "tomorrow" or "29 Nov". */
export function dayWord(at: number, now: number, place: Place): string {
  const day = isoDay(at, place.timeZone);
  if (day === isoDay(now, place.timeZone)) return 'today';
  if (day === isoDay(now + 86_400_000, place.timeZone)) return `tomorrow, ${shortDay(at, place)}`;
  return shortDay(at, place);
}

const two = (n: number) => String(n).padStart(2, '0');

/** "08:42", "1:28:42", "3 days". */
export function remaining(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const hours = Math.floor(seconds / 3_600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds % 60)}`;
}

export function countdown(
  promise: Pick<Promised, 'dueAt' | 'state'>,
  now: number,
  place: Place,
): CountdownView {
  const late = isLate(promise, now);
  return {
    until: promise.dueAt,
    text: late ? `${duration(now - promise.dueAt, 'en')} late` : remaining(promise.dueAt - now),
    late,
    by: `by ${moment(promise.dueAt, now, place).text}`,
  };
}

/** "12 s", "3 min", "1 hr 24 min". */
export const age = (ms: number): string => duration(ms, 'en').replace(' sec', ' s');
