import { compileTemplate } from './compile.ts';
import { type NoticeModel, pageNotice } from './draw/notice.ts';
import { groups, months, planned } from './draw/parts.ts';
import { type Drawing, drawing } from './draw/place.ts';
import { dayRuler, incidentRuler, NO_RULER, type RulerModel } from './draw/ruler.ts';
import { accounts, answers, corrections, languages, others, timeline } from './draw/said.ts';
import { shell } from './draw/shell.ts';
import { hasEnded } from './draw/state.ts';
import { pieces } from './format.ts';
import type { PageView } from './views.ts';

const pageModel = (view: PageView) => {
  const d = drawing(view);
  const first = view.incidents[0];
  const active = first !== undefined;
  const notice = pageNotice(view, d);
  return {
    shell: shell(d, view.seq, notice.headline, 'swap'),
    w: d.w,
    dir: d.page.dir,
    grave: d.page.grave,
    links: d.page.links,
    active,
    layout: `${active ? 'active' : 'calm'}${d.page.grave ? ' grave' : ''}`,
    notice,
    ruler: ruler(view, notice, d),
    answers: answers(first, d),
    others: others(view.incidents.slice(1), d),
    corrections: corrections(first, d),
    timeline: timeline(first, d),
    help: active && (d.page.links.affected !== null || d.page.links.ask !== null),
    permalink:
      first && !d.page.grave ? { url: first.url, text: first.url.replace(/^https?:\/\//, '') } : null,
    share: active && !d.page.grave,
    accounts: accounts(view.accounts, d),
    languages: view.page.languages.length > 1 ? languages(view.page.languages, d) : [],
    groups: groups(view.groups, d),
    bars: !d.page.grave && view.groups.some((g) => g.components.some((c) => c.days.length > 0)),
    planned: planned(view.maintenance, d),
    months: months(view.history, d),
    press: pieces(view.press),
  };
};
type PageModel = ReturnType<typeof pageModel>;

function ruler(view: PageView, notice: NoticeModel, d: Drawing): RulerModel {
  const first = view.incidents[0];
  if (d.page.grave) return NO_RULER;
  if (first && !hasEnded(first.status)) return incidentRuler(first, notice.tone, d);
  return dayRuler(view.groups, d);
}

const page = compileTemplate<PageModel>('pages/page.hbs');

/** The whole public page, styles included: one request to the first paint. */
export const renderPage = (view: PageView): string => page(pageModel(view));

const FRAGMENTS = {
  title: compileTemplate<PageModel>('partials/title.hbs'),
  notice: compileTemplate<PageModel>('partials/notice.hbs'),
  ruler: compileTemplate<PageModel>('partials/ruler.hbs'),
  answers: compileTemplate<PageModel>('partials/answers.hbs'),
  others: compileTemplate<PageModel>('partials/others.hbs'),
  corrections: compileTemplate<PageModel>('partials/corrections.hbs'),
  timeline: compileTemplate<PageModel>('partials/timeline.hbs'),
  share: compileTemplate<PageModel>('partials/share.hbs'),
  accounts: compileTemplate<PageModel>('partials/accounts.hbs'),
  languages: compileTemplate<PageModel>('partials/languages.hbs'),
  components: compileTemplate<PageModel>('partials/components.hbs'),
  planned: compileTemplate<PageModel>('partials/planned.hbs'),
  history: compileTemplate<PageModel>('partials/history.hbs'),
};
export type FragmentId = keyof typeof FRAGMENTS;

/** Every part of the page that can change, by the id of the element it replaces whole. */
export function renderFragments(view: PageView): Record<FragmentId, string> {
  const model = pageModel(view);
  return Object.fromEntries(Object.entries(FRAGMENTS).map(([id, render]) => [id, render(model)])) as Record<
    FragmentId,
    string
  >;
}

const main = compileTemplate<PageModel>('partials/main.hbs');

/**
 * What an open page that shows `before` must replace to show `after`. When the page's order of parts changes (quiet
 * to incident, or grave) that is its whole `main`.
 */
export function renderChanges(before: PageView, after: PageView): Record<string, string> {
  const was = pageModel(before);
  const is = pageModel(after);
  if (was.layout !== is.layout) return { title: FRAGMENTS.title(is), main: main(is) };
  const out: Record<string, string> = {};
  for (const [id, render] of Object.entries(FRAGMENTS)) {
    const html = render(is);
    if (html !== render(was)) out[id] = html;
  }
  return out;
}
