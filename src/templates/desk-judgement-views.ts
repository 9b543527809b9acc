import type { FindingView } from './desk-lint-views.ts';
import type { ChoiceView, FieldView, FrameView, StateView, TimeView } from './desk-views.ts';

/** What the screens of judgement are given: facts, hand-overs, overrides, what a yes is shown with. */

export interface FactView {
  id: string;
  /** As it is said: "12 people". */
  value: string;
  key: string;
  state: StateView;
  /** Source, who confirmed it and when, what it was before, why it is doubted. */
  note: string;
  /** "in 3 updates". */
  used: string;
  version: number;
  /** May be put into words: it is not withdrawn. */
  insertable: boolean;
  /** A press is enough: there is another person or a named source. */
  mayConfirm: boolean;
  /** Why it takes more than a press. */
  whyNot: string | null;
  open: boolean;
  confirmAction: string;
  disputeAction: string;
  withdrawAction: string;
  correctAction: string;
}

export interface NewFactView {
  action: string;
  back: string;
  fields: Record<'key' | 'value' | 'unit' | 'source' | 'secondSource' | 'grade', FieldView>;
  origins: ChoiceView[];
  open: boolean;
}

export interface ImpactView {
  /** "Update 2 says “12,400”." */
  what: string;
  why: string;
  href: string;
  correctHref: string;
}

export interface FactsView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  facts: FactView[];
  gone: FactView[];
  impact: ImpactView[];
  add: NewFactView;
  mayWrite: boolean;
  back: string;
}

/** The ledger beside the composer. */
export interface DrawerView {
  href: string;
  facts: FactView[];
  add: NewFactView;
}

/** A number, time or place in the words, with the fact behind it or the want of one. */
export interface FigureView {
  value: string;
  key: string;
  state: StateView;
  note: string;
}

export interface ProofView {
  /** What has to be shown with it; null is nothing. */
  needed: 'passkey' | 'code' | 'password' | null;
  isPasskey: boolean;
  ask: string;
  script: string | null;
  field: (FieldView & { fill: string; mode: string; type: string }) | null;
}

export interface HandOverView {
  /** Who is asked to take it over, and by whom. */
  words: string;
  note: string;
  when: TimeView;
  /** The person looking is the one who was asked. */
  yours: boolean;
  answerAction: string;
  withdrawAction: string | null;
}

export interface OwnerView {
  /** Unanswered, if there is one. */
  asked: HandOverView | null;
  action: string;
  people: ChoiceView[];
  mayHandOver: boolean;
  nobody: boolean;
  error: string | null;
}

export interface OverrideOffer {
  href: string;
  /** Why it is not offered yet; null when it is. */
  whyNot: string | null;
}

export interface OverrideView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  backHref: string;
  words: { network: string; text: string }[];
  page: string;
  hash: string;
  whyNot: string | null;
  action: string;
  reasons: ChoiceView[];
  reasonError: string | null;
  sentence: FieldView;
  proof: ProofView;
  noProof: boolean;
  told: string;
  left: string;
}

export interface ReviewView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  facts: { name: string; value: string }[];
  words: string;
  mayReview: boolean;
  whyNot: string | null;
  action: string;
  note: FieldView;
  verdictError: string | null;
  done: { state: StateView; note: string } | null;
}

/** How bad an incident is, and where to say otherwise. */
export interface RatingView {
  now: string;
  /** Who says so. */
  by: string;
  /** What the next words make of it; null when they leave it. */
  next: string | null;
  /** Null for whoever may not. */
  action: string | null;
  choices: ChoiceView[];
  /** The update beside which it is drawn; empty on the incident's own screen. */
  back: string;
}

/** What waits for somebody's judgement on an incident. */
export interface JudgementView {
  handing: OwnerView;
  impact: ImpactView[];
  factsHref: string;
  /** The page may say once that we are late and still working. */
  beat: { words: string; action: string } | null;
  /** Of a grave incident: whether deaths and names may be spoken of. */
  gate: {
    open: boolean;
    title: string;
    note: string;
    /** Where whoever may says that all were told. */
    action: string | null;
    /** Who has waived it already, and where the other of the two can. */
    waiver: string | null;
    waiveAction: string | null;
  } | null;
  reviews: { href: string; what: string; state: StateView }[];
}

export interface PolicyView {
  frame: FrameView;
  mayChange: boolean;
  secondOn: boolean;
  secondError: string | null;
  pages: {
    id: string;
    name: string;
    action: string;
    /** How many must say yes to each class, what one of them must be, and whether an expert confirms its facts. */
    classes: {
      value: string;
      label: string;
      counts: ChoiceView[];
      offices: ChoiceView[];
      expert: boolean;
    }[];
    /** What is asked for and nobody here is; null when there is nothing. */
    nobody: string | null;
    proof: ChoiceView[];
    overrides: ChoiceView[];
    mayRemove: boolean;
    /** Answers to single people: new figures only warn, guesses block, and a second person reads what weighs. */
    mayNews: boolean;
    noGuesses: boolean;
    second: boolean;
    /** The first five answers of a helper are read by a second person. */
    firstFive: boolean;
  }[];
  /** "seq:hash" of the newest audit row. */
  head: string | null;
}

export interface MapsView {
  frame: FrameView;
  pages: {
    id: string;
    name: string;
    mayWrite: boolean;
    rows: {
      id: string;
      href: string;
      question: string;
      messages: string[];
      version: number;
      state: StateView;
      note: string;
      clearAction: string | null;
    }[];
  }[];
}

export interface MapView {
  frame: FrameView;
  heading: string;
  action: string;
  page: string;
  version: number;
  question: FieldView;
  messages: { n: number; text: string; supports: string }[];
  error: string | null;
  words: string;
  findings: FindingView[];
}

export interface AdviceView {
  frame: FrameView;
  causes: ChoiceView[];
  preventable: boolean;
  before: boolean;
  advice: { name: string; why: string; say: string[]; avoid: string[] } | null;
  parts: { name: string; label: string; help: string; value: string }[];
  score: string | null;
  isApology: boolean;
  missing: string;
  incidents: ChoiceView[];
  incidentError: string | null;
  mayWrite: boolean;
}

export interface RecordView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  about: { name: string; value: string }[];
  updates: {
    heading: string;
    by: string;
    words: { label: string; words: string }[];
    yeses: string[];
    exact: { network: string; text: string; came: string }[];
  }[];
  facts: string[];
  owners: string[];
  overrides: string[];
  promises: string[];
  log: { when: TimeView; what: string }[];
  /** When, and the head of the audit log then. */
  made: string;
}
