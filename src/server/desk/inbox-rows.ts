import { listAskedReplies, listOpenMentions } from '../../../db/queries/mentions.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { Answers } from '../../domain/answered.ts';
import { waiting } from '../../domain/mention.ts';
import type { AttentionRow } from '../../templates/desk-board-views.ts';
import type { Desk } from './frame.ts';
import { age } from './moments.ts';
import { span } from './report-plots.ts';
import { count } from './words.ts';

/** Whoever has waited for more than an hour, for the board; the first page of the inbox is enough to count. */
export async function overdueRows({ r, ports }: Desk, pages: readonly Page[]): Promise<AttentionRow[]> {
  const now = ports.base.now();
  const open = await listOpenMentions(
    r,
    1_000,
    pages.map((page) => page.id),
  );
  const late = open.filter((m) => waiting(m.dueAt, now) === 'overdue');
  const [first] = late;
  if (!first) return [];
  return [
    {
      state: { icon: 'late', tone: 'bad', word: 'Overdue' },
      what: `${count(late.length, 'person waits', 'people wait')} for an answer for more than an hour`,
      why: `The first, ${first.authorHandle}, wrote ${age(now - first.saidAt)} ago.`,
      href: '/desk/inbox',
      act: 'Answer',
      doneAction: null,
    },
  ];
}

/** Answers that wait for a second person's yes, for the board. */
export async function secondRows({ r, ports }: Desk, pages: readonly Page[]): Promise<AttentionRow[]> {
  const now = ports.base.now();
  const asked = (await listAskedReplies(r)).filter((x) => x.verdict === null);
  if (asked.length === 0) return [];
  const open = await listOpenMentions(
    r,
    1_000,
    pages.map((page) => page.id),
  );
  const mine = asked.filter((x) => open.some((m) => m.id === x.mentionId));
  const [first] = mine;
  if (!first) return [];
  return [
    {
      state: { icon: 'wait', tone: 'warn', word: 'Inbox' },
      what: `${count(mine.length, 'answer waits', 'answers wait')} for a second person`,
      why: `The first for ${age(now - (first.askedAt ?? now))}.`,
      href: '/desk/inbox',
      act: 'Read',
      doneAction: null,
    },
  ];
}

/** "19 of 20, median 08:20; 1 still waits". */
export function answersNote(a: Answers): string {
  const parts = [
    ...(a.n > 0
      ? [`${a.withinHour} of ${count(a.n, 'person', 'people')}`]
      : a.waiting === 0
        ? ['Nobody needed an answer.']
        : []),
    ...(a.medianMs === null ? [] : [`median ${span(a.medianMs)}`]),
    ...(a.waiting === 0 ? [] : [`${a.waiting} still ${a.waiting === 1 ? 'waits' : 'wait'}`]),
  ];
  return parts.join(', ');
}
