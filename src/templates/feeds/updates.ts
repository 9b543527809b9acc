import { rss } from './history.ts';
import { rfc822, zoned } from './instants.ts';
import { remembered } from './memo.ts';
import {
  everything,
  hostOf,
  type ProgramModel,
  type ToldIncident,
  type ToldPicture,
  type ToldUpdate,
  updateUrl,
} from './model.ts';
import { around, htmlOf, saidParagraphs, saidText, type Teller, teller } from './words.ts';
import { el, escapeText, xmlDocument } from './xml.ts';

/** One entry per update, so that a reader that never looks at an entry twice misses nothing. Corrections revise theirs. */

const ENTRIES = 100;

interface Entry {
  incident: ToldIncident;
  update: ToldUpdate;
  /** For ever the same. */
  id: string;
  title: string;
  url: string;
  html: string;
  text: string;
}

function entriesOf(model: ProgramModel): Entry[] {
  const t = teller(model);
  return everything(model)
    .flatMap((incident) => incident.updates.map((update) => ({ incident, update })))
    .sort((a, b) => b.update.at - a.update.at || (a.update.id < b.update.id ? 1 : -1))
    .slice(0, ENTRIES)
    .map(({ incident, update }) => ({
      incident,
      update,
      id: `tag:${hostOf(model.page)},2005:Incident/${incident.id}/Update/${update.id}`,
      title: `${incident.title} · ${t.w.phase[update.status]}`,
      url: updateUrl(model.page, incident, update),
      ...bodyOf(update, t),
    }));
}

const bodyOf = remembered((update: ToldUpdate, t: Teller) => ({
  html: [
    ...saidParagraphs(update, t).map((p) => `<p>${htmlOf(p)}</p>`),
    ...update.pictures.map(imageOf),
    ...around(update, t).map((p) => `<p>${htmlOf(p)}</p>`),
  ].join(''),
  text: [saidText(update, t), ...update.pictures.map((p) => `[${p.alt}]`), ...around(update, t)].join('\n\n'),
}));

const imageOf = ({ url, width, height, alt }: ToldPicture): string =>
  `<p><img src="${escapeText(url)}" width="${width}" height="${height}" alt="${escapeText(alt)}" /></p>`;

const titleOf = (model: ProgramModel): string => `${model.page.name} · ${teller(model).w.getEvery}`;

/** RFC 4287. */
export function updatesAtom(model: ProgramModel): string {
  const { page } = model;
  return xmlDocument(
    el(
      'feed',
      { 'xml:lang': page.language, xmlns: 'http://www.w3.org/2005/Atom' },
      el('id', {}, `tag:${hostOf(page)},2005:${page.path}/updates`),
      el('link', { rel: 'alternate', type: 'text/html', href: page.url }),
      el('link', { rel: 'self', type: 'application/atom+xml', href: `${page.url}/updates.atom` }),
      el('title', {}, titleOf(model)),
      el('updated', {}, zoned(page.updatedAt, page.timeZone)),
      el('author', {}, el('name', {}, page.name)),
      ...entriesOf(model).map((e) =>
        el(
          'entry',
          { 'xml:lang': e.update.language },
          el('id', {}, e.id),
          el('published', {}, zoned(e.update.at, page.timeZone)),
          el('updated', {}, zoned(e.update.changedAt, page.timeZone)),
          el('link', { rel: 'alternate', type: 'text/html', href: e.url }),
          ...e.update.pictures.map((p) =>
            el('link', { rel: 'enclosure', type: p.type, length: String(p.size), href: p.url, title: p.alt }),
          ),
          el('title', {}, e.title),
          el('category', { term: e.update.status }),
          el('content', { type: 'html' }, e.html),
        ),
      ),
    ),
  );
}

/** RSS 2.0. The guid changes when words are put right, because that is the only thing RSS readers look at. */
export function updatesRss(model: ProgramModel): string {
  const { timeZone } = model.page;
  const items = entriesOf(model).map((e) => {
    const { at, changedAt, status } = e.update;
    return el(
      'item',
      {},
      el('title', {}, e.title),
      el('description', {}, e.html),
      el('category', {}, status),
      el('pubDate', {}, rfc822(changedAt, timeZone)),
      el('link', {}, e.url),
      // One is all that RSS has room for; all of them are in the description.
      ...e.update.pictures
        .slice(0, 1)
        .map((p) => el('enclosure', { url: p.url, length: String(p.size), type: p.type })),
      el('guid', { isPermaLink: 'false' }, changedAt > at ? `${e.id}/${changedAt}` : e.id),
    );
  });
  return rss(model, titleOf(model), 'updates.rss', items);
}

/** JSON Feed 1.1; `_tocsin` has what no other key has a place for. */
export function jsonFeed(model: ProgramModel): string {
  const { page } = model;
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: titleOf(model),
    home_page_url: page.url,
    feed_url: `${page.url}/feed.json`,
    language: page.language,
    authors: [{ name: page.name, url: page.url }],
    items: entriesOf(model).map(({ incident, update, ...e }) => ({
      id: e.id,
      url: e.url,
      title: e.title,
      content_html: e.html,
      content_text: e.text,
      date_published: zoned(update.at, page.timeZone),
      date_modified: zoned(update.changedAt, page.timeZone),
      language: update.language,
      tags: [incident.kind, update.status],
      ...(update.pictures.length === 0
        ? {}
        : {
            image: update.pictures[0]?.url,
            attachments: update.pictures.map((p) => ({
              url: p.url,
              mime_type: p.type,
              title: p.alt,
              size_in_bytes: p.size,
            })),
          }),
      _tocsin: {
        incident_id: incident.id,
        impact: incident.impact,
        next_update_by: update.nextBy === null ? null : zoned(update.nextBy, page.timeZone),
        retracted: update.retractedAt !== null,
      },
    })),
  });
}
