import { compileTemplate } from './compile.ts';
import { fill, safeUrl, safeWay } from './format.ts';
import { errorWords } from './strings/errors.ts';
import { pageWords } from './strings/page/words.ts';
import { type SubscriberWords, subscriberWords } from './strings/subscriber/words.ts';
import { plainCss } from './styles.ts';
import type { PageHead } from './views.ts';

/** A page beside a public one, with one form or one sentence on it: it wears what its page wears. */
export interface PlainPage {
  name: string;
  /** Path of the page's front page; null where no page is known, and none is offered. */
  home: string | null;
  language: string;
  dir: 'ltr' | 'rtl';
  /** The same page in the page's other languages. */
  languages: readonly { code: string; name: string; dir: 'ltr' | 'rtl'; url: string; current: boolean }[];
  theme: 'auto' | 'light' | 'dark';
  grave: boolean;
  isExercise: boolean;
  /** Paths of its pictures; null where there is none, or its reader may not have it. */
  logo: string | null;
  favicon: string | null;
  /** Its own style, whose CSP source must go out with the page. */
  style: { css: string; csp: string } | null;
}

/** What a page beside this one wears. `tail` follows the path in each language; pictures are for its readers only. */
export const wear = (head: PageHead, tail: string, mayRead: boolean): PlainPage => ({
  name: head.name,
  home: head.links.home,
  language: head.language,
  dir: head.dir,
  languages: head.languages.map(({ code, name, dir, url, current }) => ({
    code,
    name,
    dir,
    url: tail === '' ? url : `${url === '/' ? '' : url}${tail}`,
    current,
  })),
  theme: head.theme,
  grave: head.grave,
  isExercise: head.isExercise,
  logo: mayRead ? head.logo : null,
  favicon: mayRead ? head.favicon : null,
  style: head.style,
});

/** What stands above everything in a drill. */
type Drill = ReturnType<typeof pageWords>['drill'];

interface Model {
  css: string;
  title: string;
  rootClass: string;
  /** After the name in the masthead, as on the page itself. */
  suffix: string;
  drill: Drill | null;
  page: PlainPage;
  w: SubscriberWords;
  toPage: string;
}

/** What every plain page needs: its frame in the reader’s language. */
export const plainModel = (page: PlainPage, title: string): Model => ({
  css: plainCss().text,
  title,
  drill: page.isExercise ? pageWords(page.language).drill : null,
  rootClass: [page.theme === 'auto' ? '' : page.theme, page.grave ? 'grave' : ''].filter(Boolean).join(' '),
  suffix: page.home === null ? '' : pageWords(page.language).suffix[page.grave ? 'information' : 'status'],
  page: {
    ...page,
    home: page.home === null ? null : safeUrl(page.home),
    languages: page.languages.length > 1 ? page.languages.map((l) => ({ ...l, url: safeUrl(l.url) })) : [],
  },
  w: subscriberWords(page.language),
  toPage: pageWords(page.language).toPage,
});

/** A page that cannot be shown. */
export interface ErrorView {
  page: PlainPage;
  /** HTTP status. */
  status: number;
  /** Of an unexpected error: the number that stands in the log. */
  id: string | null;
  /** Other ways on; null is not offered. */
  history: string | null;
  help: string | null;
}

const KINDS = {
  401: 'refused',
  403: 'refused',
  404: 'missing',
  410: 'gone',
  413: 'large',
  414: 'large',
  429: 'many',
  503: 'later',
} as const;

const errorModel = (view: ErrorView) => {
  const { page, status } = view;
  const words = errorWords(page.language);
  const kind = KINDS[status as keyof typeof KINDS] ?? (status >= 500 ? 'ours' : 'unread');
  const [title, todo] = words[kind];
  return {
    ...plainModel(page, title),
    status,
    lede: fill(todo, view.id ?? ''),
    p: pageWords(page.language),
    history: view.history === null ? null : safeUrl(view.history),
    help: safeWay(view.help),
  };
};
const errorPage = compileTemplate<ReturnType<typeof errorModel>>('pages/error.hbs');

/** What a reader gets instead of a page: what went wrong, what to do, and the way back, in the page's language. */
export const renderError = (view: ErrorView): string => errorPage(errorModel(view));
