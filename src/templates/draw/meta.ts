import type { IncidentNotice, PageView } from '../views.ts';
import type { NoticeModel } from './notice.ts';
import type { Drawing } from './place.ts';

/** What a page says of itself to programs that only look at its head: search engines, previews of links, readers. */
export interface MetaModel {
  title: string;
  description: string;
  /** Absolute, in this language. */
  url: string;
  siteName: string;
  kind: 'website' | 'article';
  locale: string;
  /** Absolute. */
  picture: string;
  feeds: readonly { type: string; title: string; url: string }[];
  oembed: { json: string; xml: string } | null;
  /** JSON-LD: a block of values that no browser runs. */
  ld: string;
}

export function pageMeta(view: PageView, notice: NoticeModel, d: Drawing): MetaModel {
  const [first] = view.incidents;
  const description = notice.lede.map((p) => p.text).join('');
  const self = here(d, '');
  return {
    ...common(notice.headline, description, self, d),
    kind: 'website',
    ld: embed({
      '@context': 'https://schema.org',
      '@type': 'WebPage',
      '@id': self,
      url: self,
      name: d.page.name,
      headline: notice.headline,
      ...(description === '' ? {} : { description }),
      inLanguage: d.language,
      dateModified: iso(first?.updatedAt ?? d.now),
      publisher: publisher(d),
      ...(first ? { mainEntity: { ...report(first, notice, d), url: first.url } } : {}),
    }),
  };
}

export function incidentMeta(incident: IncidentNotice, notice: NoticeModel, d: Drawing): MetaModel {
  const description = notice.lede.map((p) => p.text).join('');
  const self = here(d, `/incidents/${incident.id}`);
  return {
    ...common(notice.headline, description, self, d, incident.id),
    kind: 'article',
    ld: embed({
      '@context': 'https://schema.org',
      ...report(incident, notice, d),
      '@id': self,
      url: self,
      inLanguage: d.language,
      publisher: publisher(d),
      // What was taken back is not said again where nobody sees that it was.
      liveBlogUpdate: incident.timeline
        .filter((entry) => entry.retractedAt === null)
        .map((entry) => ({
          '@type': 'BlogPosting',
          '@id': `${self}#u-${entry.id}`,
          headline: entry.heading ?? d.w.phase[entry.status],
          datePublished: iso(entry.at),
          articleBody: entry.paragraphs.join('\n\n'),
        })),
    }),
  };
}

/** A page that is neither: the past. */
export function plainMeta(title: string, tail: string, d: Drawing): MetaModel {
  const self = here(d, tail);
  return {
    ...common(title, '', self, d),
    kind: 'website',
    ld: embed({
      '@context': 'https://schema.org',
      '@type': 'CollectionPage',
      '@id': self,
      url: self,
      name: title,
      inLanguage: d.language,
      publisher: publisher(d),
    }),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

const publisher = ({ page }: Drawing) => ({ '@type': 'Organization', name: page.name, url: page.url });

const report = (incident: IncidentNotice, notice: NoticeModel, d: Drawing) => ({
  '@type': 'LiveBlogPosting',
  headline: notice.headline,
  name: incident.title,
  author: publisher(d),
  datePublished: iso(incident.timeline.at(-1)?.at ?? incident.startedAt),
  dateModified: iso(incident.updatedAt),
  coverageStartTime: iso(incident.startedAt),
  ...(incident.endedAt === null ? {} : { coverageEndTime: iso(incident.endedAt) }),
});

/** Absolute address of a page or something below it, in this language. */
function here({ page }: Drawing, tail: string): string {
  const own = page.languages.find((l) => l.current)?.url;
  if (own === undefined || page.languages[0]?.current) return `${page.url}${tail}`;
  return absolute(own, page.url);
}

const absolute = (path: string, base: string): string =>
  URL.canParse(path, base) ? new URL(path, base).href : '';

function common(
  title: string,
  description: string,
  url: string,
  d: Drawing,
  of = '',
): Omit<MetaModel, 'kind' | 'ld'> {
  const { links, name } = d.page;
  const { atom, rss, jsonFeed, oembed, picture } = links;
  const feed = (type: string, at: string | null | undefined) =>
    at ? [{ type, title: `${name} · ${d.w.getEvery}`, url: at }] : [];
  const ask = (format: string) =>
    `${absolute(oembed ?? '', d.page.url)}?url=${encodeURIComponent(url)}&format=${format}`;
  // An incident keeps its own picture when the page has long been well again.
  const shown = of === '' ? picture : picture?.replace(/\.png$/, `/${of}.png`);
  return {
    title,
    description,
    url,
    siteName: name,
    locale: d.language.replace('-', '_'),
    picture: shown ? absolute(shown, d.page.url) : '',
    feeds: [
      ...feed('application/atom+xml', atom),
      ...feed('application/rss+xml', rss),
      ...feed('application/feed+json', jsonFeed),
    ],
    oembed: oembed ? { json: ask('json'), xml: ask('xml') } : null,
  };
}

/** JSON that may stand in a script element: nothing in it can end one, begin a comment, or look like markup. */
const embed = (value: object): string =>
  JSON.stringify(value).replace(
    /[<>&='\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
