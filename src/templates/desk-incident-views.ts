import type { JudgementView, RatingView } from './desk-judgement-views.ts';
import type { PlannedPane } from './desk-later-views.ts';
import type {
  ChoiceView,
  CountdownView,
  FieldView,
  FrameView,
  PersonView,
  StateView,
  TimeView,
} from './desk-views.ts';

export interface DeclareView {
  frame: FrameView;
  pages: ChoiceView[];
  kinds: ChoiceView[];
  impacts: ChoiceView[];
  fields: Record<'title' | 'objective' | 'detectedAt' | 'scheduledFor' | 'scheduledUntil', FieldView>;
  /** Empty when the page has no templates. */
  templates: ChoiceView[];
  templateError: string | null;
  chosen: {
    clearance: StateView;
    note: string;
    slots: (FieldView & { choices: ChoiceView[] })[];
    words: { label: string; words: string }[];
    next: FieldView;
  } | null;
  grave: boolean;
  maintenance: boolean;
  /** Who owns it, who says yes, where and in what languages it is said. */
  prefilled: { label: string; value: string; warn: boolean }[];
  zone: string;
  now: string;
  cadence: string;
}

export interface IncidentsView {
  frame: FrameView;
  open: IncidentRow[];
  past: IncidentRow[];
}

export interface IncidentRow {
  href: string;
  title: string;
  kind: string;
  status: string;
  opened: TimeView;
  ended: TimeView | null;
}

export interface IncidentView {
  frame: FrameView;
  id: string;
  title: string;
  kind: string;
  status: string;
  /** Starts the public report on one that is over. */
  reportAction: string | null;
  /** Only of planned work. */
  planned: PlannedPane | null;
  /** How many visitors of the page say that they still have trouble. */
  affected: string | null;
  /** Null of planned work. */
  rating: RatingView | null;
  objective: string;
  grave: boolean;
  owner: PersonView | null;
  detected: TimeView;
  scheduled: string | null;
  publicHref: string | null;
  promise: CountdownView | null;
  newHref: string;
  /** Null while nothing has been said that could have stayed the same. */
  noChangeHref: string | null;
  judgement: JudgementView;
  mayWrite: boolean;
  updates: {
    href: string;
    number: number;
    state: StateView;
    status: string;
    when: TimeView;
    by: string;
    text: { label: string; words: string }[];
    promised: string | null;
    reason: string | null;
    deliveries: { href: string; lamps: StateView[]; text: string } | null;
    mayStartFrom: boolean;
    /** "Correction: we said all cards; it is some." Empty for words of their own. */
    amended: string;
    correctHref: string | null;
    retractHref: string | null;
  }[];
  promises: { state: StateView; due: TimeView; note: string }[];
  log: { when: TimeView; what: string }[];
}
