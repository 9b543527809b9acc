import { compileTemplate } from './compile.ts';
import { incidentMeta, pageMeta, plainMeta } from './draw/meta.ts';
import { incidentNotice, type NoticeModel, pageNotice } from './draw/notice.ts';
import { affected, groups, months, planned } from './draw/parts.ts';
import { type Drawing, drawing, instant } from './draw/place.ts';
import { dayRuler, incidentRuler, NO_RULER, type RulerModel } from './draw/ruler.ts';
import { accountLists, answers, corrections, languages, others, pictures, timeline } from './draw/said.ts';
import { shell } from './draw/shell.ts';
import { hasEnded } from './draw/state.ts';
import { styleModel } from './draw/style.ts';
import { wallModel } from './draw/wall.ts';
import { dayAndClock, isoDay, month as monthName, pieces, plural, safeUrl } from './format.ts';
import { STATES } from './samples/states.ts';
import type { HistoryView, IncidentNotice, IncidentView, PageView, StyleView } from './views.ts';

/** What an incident brings to a page, whether it is the first on the public page or has a page of its own. */
const said = (first: IncidentNotice | undefined, d: Drawing) => ({
  w: d.w,
  grave: d.page.grave,
  links: d.page.links,
  answers: answers(first, d),
  pictures: pictures(first?.pictures ?? []),
  corrections: corrections(first, d),
  timeline: timeline(first, d),
  ...helpFor(first, d),
  permalink:
    first && !d.page.grave ? { url: safeUrl(first.url), text: first.url.replace(/^https?:\/\//, '') } : null,
  share: first !== undefined && !d.page.grave,
  languages: d.page.languages.length > 1 ? languages(d.page.languages, d) : [],
});

/** Somebody for whom it is not over can say so while it is not; a question can be asked at any time. */
function helpFor(first: IncidentNotice | undefined, d: Drawing) {
  const { affected: counts, ask } = d.page.links;
  const affectedId = first && counts !== null && !hasEnded(first.status) ? first.id : null;
  return { affectedId, help: first !== undefined && (affectedId !== null || ask !== null) };
}

const pageModel = (view: PageView) => {
  const d = drawing(view);
  const first = view.incidents[0];
  const notice = pageNotice(view, d);
  return {
    ...said(first, d),
    shell: { ...shell(d, view.seq, notice.headline, 'swap'), meta: pageMeta(view, notice, d) },
    active: first !== undefined,
    layout: `${first ? 'active' : 'calm'}${d.page.grave ? ' grave' : ''}`,
    notice,
    ruler: ruler(view, notice, d),
    others: others(view.incidents.slice(1), d),
    ...accountLists(view.accounts, d),
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

const part = (name: string) => compileTemplate<PageModel>(`partials/${name}.hbs`);
const FRAGMENTS = {
  title: part('title'),
  notice: part('notice'),
  ruler: part('ruler'),
  answers: part('answers'),
  pictures: part('pictures'),
  others: part('others'),
  corrections: part('corrections'),
  timeline: part('timeline'),
  share: part('share'),
  accounts: part('accounts'),
  languages: part('languages'),
  components: part('components'),
  planned: part('planned'),
  history: part('history'),
};
export type FragmentId = keyof typeof FRAGMENTS;

/** Every part of the page that can change, by the id of the element it replaces whole. */
export function renderFragments(view: PageView): Record<FragmentId, string> {
  const model = pageModel(view);
  const drawn = Object.entries(FRAGMENTS).map(([id, render]) => [id, render(model)]);
  return Object.fromEntries(drawn) as Record<FragmentId, string>;
}

const main = part('main');

/**
 * What an open page that shows `before` must replace to show `after`; for a snapshot after a gap, `before` is null.
 * When the order of parts changes (quiet to incident, or grave), or is not known, that is its whole `main`.
 */
export function renderChanges(before: PageView | null, after: PageView): Record<string, string> {
  const was = before && pageModel(before);
  const is = pageModel(after);
  if (was?.layout !== is.layout) return { title: FRAGMENTS.title(is), main: main(is) };
  const out: Record<string, string> = {};
  for (const [id, render] of Object.entries(FRAGMENTS)) {
    const html = render(is);
    if (html !== render(was)) out[id] = html;
  }
  return out;
}

const incidentModel = (view: IncidentView) => {
  const d = drawing(view);
  const { incident } = view;
  const notice = incidentNotice(incident, d);
  const open = !hasEnded(incident.status);
  return {
    ...said(incident, d),
    shell: {
      ...shell(d, view.seq, notice.headline, 'refetch'),
      meta: incidentMeta(incident, notice, d),
    },
    layout: d.page.grave ? 'incident grave' : 'incident',
    report: report(view, d),
    notice,
    ruler: open ? incidentRuler(incident, notice.tone, d) : NO_RULER,
    affected: affected(incident.components, d),
    ...accountLists(view.accounts, d),
  };
};
/** What the house says it learned, once it has. */
const report = ({ report: told }: IncidentView, d: Drawing) =>
  told && {
    at: instant(told.at, dayAndClock(told.at, d)),
    paragraphs: told.paragraphs.map((p) => pieces(p)),
  };

const incidentPage = compileTemplate<ReturnType<typeof incidentModel>>('pages/incident.hbs');

/** One incident's permanent page: the newest words, every correction, everything that was said. */
export const renderIncident = (view: IncidentView): string => incidentPage(incidentModel(view));

const historyModel = (view: HistoryView) => {
  const d = drawing(view);
  const { search, month } = view;
  const title = month === null ? d.w.history : monthName(month.at, d);
  const beside = (url: string | null, step: number, word: string) =>
    url === null
      ? null
      : { url: safeUrl(url), word: month === null ? word : monthName(month.at + step * 30 * 86_400_000, d) };
  const told =
    search === null || search.question.trim() === ''
      ? ''
      : search.found === 0
        ? d.w.foundNone
        : `${plural(d.w.found, search.found, d.language)}.${search.more ? ` ${d.w.foundMore}` : ''}`;
  return {
    shell: { ...shell(d, view.seq, title, 'refetch'), meta: plainMeta(title, '/history', d) },
    w: d.w,
    title,
    links: d.page.links,
    months: months(view.entries, d),
    empty: view.entries.length === 0 && told === '',
    told,
    ask:
      view.canSearch && d.page.links.history
        ? { url: d.page.links.history, question: search?.question ?? '' }
        : null,
    month: month?.name ?? '',
    latest: isoDay(d.realNow, d.timeZone).slice(0, 7),
    newer: beside(view.newerUrl, 1, d.w.newer),
    older: beside(view.olderUrl, -1, d.w.older),
  };
};
const historyPage = compileTemplate<ReturnType<typeof historyModel>>('pages/history.hbs');

/** Past incidents by month. */
export const renderHistory = (view: HistoryView): string => historyPage(historyModel(view));

const wall = compileTemplate<ReturnType<typeof wallModel>>('pages/wall.hbs');

/** The public page for a screen on a wall, read from ten metres. */
export const renderWall = (view: PageView): string => wall(wallModel(view));

const stylePages = {
  page: compileTemplate<ReturnType<typeof styleModel>>('pages/style-page.hbs'),
  desk: compileTemplate<ReturnType<typeof styleModel>>('pages/style-desk.hbs'),
};

/**
 * The living style page: every token and part in all their states, drawn by the templates that use them. Its whole
 * pages stand in frames, so its policy must allow both `styleCss(sheet).csp` and `pageCss().csp`.
 */
export function renderStyle(view: StyleView): string {
  const draw = (state: PageView) => renderPage({ ...state, page: { ...state.page, theme: view.theme } });
  const states =
    view.sheet === 'desk' ? [] : Object.entries(STATES).map(([name, state]) => ({ name, html: draw(state) }));
  return stylePages[view.sheet](styleModel(view, states));
}
