import { getConnection } from '../../../db/queries/connections.ts';
import type { Mention } from '../../../db/queries/mentions.ts';
import { listMaps } from '../../../db/queries/message-maps.ts';
import { getPage } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { measure } from '../../templates/measure.ts';
import { incidentsOf, newestWords, promiseOf } from './check-answer.ts';

/** An answer to start from. */
export interface AnswerDraft {
  id: string;
  label: string;
  text: string;
}

/**
 * Answers to start from, made anew each time: the newest public words of what the message speaks of, with the promise
 * and the link, and every cleared message map. What does not fit the network is left out, the link last.
 */
export async function draftAnswers(
  r: Reader,
  mention: Pick<Mention, 'pageId' | 'incidentId' | 'connectionId'>,
  now: number,
): Promise<AnswerDraft[]> {
  const page = await getPage(r, mention.pageId);
  const { limits } = await getConnection(r, mention.connectionId);
  const max = limits.reply ?? limits.max;
  const incidents = await incidentsOf(r, mention);
  const newest = await newestWords(r, incidents);
  const fit = (pieces: readonly string[], link: string): string => {
    const kept = pieces.map((x) => x.trim()).filter((x) => x !== '');
    const whole = () => [...kept, link].filter((x) => x !== '').join(' ');
    while (kept.length > 0 && measure(whole(), { ...limits, max }) > max) kept.pop();
    return whole();
  };
  const linkOf = (incidentId: string) => `${page.url}/incidents/${incidentId}`;
  const words = newest.map((u) => {
    const incident = incidents.find((i) => i.id === u.incidentId);
    const next = (u.nextUpdateBy ?? 0) > now ? promiseOf(u, page) : '';
    const { care = '', known = '', action = '', doing = '' } = u.blocks;
    return {
      id: u.id,
      label: `Newest words: ${incident?.title ?? ''}`,
      text: fit(u.body === '' ? [known || care, action, next, doing] : [u.body, next], linkOf(u.incidentId)),
    };
  });
  const open = new Set(incidents.map((i) => i.id));
  const maps = (await listMaps(r, page.id))
    .filter((m) => m.clearedAt !== null && (m.incidentId === null || open.has(m.incidentId)))
    .map((m) => ({
      id: m.id,
      label: m.question,
      text: fit(
        m.messages.map((x) => x.text),
        newest[0] === undefined ? '' : linkOf(m.incidentId ?? newest[0].incidentId),
      ),
    }));
  return [...words, ...maps];
}
