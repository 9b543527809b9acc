import { listFacts } from '../../../db/queries/facts.ts';
import {
  findIncident,
  getIncident,
  type Incident,
  listOpenIncidents,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import type { Mention } from '../../../db/queries/mentions.ts';
import { listMaps } from '../../../db/queries/message-maps.ts';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { lintFacts } from '../../domain/fact.ts';
import { lintAnswer, whySecond } from '../../domain/lint/answer.ts';
import type { Finding } from '../../domain/lint/lint.ts';
import { clockZone } from '../../templates/format.ts';
import { saidBy } from '../facts/ledger.ts';

export interface Checked {
  findings: Finding[];
  /** Why a second person must say yes; undefined when the one who writes may send it. */
  second: string | undefined;
}

/** Holds an answer to what is public: the ledger and newest words of its incident, or of all that are open. */
export async function checkAnswer(
  r: Reader,
  mention: Pick<Mention, 'pageId' | 'incidentId' | 'text'>,
  language: string,
  text: string,
): Promise<Checked> {
  const page = await getPage(r, mention.pageId);
  const incidents = await incidentsOf(r, mention);
  const newest = await newestWords(r, incidents);
  const facts = (await Promise.all(incidents.map((i) => listFacts(r, i.id)))).flat();
  const policy = page.policy.answers ?? {};
  const maps = (await listMaps(r, page.id)).filter((m) => m.clearedAt !== null);
  const approved = [
    ...newest.map(saidBy),
    ...newest.map((u) => promiseOf(u, page)),
    ...maps.flatMap((m) => m.messages.flatMap((x) => [x.text, ...x.supports])),
  ];
  return {
    findings: lintAnswer({
      text,
      language,
      asked: mention.text,
      said: incidents.length === 0 ? null : approved.join('\n'),
      facts: lintFacts(facts),
      officialHosts: [new URL(page.url).hostname, ...(page.settings.officialHosts ?? [])],
      grave: incidents.some((i) => i.grave),
      gateOpen: incidents.every((i) => i.gateAt !== null),
      policy,
    }),
    second: page.policy.solo || policy.second === false ? undefined : whySecond(text, approved),
  };
}

/** "Next update by 14:40 UTC.", as the page has it; empty where none is promised. */
export const promiseOf = (u: Update, page: Pick<Page, 'timeZone'>): string =>
  u.nextUpdateBy === null
    ? ''
    : `Next update by ${clockZone(u.nextUpdateBy, { language: 'en', timeZone: page.timeZone })}.`;

/** What it speaks of: the incident it was linked to, or all that the public may be asking about. */
export const incidentsOf = async (
  r: Reader,
  mention: Pick<Mention, 'pageId' | 'incidentId'>,
): Promise<Incident[]> =>
  mention.incidentId === null
    ? listOpenIncidents(r, mention.pageId)
    : [await getIncident(r, mention.incidentId)];

/** The newest words of each that still stand. */
export async function newestWords(r: Reader, incidents: readonly Incident[]): Promise<Update[]> {
  const published = (
    await listPublishedUpdates(
      r,
      incidents.map((i) => i.id),
    )
  ).filter((u) => u.state === 'published' || u.state === 'superseded');
  return incidents.flatMap((i) => published.findLast((u) => u.incidentId === i.id && !u.heartbeat) ?? []);
}

/** The incident whose page an answer sends people to: that is what they asked about. */
export async function incidentNamed(
  r: Reader,
  mention: Pick<Mention, 'pageId'>,
  text: string,
): Promise<string | undefined> {
  const { url } = await getPage(r, mention.pageId);
  const [, after = ''] = text.split(`${url}/incidents/`);
  const incident = await findIncident(r, /^\w*/.exec(after)?.[0] ?? '');
  return incident?.pageId === mention.pageId ? incident.id : undefined;
}
