import { fill, list, type Piece, pieces } from '../format.ts';
import type { PageView } from '../views.ts';
import { pageNotice } from './notice.ts';
import { planned } from './parts.ts';
import { type Drawing, drawing } from './place.ts';
import { dayRuler, incidentRuler, type RulerModel } from './ruler.ts';
import { accounts } from './said.ts';
import { shell } from './shell.ts';
import { componentTag, hasEnded } from './state.ts';

/** A line of a short list: a name, and a lamp with its word. */
export interface RowModel {
  name: string;
  tone: string;
  icon: string;
  word: string;
  bad: boolean;
}

// More lines than these cannot be read from across a room, and the wall does not scroll.
const MOST = 5;

export const wallModel = (view: PageView) => {
  const d = drawing(view);
  const first = view.incidents[0];
  const notice = pageNotice(view, d);
  return {
    shell: shell(bare(d), view.seq, notice.headline, 'refetch', wallClass(view)),
    w: d.w,
    links: { ...d.page.links, corrections: null },
    layout: 'wall',
    notice: { ...notice, corrections: '', tellUs: null },
    ruler: ruler(view, notice.tone, d),
    action: (first?.blocks.action.slice(0, 3) ?? []).map((line): Piece[] => pieces(line)),
    parts: parts(view, d),
    accounts: lamps(view, d),
    // On a quiet day there is room for what comes next.
    planned: first ? [] : planned(view.maintenance, d).slice(0, 2),
  };
};

// Nobody clicks on a wall.
const bare = (d: Drawing): Drawing => ({
  ...d,
  page: { ...d.page, languages: [], links: { ...d.page.links, subscribe: null, subscribing: null } },
});

const wallClass = (view: PageView) => `wall ${view.page.theme === 'light' ? 'light' : 'dark'}`;

function ruler(view: PageView, tone: string, d: Drawing): RulerModel {
  const first = view.incidents[0];
  return first && !hasEnded(first.status) ? incidentRuler(first, tone, d) : dayRuler(view.groups, d);
}

/** Parts in trouble by name, the worst first; all others in one line. */
function parts(view: PageView, d: Drawing): RowModel[] {
  const worst = ['major_outage', 'partial_outage', 'degraded_performance', 'under_maintenance'];
  const all = view.groups.flatMap((g) => g.components);
  const bad = all
    .filter((c) => c.status !== 'operational')
    .sort((a, b) => worst.indexOf(a.status) - worst.indexOf(b.status));
  const named = bad.slice(0, MOST - 1).map((c): RowModel => {
    const { tone, icon, word } = componentTag(c.status, d.w);
    return { name: c.name, tone, icon, word, bad: false };
  });
  if (bad.length > named.length)
    named.push({
      name: fill(d.w.moreParts, bad.length - named.length),
      tone: 'note',
      icon: 'note',
      word: '',
      bad: false,
    });
  const rest = all.length - bad.length;
  if (rest > 0) {
    const { tone, icon, word } = componentTag('operational', d.w);
    const name = fill(bad.length > 0 ? d.w.otherParts : d.w.allParts, rest);
    named.push({ name, tone, icon, word, bad: false });
  }
  return named;
}

/** A few of many names, and how many more. */
const short = (names: readonly string[], d: Drawing): readonly string[] =>
  names.length <= MOST + 1 ? names : [...names.slice(0, MOST), fill(d.w.moreParts, names.length - MOST)];

/** Accounts that cannot post first and by name; the others together by what their lamp says. */
function lamps(view: PageView, d: Drawing): RowModel[] {
  const all = accounts(view.accounts, d);
  const groups = new Map<string, (typeof all)[number][]>();
  for (const a of [...all.filter((x) => x.bad), ...all.filter((x) => !x.bad)])
    groups.set(a.lamp, [...(groups.get(a.lamp) ?? []), a]);
  return [...groups.values()].slice(0, MOST).map((same): RowModel => {
    const { tone, icon, lamp, bad } = same[0] as (typeof all)[number];
    return {
      name: list(short([...new Set(same.map((a) => a.name))], d), d.language),
      tone,
      icon,
      word: lamp,
      bad,
    };
  });
}
