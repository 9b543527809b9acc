import type { CardModel } from '../../templates/card.ts';
import { componentBadge, pageBadge } from '../../templates/feeds/badge.ts';
import { calendar } from '../../templates/feeds/calendar.ts';
import { capAlert, capAtom, capKeys } from '../../templates/feeds/cap.ts';
import { embedFrame, embedIncident } from '../../templates/feeds/embed.ts';
import { historyAtom, historyRss } from '../../templates/feeds/history.ts';
import type { ProgramModel } from '../../templates/feeds/model.ts';
import { incidentCard, pageCard } from '../../templates/feeds/picture.ts';
import { READS, statuspageJson } from '../../templates/feeds/statuspage.ts';
import { jsonFeed, updatesAtom, updatesRss } from '../../templates/feeds/updates.ts';

/** Everything programs can read of a page, by its path below the page's own. */

export interface Entry {
  type: string;
  /**
   * After every event, for the first language; or when somebody asks, and after every event while people go on asking;
   * or, because it is slow to make, only when somebody asks.
   */
  made: 'at once' | 'when asked' | 'on request';
  /** Text, or a card that is still to be painted. */
  draw(model: ProgramModel): string | CardModel | undefined;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const ATOM = 'application/atom+xml; charset=utf-8';
const RSS = 'application/rss+xml; charset=utf-8';
const SVG = 'image/svg+xml; charset=utf-8';
const HTML = 'text/html; charset=utf-8';

const atOnce = (type: string, draw: Entry['draw']): Entry => ({ type, made: 'at once', draw });

const FIXED: Record<string, Entry> = {
  ...Object.fromEntries(
    READS.map((read) => [`api/v2/${read}.json`, atOnce(JSON_TYPE, (m) => statuspageJson(m, read))]),
  ),
  'history.atom': atOnce(ATOM, historyAtom),
  'history.rss': atOnce(RSS, historyRss),
  'updates.atom': atOnce(ATOM, updatesAtom),
  'updates.rss': atOnce(RSS, updatesRss),
  'feed.json': atOnce('application/feed+json; charset=utf-8', jsonFeed),
  'maintenance.ics': atOnce('text/calendar; charset=utf-8', calendar),
  'cap.atom': atOnce(ATOM, capAtom),
  'badge.svg': atOnce(SVG, pageBadge),
  'embed/frame': atOnce(HTML, embedFrame),
  'og.png': { type: 'image/png', made: 'on request', draw: pageCard },
};

/** Families: a prefix, an ending, and what the id between them picks. */
const FAMILIES: readonly {
  prefix: string;
  suffix: string;
  type: string;
  draw(model: ProgramModel, id: string): string | CardModel | undefined;
  ids(model: ProgramModel): readonly string[];
}[] = [
  {
    prefix: 'badge/',
    suffix: '.svg',
    type: SVG,
    draw: componentBadge,
    ids: (m) => m.components.map((c) => c.id),
  },
  {
    prefix: 'cap/',
    suffix: '.xml',
    type: 'application/cap+xml; charset=utf-8',
    draw: capAlert,
    ids: capKeys,
  },
  {
    prefix: 'og/',
    suffix: '.png',
    type: 'image/png',
    draw: incidentCard,
    ids: (m) => [...m.incidents, ...m.maintenance].map((i) => i.id),
  },
  {
    prefix: 'embed/incidents/',
    suffix: '',
    type: HTML,
    draw: embedIncident,
    ids: (m) => [...m.incidents, ...m.maintenance].map((i) => i.id),
  },
];

export const AT_ONCE: readonly string[] = Object.keys(FIXED).filter(
  (path) => FIXED[path]!.made === 'at once',
);

/** What stands at a path; undefined when nothing ever does. */
export function entryAt(path: string): Entry | undefined {
  if (Object.hasOwn(FIXED, path)) return FIXED[path];
  for (const { prefix, suffix, type, draw } of FAMILIES) {
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue;
    const id = path.slice(prefix.length, path.length - suffix.length);
    if (/^[0-9a-z-]{1,60}$/.test(id)) {
      const made = type === 'image/png' ? 'on request' : 'when asked';
      return { type, made, draw: (model) => draw(model, id) };
    }
  }
  return undefined;
}

/** Every path of a page: what a static copy of it has. */
export const pathsOf = (model: ProgramModel): string[] => [
  ...Object.keys(FIXED),
  ...FAMILIES.flatMap(({ prefix, suffix, ids }) => ids(model).map((id) => `${prefix}${id}${suffix}`)),
];
