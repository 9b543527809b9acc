import { clock } from '../format.ts';
import { clockTime } from '../time.ts';
import { rfc822, zoned } from './instants.ts';
import { remembered } from './memo.ts';
import { everything, hostOf, incidentUrl, type ProgramModel, type ToldIncident } from './model.ts';
import { htmlOf, label, saidParagraphs, type Teller, teller } from './words.ts';
import { el, escapeText, type Markup, xmlDocument } from './xml.ts';

/**
 * The history feeds as Statuspage has them, because programs look inside: one entry per incident, revised in place, its
 * updates as HTML in the very shape they search for. Readers that never look at an entry twice want `updates.ts`.
 */

const ENTRIES = 50;

export const feedTitle = ({ page }: ProgramModel): string =>
  `${page.name}${/status$/i.test(page.name) ? '' : ' Status'} - Incident History`;

/** RFC 4287. */
export function historyAtom(model: ProgramModel): string {
  const { page } = model;
  const host = hostOf(page);
  const entries = everything(model).slice(0, ENTRIES);
  return xmlDocument(
    el(
      'feed',
      { 'xml:lang': page.language, xmlns: 'http://www.w3.org/2005/Atom' },
      el('id', {}, `tag:${host},2005:${page.path}/history`),
      el('link', { rel: 'alternate', type: 'text/html', href: page.url }),
      el('link', { rel: 'self', type: 'application/atom+xml', href: `${page.url}/history.atom` }),
      el('title', {}, feedTitle(model)),
      el('updated', {}, zoned(page.updatedAt, page.timeZone)),
      el('author', {}, el('name', {}, page.name)),
      ...entries.map((incident) =>
        el(
          'entry',
          {},
          el('id', {}, `tag:${host},2005:Incident/${incident.id}`),
          el('published', {}, zoned(incident.publishedAt, page.timeZone)),
          el('updated', {}, zoned(incident.updatedAt, page.timeZone)),
          el('link', { rel: 'alternate', type: 'text/html', href: incidentUrl(page, incident.id) }),
          el('title', {}, incident.title),
          el('content', { type: 'html' }, storyHtml(incident, model)),
        ),
      ),
    ),
  );
}

/** RSS 2.0. An item's date moves with its newest words; its guid never does. */
export function historyRss(model: ProgramModel): string {
  const { page } = model;
  const items = everything(model)
    .slice(0, ENTRIES)
    .map((incident) => {
      const url = incidentUrl(page, incident.id);
      return el(
        'item',
        {},
        el('title', {}, incident.title),
        el('description', {}, storyHtml(incident, model)),
        el('pubDate', {}, rfc822(incident.updatedAt, page.timeZone)),
        el('link', {}, url),
        el('guid', {}, url),
      );
    });
  return rss(model, feedTitle(model), 'history.rss', items);
}

/** The channel around items of any kind. */
export function rss(model: ProgramModel, title: string, path: string, items: readonly Markup[]): string {
  const { page } = model;
  return xmlDocument(
    el(
      'rss',
      {
        version: '2.0',
        'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
        'xmlns:atom': 'http://www.w3.org/2005/Atom',
      },
      el(
        'channel',
        {},
        el('title', {}, title),
        el('link', {}, page.url),
        el('description', {}, title),
        el('language', {}, page.language),
        el('pubDate', {}, rfc822(page.updatedAt, page.timeZone)),
        el('atom:link', { rel: 'self', type: 'application/rss+xml', href: `${page.url}/${path}` }),
        ...items,
      ),
    ),
  );
}

/** Everything that was said in an incident, newest first, as one piece of HTML. */
const storyHtml = remembered((incident: ToldIncident, model: ProgramModel): string => {
  const t = teller(model);
  const told = incident.updates.map((u, i) => {
    const words = saidParagraphs(u, t).map(htmlOf).join('<br /><br />');
    const name = label(u.status, incident.updates[i + 1]?.status, t);
    return `<p><small>${stamp(u.at, t)}</small><br><strong>${escapeText(name)}</strong> - ${words}</p>`;
  });
  return `${windowHtml(incident, t)}${told.join('')}`;
});

/** "Feb 24, 20:01 UTC" with the parts a program reads marked. */
const stamp = (at: number, t: Teller): string => `${dateVar(at, t)}, ${clockVar(at, t)} ${zone(at, t)}`;

/** As people there call it, where there is such a name: "EST". */
const zone = (at: number, { language, timeZone }: Teller): string =>
  escapeText(clockTime(at, timeZone, language).replace(/^\S+ /, ''));

const clockVar = (at: number, t: Teller): string => `<var data-var='time'>${clock(at, t)}</var>`;

const formats = new Map<string, Intl.DateTimeFormat>();
function monthDay(language: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`;
  const known = formats.get(key);
  if (known) return known;
  const locale = language === 'en' ? 'en-US' : `${language}-u-nu-latn`;
  const made = new Intl.DateTimeFormat(locale, { timeZone, month: 'short', day: 'numeric' });
  formats.set(key, made);
  return made;
}

function dateVar(at: number, { language, timeZone }: Teller): string {
  const parts = monthDay(language, timeZone).formatToParts(at);
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${escapeText(of('month'))} <var data-var='date'>${of('day').padStart(2, ' ')}</var>`;
}

/** The times of planned work, for as long as it is not over. */
function windowHtml(incident: ToldIncident, t: Teller): string {
  const { scheduledFor: from, scheduledUntil: to } = incident;
  if (from === null || to === null || incident.resolvedAt !== null) return '';
  const sameDay = dateVar(from, t) === dateVar(to, t);
  const end = sameDay ? clockVar(to, t) : `${dateVar(to, t)}, ${clockVar(to, t)}`;
  const words = t.language === 'en' ? 'THIS IS A SCHEDULED EVENT' : escapeText(t.w.planned);
  return `<p><strong>${words} ${dateVar(from, t)}, ${clockVar(from, t)} - ${end} ${zone(to, t)}</strong></p>`;
}
