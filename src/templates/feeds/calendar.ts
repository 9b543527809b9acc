import { calendarUtc } from './instants.ts';
import { hostOf, incidentUrl, type ProgramModel, type ToldIncident } from './model.ts';
import { saidText, teller } from './words.ts';

/** Planned maintenance as an iCalendar (RFC 5545). Every time is UTC, so it needs no time zones of its own. */
export function calendar(model: ProgramModel): string {
  const { page } = model;
  const t = teller(model);
  const events = model.maintenance.flatMap((m) => eventOf(m, model));
  return lines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tocsin//Status//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    property('X-WR-CALNAME', `${page.name} · ${t.w.planned}`),
    property('NAME', `${page.name} · ${t.w.planned}`),
    'REFRESH-INTERVAL;VALUE=DURATION:PT15M',
    'X-PUBLISHED-TTL:PT15M',
    ...events,
    'END:VCALENDAR',
  ]);
}

function eventOf(m: ToldIncident, model: ProgramModel): string[] {
  const { page } = model;
  const { scheduledFor: from, scheduledUntil: to } = m;
  if (from === null || to === null) return [];
  const t = teller(model);
  const newest = m.updates[0];
  const parts = model.components.filter((c) => m.componentIds.includes(c.id)).map((c) => c.name);
  return [
    'BEGIN:VEVENT',
    property('UID', `${m.id}@${hostOf(page)}`),
    `DTSTAMP:${calendarUtc(m.updatedAt)}`,
    `CREATED:${calendarUtc(m.publishedAt)}`,
    `LAST-MODIFIED:${calendarUtc(m.updatedAt)}`,
    `SEQUENCE:${Math.max(0, m.updates.length - 1)}`,
    `DTSTART:${calendarUtc(from)}`,
    `DTEND:${calendarUtc(to)}`,
    property('SUMMARY', m.title),
    ...(newest ? [property('DESCRIPTION', `${saidText(newest, t)}\n\n${incidentUrl(page, m.id)}`)] : []),
    ...(parts.length > 0 ? [`CATEGORIES:${parts.map(inWords).join(',')}`] : []),
    `URL:${incidentUrl(page, m.id)}`,
    `STATUS:${m.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED'}`,
    // RFC 5545 knows no event that is under way; readers that know Statuspage's words find them here.
    `X-STATUS:${m.status.toUpperCase().replace('_', '-')}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

const property = (name: string, text: string): string => `${name}:${inWords(text)}`;

// Every kind of line end becomes \n in words (§3.3.11); other control characters have no place in a calendar.
const inWords = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\\;,]/g, (c) => `\\${c}`)
    .replace(/\r\n?|[\n\p{Zl}\p{Zp}]/gu, '\\n')
    .replace(/[^\P{Cc}\t]/gu, '');

const FOLD = 75;

/** Joined by CRLF, each folded after 75 octets and never inside a character (§3.1). */
const lines = (all: readonly string[]): string => `${all.map(fold).join('\r\n')}\r\n`;

function fold(line: string): string {
  if (Buffer.byteLength(line) <= FOLD) return line;
  const out: string[] = [];
  let part = '';
  let size = 0;
  for (const character of line) {
    const more = Buffer.byteLength(character);
    if (size + more > FOLD) {
      out.push(part);
      part = ' ';
      size = 1;
    }
    part += character;
    size += more;
  }
  return [...out, part].join('\r\n');
}
