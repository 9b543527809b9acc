/** Instants as programs read them. All take milliseconds. */

const offsets = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();
const QUARTER = 15 * 60_000;

/** Offset of a zone from UTC at an instant, minutes. Zones change it only at quarters of an hour. */
function offsetOf(at: number, timeZone: string): number {
  if (isUtc(timeZone)) return 0;
  const key = `${timeZone} ${Math.floor(at / QUARTER)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(at).find((p) => p.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  if (offsets.size > 20_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

const isUtc = (timeZone: string): boolean => /^(?:etc\/)?(?:utc|uct|universal|zulu)$/i.test(timeZone);

const two = (n: number): string => String(n).padStart(2, '0');

function sign(minutes: number, colon: string): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`;
}

/** The local wall time as if it were UTC, to be formatted without a zone. */
const wall = (at: number, minutes: number): string => new Date(at + minutes * 60_000).toISOString();

/** "2014-05-14T14:22:39.441-06:00"; "…Z" for a page that keeps UTC. */
export function zonedMs(at: number, timeZone: string): string {
  const offset = offsetOf(at, timeZone);
  return `${wall(at, offset).slice(0, 23)}${isUtc(timeZone) ? 'Z' : sign(offset, ':')}`;
}

/** The same to the second, as feeds write it. */
export function zoned(at: number, timeZone: string): string {
  const offset = offsetOf(at, timeZone);
  return `${wall(at, offset).slice(0, 19)}${isUtc(timeZone) ? 'Z' : sign(offset, ':')}`;
}

/** As CAP 1.2 §3.2.1 wants it: always a number, and UTC is "-00:00". */
export function zonedNumeric(at: number, timeZone: string): string {
  const offset = offsetOf(at, timeZone);
  return `${wall(at, offset).slice(0, 19)}${isUtc(timeZone) ? '-00:00' : sign(offset, ':')}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "Wed, 24 Feb 2021 20:01:07 +0000" (RFC 822 with four digits of year, as RSS wants it). */
export function rfc822(at: number, timeZone: string): string {
  const offset = offsetOf(at, timeZone);
  const d = new Date(at + offset * 60_000);
  const date = `${DAYS[d.getUTCDay()]}, ${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  return `${date} ${d.toISOString().slice(11, 19)} ${sign(offset, '')}`;
}

/** "20210224T200107Z" (RFC 5545 §3.3.5, form 2). */
export const calendarUtc = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
