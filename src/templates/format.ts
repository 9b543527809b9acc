/** Times, durations and texts as a reader meets them. Pure: language, zone and now come in. */

const cache = new Map<string, unknown>();
function once<T>(key: string, make: () => T): T {
  const found = cache.get(key);
  if (found !== undefined) return found as T;
  const made = make();
  cache.set(key, made);
  return made;
}

// Plain "en" would give American dates and a 12-hour clock; Latin digits keep hours equal to those in written text.
const dateLocale = (language: string) => (language === 'en' ? 'en-GB' : `${language}-u-nu-latn`);
const unitLocale = (language: string) => `${language}-u-nu-latn`;

const dates = (language: string, zone: string, options: Intl.DateTimeFormatOptions) =>
  once(
    `d ${language} ${zone} ${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(dateLocale(language), { timeZone: zone, ...options }),
  );

/** How a page writes times: its language and its IANA zone. */
export interface Place {
  language: string;
  timeZone: string;
}

/** "14:40", always on a 24-hour clock. */
export const clock = (at: number, { language, timeZone }: Place): string =>
  dates(language, timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/** The zone's short name at that instant: "UTC", "CET", "GMT+8". */
export function zoneName(at: number, { language, timeZone }: Place): string {
  const parts = dates(language, timeZone, { hour: '2-digit', timeZoneName: 'short' }).formatToParts(at);
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? timeZone;
}

/** "14:40 UTC". */
export const clockZone = (at: number, place: Place): string => `${clock(at, place)} ${zoneName(at, place)}`;

/** "24 November"; with its year when that is not this year. */
export function day(at: number, now: number, place: Place): string {
  const year = isoDay(at, place.timeZone).slice(0, 4) !== isoDay(now, place.timeZone).slice(0, 4);
  return dates(place.language, place.timeZone, {
    day: 'numeric',
    month: 'long',
    ...(year && { year: 'numeric' }),
  }).format(at);
}

/** "24 Nov". */
export const shortDay = (at: number, place: Place): string =>
  dates(place.language, place.timeZone, { day: 'numeric', month: 'short' }).format(at);

/** "Sunday 29 November, 02:00". */
export const dayAndClock = (at: number, place: Place): string =>
  `${dates(place.language, place.timeZone, { weekday: 'long', day: 'numeric', month: 'long' }).format(at)}, ${clock(at, place)}`;

/** "November 2026". */
export const month = (at: number, place: Place): string =>
  dates(place.language, place.timeZone, { month: 'long', year: 'numeric' }).format(at);

/** The calendar day in a zone: "2026-11-24". */
export const isoDay = (at: number, timeZone: string): string =>
  dates('en-CA', timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

/** "14:40" today, "24 Nov" any other day. */
export const clockOrDay = (at: number, now: number, place: Place): string =>
  isoDay(at, place.timeZone) === isoDay(now, place.timeZone) ? clock(at, place) : shortDay(at, place);

/** "14:40" today, "24 Nov, 14:40" any other day. */
export const clockAndDay = (at: number, now: number, place: Place): string =>
  isoDay(at, place.timeZone) === isoDay(now, place.timeZone)
    ? clock(at, place)
    : `${shortDay(at, place)}, ${clock(at, place)}`;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const unit = (language: string, name: 'second' | 'minute' | 'hour' | 'day', value: number, long = false) =>
  once(
    `u ${language} ${name} ${long}`,
    () =>
      new Intl.NumberFormat(unitLocale(language), {
        style: 'unit',
        unit: name,
        unitDisplay: long ? 'long' : 'short',
      }),
  ).format(value);

/** "45 sec", "17 min", "1 hr 24 min", "3 days": a length of time to its two largest units, cut, never rounded up. */
export function duration(ms: number, language: string): string {
  if (ms < MINUTE) return unit(language, 'second', Math.max(0, Math.floor(ms / 1000)));
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return unit(language, 'minute', minutes);
  const hours = Math.floor(ms / HOUR);
  if (hours < 24) return pair(language, unit(language, 'hour', hours), minutes % 60, 'minute');
  const days = Math.floor(ms / DAY);
  return days > 2
    ? unit(language, 'day', days, true)
    : pair(language, unit(language, 'day', days, true), hours % 24, 'hour');
}

function pair(language: string, first: string, rest: number, name: 'minute' | 'hour'): string {
  if (rest === 0) return first;
  const join = once(
    `l ${language}`,
    () => new Intl.ListFormat(unitLocale(language), { type: 'unit', style: 'narrow' }),
  );
  return join.format([first, unit(language, name, rest)]);
}

/** "2 min ago", in the language's own order. */
export function ago(ms: number, language: string): string {
  const relative = once(
    `r ${language}`,
    () => new Intl.RelativeTimeFormat(dateLocale(language), { style: 'short' }),
  );
  if (ms < MINUTE) return relative.format(-Math.max(0, Math.floor(ms / 1000)), 'second');
  if (ms < HOUR) return relative.format(-Math.floor(ms / MINUTE), 'minute');
  if (ms < DAY) return relative.format(-Math.floor(ms / HOUR), 'hour');
  return relative.format(-Math.floor(ms / DAY), 'day');
}

/** "99.89%": two decimals, cut rather than rounded, because 99.999 % is not 100 %. */
export function percent(share: number, language: string): string {
  const cut = Math.floor(Math.min(1, Math.max(0, share)) * 10_000 + 1e-7) / 10_000;
  return once(
    `p ${language} ${cut === 1}`,
    () =>
      new Intl.NumberFormat(unitLocale(language), {
        style: 'percent',
        minimumFractionDigits: cut === 1 ? 0 : 2,
        maximumFractionDigits: 2,
      }),
  ).format(cut);
}

/** "a, b and c". */
export const list = (items: readonly string[], language: string): string =>
  once(
    `a ${language}`,
    () => new Intl.ListFormat(dateLocale(language), { type: 'conjunction', style: 'long' }),
  ).format(items);

/** Puts values in the places a sentence names: `{}` takes `value`, `{name}` takes `more.name`. */
export const fill = (words: string, value: string | number, more: Record<string, string | number> = {}) =>
  words.replace(/\{(\w*)\}/g, (_, name: string) => String(name === '' ? value : (more[name] ?? '')));

/** The form of a word for a number, by the language's own rules. */
export function plural(
  forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>,
  n: number,
  language: string,
  more: Record<string, string | number> = {},
): string {
  const rule = once(`n ${language}`, () => new Intl.PluralRules(language)).select(n);
  return fill(forms[rule] ?? forms.other, n, { ...more, n });
}

/** A stretch of text, perhaps a link, perhaps struck through because it was wrong. */
export interface Piece {
  text: string;
  href: string | null;
  wrong: boolean;
}

const LINK = /https?:\/\/[^\s<>"'`“”«»]+/gi;
// A sentence's own punctuation is not part of the address it ends with.
const TRAILING = /[.,;:!?…)\]}'’]+$/u;

