import { invalid } from '../../domain/error.ts';

/** Times as people type them: "14:40", "2026-11-29 02:00", or ISO 8601 with a zone. */

const parts = new Map<string, Intl.DateTimeFormat>();
function wallFormat(timeZone: string): Intl.DateTimeFormat {
  let made = parts.get(timeZone);
  if (!made) {
    made = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    parts.set(timeZone, made);
  }
  return made;
}

/** What clocks there show at an instant, as if it were UTC (ms). */
function wallOf(at: number, timeZone: string): number {
  const p = Object.fromEntries(
    wallFormat(timeZone)
      .formatToParts(at)
      .map((x) => [x.type, Number(x.value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
}

const DAY_MS = 86_400_000;

/**
 * The first and the last instant at which clocks there show this: twice the same but in the hour that comes twice when
 * clocks go back. A time that a change leaves out is read as the one after it.
 */
function atWall(wall: number, timeZone: string): [first: number, last: number] {
  const [early, late] = [wall - DAY_MS, wall + DAY_MS].map(
    (near) => wall - (wallOf(near, timeZone) - near),
  ) as [number, number];
  const fits = [early, late].filter((at) => wallOf(at, timeZone) === wall);
  return fits.length === 0 ? [early, early] : [Math.min(...fits), Math.max(...fits)];
}

/**
 * Reads a time a person typed, in ms. A bare time of day is the next one in `ahead` mode and the last one in `behind`
 * mode. Throws `invalid` on anything else; undefined when the field is empty.
 */
export function readTime(
  name: string,
  typed: string,
  timeZone: string,
  now: number,
  mode: 'ahead' | 'behind',
): number | undefined {
  const said = typed.trim();
  if (said === '') return undefined;
  const clock = /^(\d{1,2})[:.](\d{2})$/.exec(said);
  if (clock) {
    const [hour, minute] = [Number(clock[1]), Number(clock[2])];
    if (hour > 23 || minute > 59) throw noTime(name);
    const day = Math.floor(wallOf(now, timeZone) / DAY_MS) * DAY_MS;
    const on = (days: number) => atWall(day + days * DAY_MS + (hour * 60 + minute) * 60_000, timeZone);
    // The minute that is running counts as now, not as a day away.
    return mode === 'ahead'
      ? [...on(0), ...on(1)].find((at) => at > now - 60_000)
      : [...on(0), ...on(-1)].toSorted((x, y) => y - x).find((at) => at <= now + 60_000);
  }
  const local = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})$/.exec(said);
  if (local) {
    const [year, month, day, hour, minute] = local.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const wall = Date.UTC(year, month - 1, day, hour, minute);
    if (month > 12 || hour > 23 || minute > 59 || new Date(wall).getUTCDate() !== day) throw noTime(name);
    return atWall(wall, timeZone)[0];
  }
  const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i.test(said)
    ? Date.parse(said)
    : Number.NaN;
  if (Number.isNaN(iso)) throw noTime(name);
  return iso;
}

const noTime = (name: string) =>
  invalid(name, 'Write a time like 14:40, or with its day like 2026-11-29 02:00.');

/** "14:40" when that time of day, read again, means the same minute; else with its day, or in UTC where it comes twice. */
export function writeTime(at: number, timeZone: string, now: number): string {
  const wall = new Date(wallOf(at, timeZone)).toISOString();
  const ways = [wall.slice(11, 16), `${wall.slice(0, 10)} ${wall.slice(11, 16)}`];
  const minute = Math.floor(at / 60_000) * 60_000;
  return (
    ways.find((said) => readTime('', said, timeZone, now, 'ahead') === minute) ??
    `${new Date(at).toISOString().slice(0, 16)}Z`
  );
}
