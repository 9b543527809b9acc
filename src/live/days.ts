import type { Component, ComponentChange } from '../../db/queries/pages.ts';
import type { ComponentStatus } from '../domain/words.ts';
import { isoDay } from '../templates/format.ts';
import type { DayView } from '../templates/views.ts';

/**
 * Ninety days of every component, kept up to date change by change: a rebuild reads only what is new and counts only
 * today, however much happened before.
 */

const DAY = 86_400_000;
export const DAYS = 90;

const RANK: readonly ComponentStatus[] = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];

/** A stretch in which a component was not operational. `to` is null while it lasts. */
interface Stretch {
  status: ComponentStatus;
  from: number;
  to: number | null;
}

/** Days that are over. */
interface Past {
  today: string;
  days: DayView[];
  knownMs: number;
  troubleMs: number;
}

export interface DayKeeper {
  /** Takes in changes, oldest first; one it has seen before is nothing new. */
  add(changes: readonly ComponentChange[]): void;
  /** From where changes must be read to miss none: a little before the newest one seen. */
  readFrom(now: number): number;
  /** Oldest day first. `uptime` is null before there is a moment to speak of. */
  daysOf(component: Component, now: number): { days: DayView[]; uptime: number | null };
}

/** Writers on several machines may date changes a little out of order. */
const OVERLAP = 120_000;

export function buildDayKeeper(timeZone: string): DayKeeper {
  const stretches = new Map<string, Stretch[]>();
  const pasts = new Map<string, Past>();
  /** Ids seen in the overlap, so that reading it twice counts once. */
  const recent = new Map<string, number>();
  let newest = 0;

  function take(change: ComponentChange): void {
    const list = stretches.get(change.componentId) ?? [];
    stretches.set(change.componentId, list);
    // The first change we ever see tells what was before it.
    if (list.length === 0 && change.fromStatus !== 'operational')
      list.push({ status: change.fromStatus, from: 0, to: null });
    const last = list.at(-1);
    if (last?.to === null) last.to = change.at;
    if (change.toStatus !== 'operational') list.push({ status: change.toStatus, from: change.at, to: null });
    const past = pasts.get(change.componentId);
    if (past && change.at < startOfDay(past.today, timeZone)) pasts.delete(change.componentId);
  }

  function oneDay(component: Component, date: string, now: number): DayView & { knownMs: number } {
    const born = component.startDate ?? isoDay(component.createdAt, timeZone);
    if (date < born) return { date, status: null, troubleMs: 0, knownMs: 0 };
    const start = startOfDay(date, timeZone);
    const end = Math.min(now, startOfDay(moveDay(date, 1), timeZone));
    let status: ComponentStatus = 'operational';
    let troubleMs = 0;
    const list = stretches.get(component.id) ?? forever(component);
    for (let k = list.length - 1; k >= 0; k -= 1) {
      const { status: was, from, to } = list[k]!;
      if ((to ?? now) <= start) break;
      if (from >= end) continue;
      if (RANK.indexOf(was) > RANK.indexOf(status)) status = was;
      troubleMs += Math.min(to ?? now, end) - Math.max(from, start);
    }
    return { date, status, troubleMs, knownMs: Math.max(0, end - start) };
  }

  function pastOf(component: Component, today: string): Past {
    const known = pasts.get(component.id);
    if (known?.today === today) return known;
    const dates = Array.from({ length: DAYS - 1 }, (_, i) => moveDay(today, i - DAYS + 1));
    const drawn = dates.map((date) => oneDay(component, date, startOfDay(today, timeZone)));
    const past: Past = {
      today,
      days: drawn.map(({ date, status, troubleMs }) => ({ date, status, troubleMs })),
      knownMs: drawn.reduce((sum, x) => sum + x.knownMs, 0),
      troubleMs: drawn.reduce((sum, x) => sum + countable(x), 0),
    };
    pasts.set(component.id, past);
    return past;
  }

  return {
    add(changes) {
      for (const change of changes) {
        if (recent.has(change.id)) continue;
        recent.set(change.id, change.at);
        newest = Math.max(newest, change.at);
        take(change);
      }
      for (const [id, at] of recent) if (at < newest - 2 * OVERLAP) recent.delete(id);
    },
    readFrom(now) {
      const floor = now - (DAYS + 1) * DAY;
      for (const list of stretches.values())
        while (list.length > 1 && (list[0]!.to ?? now) < floor) list.shift();
      return Math.max(floor, newest - OVERLAP);
    },
    daysOf(component, now) {
      const today = isoDay(now, timeZone);
      const past = pastOf(component, today);
      const last = oneDay(component, today, now);
      const knownMs = past.knownMs + last.knownMs;
      const { date, status, troubleMs } = last;
      return {
        days: [...past.days, { date, status, troubleMs }],
        uptime: knownMs > 0 ? Math.max(0, 1 - (past.troubleMs + countable(last)) / knownMs) : null,
      };
    },
  };
}

/** A status that has not changed in all the days we look back on. */
const forever = (c: Component): Stretch[] =>
  c.status === 'operational' ? [] : [{ status: c.status, from: 0, to: null }];

/** Announced work is not downtime. */
const countable = (day: DayView): number => (day.status === 'under_maintenance' ? 0 : day.troubleMs);

/** The calendar day `n` days after "2026-11-24". */
const moveDay = (date: string, n: number): string =>
  new Date(Date.parse(`${date}T12:00:00Z`) + n * DAY).toISOString().slice(0, 10);

const starts = new Map<string, number>();

/** The instant a calendar day begins in a zone, summer time included. */
export function startOfDay(date: string, timeZone: string): number {
  const key = `${timeZone} ${date}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Zones reach from UTC-12 to UTC+14; the first instant that carries the date is found by halving.
  let before = midnight - 15 * 3_600_000;
  let after = midnight + 13 * 3_600_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (isoDay(middle, timeZone) >= date) after = middle;
    else before = middle;
  }
  if (starts.size > 2_000) starts.clear();
  starts.set(key, after);
  return after;
}
