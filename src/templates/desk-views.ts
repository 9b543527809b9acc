import type { JudgementView, RatingView } from './desk-judgement-views.ts';

/** What the desk's templates are given. Times and durations are ready to read; rules have been asked before. */

import type { PlannedPane } from './desk-later-views.ts';

/** A state as people meet it: shape, word and colour, always together. */
export interface StateView {
  /** Name of the icon's symbol, without `i-`. */
  icon: string;
  tone: 'good' | 'warn' | 'bad' | 'odd' | 'ink' | '';
  word: string;
}

export interface TimeView {
  iso: string;
  /** With its zone. */
  text: string;
}

export interface PersonView {
  name: string;
  initials: string;
}

export interface ChoiceView {
  value: string;
  label: string;
  chosen: boolean;
}

/** A promise that is running, or was missed. */
export interface CountdownView {
  /** Instant it runs to, ms. */
  until: number;
  /** "08:42", or "late". */
  text: string;
  late: boolean;
  /** "by 14:40 UTC". */
  by: string;
}

export type Room =
  | 'declare'
  | 'board'
  | 'incidents'
  | 'approvals'
  | 'deliveries'
  | 'inbox'
  | 'connections'
  | 'people'
  | 'subscribers'
  | 'templates'
  | 'settings'
  | 'help'
  | '';

/** What is around every screen. */
export interface FrameView {
  title: string;
  room: Room;
  /** Class of the main part. */
  style: string;
  /** The screen is as high as the window, its columns scroll by themselves. */
  fixed: boolean;
  rooms: {
    room: Room;
    href: string;
    label: string;
    key: string;
    icon: string;
    current: boolean;
    waiting: number;
  }[];
  exercise: boolean;
  /** One person may approve their own words: said on every screen. */
  solo: boolean;
  /** Why nothing leaves for any network; null when sending is on. */
  sendingOff: string | null;
  pageName: string;
  clock: TimeView;
  zone: string;
  /** Server time the screen was made, ms. */
  at: number;
  /** Seq of the newest event that the screen is sure to show; null where it follows nothing. */
  seq: number | null;
  person: (PersonView & { roles: string }) | null;
  csrf: string;
  /** What has just been done, in a sentence. */
  notice: string | null;
  /** What kept it from being done. */
  trouble: string | null;
  css: string;
  js: string | null;
}

export interface MessageView {
  frame: FrameView;
  heading: string;
  words: string;
  /** What to do about it, one step a line. */
  steps: string[];
  action: { href: string; label: string } | null;
  /** What a person had written when it went wrong, so that nothing is lost. */
  written: { label: string; text: string }[];
}

/** Something a new page still lacks, or has by now. */
export interface FirstStep {
  done: boolean;
  what: string;
  why: string;
  href: string;
}

export interface BoardView {
  frame: FrameView;
  /** For admins of a page that nobody has heard of yet. */
  first: FirstStep[] | null;
  incidents: BoardIncident[];
  nextPromise: string | null;
  approvals: ApprovalRow[];
  drafts: { href: string; title: string; by: string; state: StateView }[];
  sees: PublicWords[];
  attention: AttentionRow[];
  networks: { name: string; account: string; state: StateView; note: string; href: string }[];
  connectHref: string | null;
  checks: { name: string; state: StateView; note: string }[];
  history: string;
}

export interface BoardIncident {
  href: string;
  title: string;
  kind: string;
  status: string;
  age: string;
  page: string | null;
  /** Whom it was offered to, unanswered. */
  offered: string | null;
  /** How many visitors of the page say that they still have trouble. */
  affected: string | null;
  owner: PersonView | null;
  /** That the owner is not at the desk any more, and since when. */
  away: string | null;
  promise: CountdownView | null;
  lamps: StateView[];
  lampsText: string;
}

export interface ApprovalRow {
  href: string;
  title: string;
  number: number;
  class: string;
  state: StateView;
  asked: string;
  by: string;
  given: string;
  /** False when the person looking wrote these words or has said yes already. */
  yours: boolean;
}

export interface PublicWords {
  network: string;
  account: string;
  words: string | null;
  href: string | null;
  age: string;
  state: StateView;
}

export interface AttentionRow {
  state: StateView;
  what: string;
  why: string;
  href: string;
  act: string;
  /** Says that it is dealt with; null where only the thing itself can say so. */
  doneAction: string | null;
}

/** A form field with what was typed and, beside it, what is wrong with it. */
export interface FieldView {
  name: string;
  label: string;
  help: string;
  value: string;
  error: string | null;
}

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

export interface ConnectionsView {
  frame: FrameView;
  pages: {
    name: string;
    rows: {
      id: string;
      name: string;
      network: string;
      account: string;
      href: string | null;
      role: string;
      state: StateView;
      note: string;
      can: string;
      /** Its own page. */
      settings: string;
      switchAction: string;
      switchLabel: string;
      resumeAction: string | null;
    }[];
  }[];
  kinds: {
    label: string;
    kinds: { href: string | null; name: string; promise: string; note: string; state: StateView | null }[];
  }[];
  mayAdd: boolean;
  maySwitch: boolean;
}

export interface ConnectView {
  frame: FrameView;
  kind: string;
  promise: string;
  cost: string;
  checkedOn: string;
  steps: string[];
  action: string;
  /** For an account that is connected: what it is, and what can be done with it. */
  again: {
    account: string;
    /** Why it was paused. */
    paused: string | null;
    tryAction: string;
    /** In whose own voice it may speak; empty where nobody lends theirs. */
    voices: ChoiceView[];
    voiceAction: string;
    /** Where its network may call us. */
    hook: { url: string; secret: string; token: boolean; steps: string[] } | null;
  } | null;
  /** Where somebody can sign in on the network instead of copying keys. */
  signIn: {
    action: string;
    /** To be copied into the app on the network. */
    redirect: string | null;
    steps: string[];
    fields: CredentialView[];
    open: boolean;
  } | null;
  pages: ChoiceView[];
  name: FieldView;
  role: ChoiceView[];
  languages: ChoiceView[];
  includeLink: boolean;
  thread: boolean;
  fields: CredentialView[];
}

/** One value that connects an account; `as` is what the form calls it. */
export type CredentialView = FieldView & {
  id: string;
  as: string;
  secret: boolean;
  required: boolean;
  placeholder: string;
};

/** Several accounts that one sign-in can speak for. */
export interface ChooseView {
  frame: FrameView;
  kind: string;
  choice: string;
  accounts: { id: string; name: string }[];
}

export interface SecretView {
  frame: FrameView;
  heading: string;
  words: string;
  secret: string;
  expires: string;
  back: string;
}

export interface SettingsView {
  frame: FrameView;
  pages: {
    name: string;
    url: string;
    /** To its settings; null for who may not change them. */
    href: string | null;
    facts: { name: string; value: string }[];
    components: { group: string; names: string }[];
  }[];
  setUp: { action: string; name: FieldView; url: FieldView; timeZone: FieldView } | null;
  /** Opening another page. */
  another: { name: FieldView; slug: FieldView } | null;
  /** The switch of every network at once; null for who may not use it. */
  sending: {
    action: string;
    on: boolean;
    /** Why it is off. */
    why: string;
    /** What becomes of what waits. */
    waits: string;
    reason: FieldView;
    sure: string | null;
  } | null;
}

export interface HelpView {
  frame: FrameView;
  keys: { key: string; what: string }[];
}
