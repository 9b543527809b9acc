import { type Place, safeUrl, safeWay, zoneName } from '../format.ts';
import { type PageWords, pageWords } from '../strings/page/words.ts';
import type { PageHead, PageLinks } from '../views.ts';

/** What every drawing function needs: whose page it is, its words, and the instant it is drawn at. */
export interface Drawing extends Place {
  page: PageHead;
  w: PageWords;
  /** The instant the words are true for; on a copy, when it was taken. */
  now: number;
  /** The instant the page is drawn at, by our clock. */
  realNow: number;
  /** Set when the page is an old copy. */
  copyOf: number | null;
}

export const drawing = (view: { page: PageHead; renderedAt: number; copyOf: number | null }): Drawing => ({
  page: {
    ...view.page,
    url: safeUrl(view.page.url),
    links: safeLinks(view.page.links),
    company: {
      homepage: safeWay(view.page.company.homepage),
      support: safeWay(view.page.company.support),
      contact: safeWay(view.page.company.contact),
    },
  },
  language: view.page.language,
  timeZone: view.page.timeZone,
  w: pageWords(view.page.language),
  now: view.copyOf ?? view.renderedAt,
  realNow: view.renderedAt,
  copyOf: view.copyOf,
});

/**
 * An address of one of this page's own pages as a path, in the language it is read in: a copy of the page on another
 * host leads to its own copies, not to the host that may be gone.
 */
export function ownPath(url: string, { page }: Drawing): string {
  const home = page.links.home === '/' ? '' : page.links.home;
  return safeUrl(url.startsWith(`${page.url}/`) ? `${home}${url.slice(page.url.length)}` : url);
}

/** An instant for `<time>`: what is printed, and what a machine reads. */
export interface Instant {
  text: string;
  iso: string;
}

export const instant = (at: number, text: string): Instant => ({ text, iso: new Date(at).toISOString() });
export const zone = (d: Drawing): string => zoneName(d.now, d);

const safeLinks = ({ ways, home, ...links }: PageLinks): PageLinks => {
  const safe = Object.entries(links).map(([name, url]) => [name, url === null ? null : safeUrl(url)]);
  return {
    ...(Object.fromEntries(safe) as Omit<PageLinks, 'ways' | 'home'>),
    home: safeUrl(home),
    subscribing:
      safe.find(([name]) => name === 'subscribing')?.[1] ?? (links.subscribe && safeUrl(links.subscribe)),
    ways: ways.map((way) => ({ ...way, url: safeUrl(way.url) })),
  };
};
