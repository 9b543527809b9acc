/** Times and dates as people read them: 24 hours, Latin digits in every language, always with the zone. */

// CLDR gives an English abbreviation only in the countries that use it: IST in en-IN, CET in en-GB, EST in en-US.
const ENGLISHES = ['en-GB', 'en-US', 'en-IN', 'en-AU', 'en-SG', 'en-ZA'];

const formats = new Map<string, Intl.DateTimeFormat>();
function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language, { ...options, numberingSystem: 'latn' });
  formats.set(key, made);
  return made;
}

function zoneName(language: string, timeZone: string, at: number): string {
  const tries = language === 'en' ? ENGLISHES : [language];
  const names = tries.map(
    (tag) =>
      format(tag, { timeZone, timeZoneName: 'short' })
        .formatToParts(at)
        .find((part) => part.type === 'timeZoneName')?.value ?? timeZone,
  );
  return names.find((name) => !/\d/.test(name)) ?? names[0] ?? timeZone;
}

/** "14:40 UTC". `language` is one of ours, such as "en" or "de"; `timeZone` an IANA name. */
export function clockTime(at: number, timeZone: string, language: string): string {
  const clock = format('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${clock.format(at)} ${zoneName(language, timeZone, at)}`;
}

/** "Friday 27 November". Without a year: nobody promises that far ahead. */
export const dayName = (at: number, timeZone: string, language: string): string =>
  format(language === 'en' ? 'en-GB' : language, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  }).format(at);

/** Whether two instants (ms) fall on the same calendar day there. */
export function isSameDay(a: number, b: number, timeZone: string): boolean {
  const day = format('en-GB', { timeZone, dateStyle: 'short' });
  return day.format(a) === day.format(b);
}
