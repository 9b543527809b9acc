import type { IncidentStatus } from '../../domain/words.ts';
import { clockZone, dayAndClock, fill, linkify, list, type Place, zoneName } from '../format.ts';
import { type PageWords, pageWords } from '../strings/page/words.ts';
import type { ProgramModel, ToldUpdate } from './model.ts';
import { escapeText } from './xml.ts';

/** What was said, as feeds and calendars repeat it: in the page's language, as text and as HTML. */

export interface Teller extends Place {
  w: PageWords;
}

export const teller = ({ page }: ProgramModel): Teller => ({
  language: page.language,
  timeZone: page.timeZone,
  w: pageWords(page.language),
});

/** What must be known before the words are read: that they were taken back, or put right later. */
export function warning(update: ToldUpdate, t: Teller): string {
  const said =
    update.retractedAt !== null
      ? fill(t.w.retracted, when(update.retractedAt, t))
      : update.correctedAt === null
        ? ''
        : `${fill(t.w.corrected, when(update.correctedAt, t))}.`;
  return said === '' || update.note === '' ? said : `${said} ${update.note}`;
}

const when = (at: number, t: Teller): string => `${dayAndClock(at, t)} ${zoneName(at, t)}`;

/** The words as paragraphs, a warning first where one is due. */
export const saidParagraphs = (update: ToldUpdate, t: Teller): string[] =>
  [warning(update, t), ...update.paragraphs].filter((p) => p !== '');

/** The words as plain text. */
export const saidText = (update: ToldUpdate, t: Teller): string => saidParagraphs(update, t).join('\n\n');

/** "Affected: Shop - Payments." and "Next update by 14:40 UTC", where there is such a thing. */
export const around = (update: ToldUpdate, t: Teller): string[] => [
  ...(update.affected.length > 0
    ? [
        fill(
          t.w.affectedParts,
          list(
            update.affected.map((a) => `${a.name} (${t.w.status[a.to]})`),
            t.language,
          ),
        ),
      ]
    : []),
  ...(update.nextBy === null ? [] : [`${t.w.nextBy} ${clockZone(update.nextBy, t)}.`]),
];

/** Text as HTML: escaped, addresses as links, line ends as breaks. */
export const htmlOf = (text: string): string =>
  linkify(text)
    .map(({ text: shown, href }) =>
      href === null
        ? escapeText(shown).replace(/\n/g, '<br />')
        : `<a href="${escapeText(href)}">${escapeText(shown)}</a>`,
    )
    .join('');

// Programs that read the history look for these very words, whatever our own are.
const LABELS: Record<IncidentStatus, string> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  postmortem: 'Postmortem',
  scheduled: 'Scheduled',
  in_progress: 'In progress',
  verifying: 'Verifying',
  completed: 'Completed',
  false_alarm: 'Resolved',
  cancelled: 'Completed',
};

/** Label of an update in the history feeds. `before` is the status that stood until then. */
export function label(status: IncidentStatus, before: IncidentStatus | undefined, t: Teller): string {
  if (t.language !== 'en') return t.w.phase[status];
  return status === before ? 'Update' : LABELS[status];
}
