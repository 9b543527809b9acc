import { clock, clockZone, dayAndClock, fill } from '../format.ts';
import { pageCss } from '../styles.ts';
import type { PageHead } from '../views.ts';
import type { MetaModel } from './meta.ts';
import { type Drawing, zone } from './place.ts';
import { type LanguageModel, languages } from './said.ts';

/** What surrounds every public page: head, masthead, the word that says how fresh it is, foot. */
export interface ShellModel {
  css: string;
  title: string;
  /** What stands above everything in a drill. */
  drill: Drawing['w']['drill'] | null;
  rootClass: string;
  follow: 'swap' | 'refetch';
  page: PageHead;
  seq: number;
  renderedAt: number;
  w: Drawing['w'];
  suffix: string;
  languages: readonly LanguageModel[];
  bar: string;
  conn: { word: string; more: string; words: string };
  printed: string;
  /** The day and hour these words are of, for paper. */
  made: string;
  zoneNote: string;
  host: string;
  /** Host of the company's own site. */
  companyHost: string;
  meta: MetaModel | null;
}

export function shell(
  d: Drawing,
  seq: number,
  title: string,
  follow: ShellModel['follow'],
  theme = d.page.theme === 'auto' ? '' : d.page.theme,
): ShellModel {
  const { w, page } = d;
  return {
    css: pageCss().text,
    title: `${page.isExercise ? `${w.drill.word}: ` : ''}${title} · ${page.name}`,
    drill: page.isExercise ? w.drill : null,
    rootClass: [theme, page.grave ? 'grave' : '', d.copyOf === null ? '' : 'stale'].filter(Boolean).join(' '),
    follow,
    page,
    seq,
    renderedAt: d.now,
    w,
    suffix: page.grave ? w.suffix.information : w.suffix.status,
    languages: page.languages.length > 1 ? languages(page.languages, d) : [],
    bar: d.copyOf === null ? '' : fill(w.bar, clockZone(d.now, d)),
    conn: {
      word: fill(w.copyFrom, clock(d.now, d)),
      more: d.copyOf === null ? zone(d) : w.notLive,
      words: browserWords(d),
    },
    printed: fill(w.printed, page.url),
    made: `(${dayAndClock(d.now, d)} ${zone(d)})`,
    zoneNote: fill(w.zoneNote, zone(d)),
    companyHost: page.company.homepage?.replace(/^https?:\/\/(www\.)?|\/.*$/g, '') ?? '',
    host: page.url.replace(/^https?:\/\//, ''),
    meta: null,
  };
}

/** The words the browser puts in by itself; see `src/browser/live.ts`. */
function browserWords({ w }: Drawing): string {
  const { live, reconnecting, copyFrom, notLive, nextBy, promisedBy, copyBy, late, passed, here } = w;
  const { announce, now, copyEnds } = w;
  return JSON.stringify({
    live,
    reconnecting,
    copyFrom,
    notLive,
    nextBy,
    promisedBy,
    copyBy,
    in: w.in,
    late,
    passed,
    here,
    announce,
    now,
    copyEnds,
    bar: w.bar,
  });
}