/**
 * Text with its http and https addresses told apart. No other scheme becomes a link, and an address with a name or a
 * password in it stays text, because it may show one host and go to another.
 */
export function linkify(text: string, wrong = false): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const plain = (to: number) => {
    if (to > from) pieces.push({ text: whole(text.slice(from, to)), href: null, wrong });
  };
  for (const match of text.matchAll(LINK)) {
    const shown = balanced(match[0]);
    const url = URL.canParse(shown) ? new URL(shown) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') continue;
    plain(match.index);
    pieces.push({ text: shown, href: url.href, wrong });
    from = match.index + shown.length;
  }
  plain(text.length);
  return pieces;
}

// A telephone number is read to somebody in one go, so it is not broken over two lines.
const whole = (text: string) =>
  text.replace(/\+\d[\d ]{6,}\d/g, (number) => number.replaceAll(' ', '\u00A0'));

// Keeps a closing bracket that the address itself opened, as in …/wiki/Bell_(instrument).
function balanced(raw: string): string {
  let shown = raw.replace(TRAILING, '');
  while (raw[shown.length] === ')' && count(shown, '(') > count(shown, ')')) shown += ')';
  return shown;
}
const count = (text: string, letter: string) => text.split(letter).length - 1;

/**
 * An address that may stand in a link: http, https, or a path on this site. Anything else becomes a link to nowhere, so
 * that no `javascript:` reaches a page whatever was stored.
 */
export const safeUrl = (url: string): string => (/^(https?:\/\/|\/(?![/\\])|[?#])/i.test(url) ? url : '#');

/** Mail addresses besides: whoever is to be reached may have nothing else. */
export const safeWay = (url: string | null): string | null =>
  url === null ? null : /^mailto:[^\s"'<>]+$/i.test(url) ? url : safeUrl(url);

/** Text as pieces, with the parts that were put right later marked wrong. */
export function pieces(text: string, wrong: readonly string[] = []): Piece[] {
  for (const part of wrong) {
    const at = part === '' ? -1 : text.indexOf(part);
    if (at < 0) continue;
    const rest = wrong.filter((p) => p !== part);
    return [
      ...pieces(text.slice(0, at), rest),
      ...linkify(part, true),
      ...pieces(text.slice(at + part.length), rest),
    ];
  }
  return linkify(text);
}
