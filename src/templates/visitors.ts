import { compileTemplate } from './compile.ts';
import { fill, safeUrl } from './format.ts';
import { type PlainPage, plainModel } from './plain.ts';
import { pageWords } from './strings/page/words.ts';

/** The pages on which visitors check a message, say that they still have trouble, and ask. Plain forms without scripts. */

export interface VerifyView {
  page: PlainPage;
  action: string;
  /** What was pasted, to be changed and asked again. */
  asked: string;
  /** Null before anything was asked. */
  found: FoundView | null;
  /** Why it was not looked at. */
  trouble: string | null;
}

export interface FoundView {
  is: 'ours' | 'changed' | 'taken back' | 'close' | 'unknown' | 'nothing yet' | 'short';
  /** When what we said was published, or since when we looked, in words; empty where there is none. */
  when: string;
  /** Sentences of theirs that are not ours. */
  strange: readonly string[];
  /** Hosts that links in it lead to and that are not ours. */
  badLinks: readonly string[];
  /** What we said, and what we say now where that is different. */
  said: readonly string[];
  now: readonly string[];
  /** Where to read it. */
  url: string | null;
}

const TONES: Record<FoundView['is'], string> = {
  ours: 'ok',
  changed: 'degraded',
  'taken back': 'major',
  close: 'major',
  unknown: 'note',
  'nothing yet': 'note',
  short: 'note',
};

function verdictOf(
  found: FoundView,
  v: ReturnType<typeof pageWords>['visitor'],
): [title: string, lede: string] {
  switch (found.is) {
    case 'ours':
      return [v.yes, fill(v.yesLede, found.when)];
    case 'changed':
      return [v.changed, fill(v.yesLede, found.when)];
    case 'taken back':
      return [v.takenBack, fill(v.yesLede, found.when)];
    case 'close':
      return [v.close, v.closeLede];
    case 'unknown':
      return [v.no, fill(v.noLede, found.when)];
    case 'nothing yet':
      return [v.no, v.noneYet];
    case 'short':
      return [v.short, ''];
  }
}

const verifyModel = (view: VerifyView) => {
  const p = pageWords(view.page.language);
  const v = p.visitor;
  const { found } = view;
  const [title, lede] = found ? verdictOf(found, v) : [p.verify, ''];
  return {
    ...plainModel(view.page, title),
    p,
    v,
    lede,
    action: view.action,
    asked: view.asked,
    trouble: view.trouble,
    tone: found ? TONES[found.is] : 'note',
    badLinks: (found?.badLinks ?? []).map((host) => fill(v.badLink, host)),
    strange: found?.strange ?? [],
    said: found?.said ?? [],
    saidTitle: fill(v.ours, found?.when ?? ''),
    now: found?.now ?? [],
    url: found?.url ? safeUrl(found.url) : null,
  };
};
const verify = compileTemplate<ReturnType<typeof verifyModel>>('pages/verify.hbs');

export const renderVerify = (view: VerifyView): string => verify(verifyModel(view));

export interface AskView {
  page: PlainPage;
  action: string;
  question: string;
  email: string;
  wrong: { question?: string; email?: string; trouble?: string };
  most: number;
}

const askModel = (view: AskView) => {
  const p = pageWords(view.page.language);
  return { ...view, ...plainModel(view.page, p.ask), p, v: p.visitor };
};
const ask = compileTemplate<ReturnType<typeof askModel>>('pages/ask.hbs');

export const renderAsk = (view: AskView): string => ask(askModel(view));

export interface ThanksView {
  page: PlainPage;
  what: 'counted' | 'over' | 'asked' | 'again';
  /** Where an answer goes. */
  email: string;
  /** Where a question can be asked. */
  ask: string | null;
}

const thanksModel = (view: ThanksView) => {
  const p = pageWords(view.page.language);
  const v = p.visitor;
  const [title, lede] = {
    counted: [v.counted, v.countedLede],
    over: [v.overAlready, view.ask === null ? '' : v.overLede],
    asked: [v.asked, fill(v.askedLede, view.email)],
    again: [v.again, ''],
  }[view.what] as [string, string];
  return { ...view, ...plainModel(view.page, title), p, lede };
};
const thanks = compileTemplate<ReturnType<typeof thanksModel>>('pages/thanks.hbs');

export const renderThanks = (view: ThanksView): string => thanks(thanksModel(view));
