import type { PageState } from './follow.ts';

/** Which page, in which language. */
export interface Place {
  pageId: string;
  language: string;
}

/** Which page a public path leads to, and under which host names it may be read. */
export interface Addresses {
  renewed(state: PageState): void;
  removed(state: PageState): void;
  /** A page by its slug and one of its languages, in that order, each optional. Undefined when a part is neither. */
  find(parts: readonly string[], host?: string): Place | undefined;
  /** The page that is meant where none is named: the host name's own, or else the first one. */
  first(host: string | undefined): PageState | undefined;
  /** Public address of the page that these parts name, when it stands under a host name of its own. */
  movedTo(parts: readonly string[]): string | undefined;
  isShownAt(state: PageState, host: string): boolean;
}

export function buildAddresses(): Addresses {
  let bySlug = new Map<string, PageState>();
  let byHost = new Map<string, PageState>();
  /** Places that were found, by their path. Forgotten whenever a page changes. */
  const places = new Map<string, Place>();

  function lookUp(all: readonly string[], own: PageState | undefined): Place | undefined {
    // `/p/eu` is `/eu` for whoever wants pages apart from languages.
    const parts = all[0] === 'p' && all.length > 1 && !bySlug.has('p') ? all.slice(1) : all;
    const [first, second] = parts;
    const found = first === undefined || first === '' || own ? undefined : bySlug.get(first);
    // Under another host name a page is found nowhere else: its links would lead astray.
    const named = found?.page.domain === null ? found : undefined;
    const state = own ?? named ?? bySlug.get('');
    const language = named ? second : first;
    const used = (named ? 1 : 0) + (language === undefined ? 0 : 1);
    if (!state || used !== parts.length) return undefined;
    const chosen = language ?? state.page.languages[0] ?? 'en';
    return state.topics.has(chosen) ? { pageId: state.page.id, language: chosen } : undefined;
  }

  const ownOf = (host: string | undefined) =>
    host === undefined ? undefined : byHost.get(host.toLowerCase());

  return {
    renewed(state) {
      const { slug, domain } = state.page;
      places.clear();
      bySlug = new Map([...bySlug].filter(([, s]) => s !== state)).set(slug, state);
      byHost = new Map([...byHost].filter(([, s]) => s !== state));
      if (domain !== null) byHost.set(domain, state);
    },
    removed({ page }) {
      places.clear();
      bySlug.delete(page.slug);
      if (page.domain !== null) byHost.delete(page.domain);
    },
    find(parts, host) {
      const own = byHost.size === 0 ? undefined : ownOf(host);
      const path = parts.length === 0 ? '' : parts.join('/');
      const key = own ? `${own.page.id}:${path}` : path;
      const known = places.get(key);
      if (known) return known;
      const found = lookUp(parts, own);
      // Only what is there is remembered, so that nobody can fill it with what is not.
      if (found) places.set(key, found);
      return found;
    },
    first: (host) => ownOf(host) ?? bySlug.get(''),
    movedTo(parts) {
      const page = bySlug.get((parts[0] === 'p' ? parts[1] : parts[0]) ?? '')?.page;
      return page?.domain == null || page.slug === '' ? undefined : page.url;
    },
    isShownAt(state, host) {
      const own = ownOf(host);
      return own ? own === state : state.page.domain === null || state.page.slug === '';
    },
  };
}
