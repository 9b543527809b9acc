import type { PageStatus } from '../domain/incident.ts';
import type { ComponentStatus, Impact, IncidentKind, IncidentStatus, PromiseState } from '../domain/words.ts';

/**
 * What the public pages are drawn from. Plain values only: instants are milliseconds, texts are what a person wrote.
 * Nothing here is formatted, translated or escaped; the templates room does all three.
 */

/** A language the page is offered in. `behindMs` is how much older its newest words are; 0 is up to date. */
export interface LanguageView {
  code: string;
  /** In its own language: "Français". */
  name: string;
  dir: 'ltr' | 'rtl';
  url: string;
  current: boolean;
  behindMs: number;
  /** When its newest words were published; null before the first. */
  updatedAt: number | null;
}

/** Addresses the page may offer. A null address is not drawn, so a page never links to what is not there. */
export interface PageLinks {
  home: string;
  history: string | null;
  promises: string | null;
  corrections: string | null;
  atom: string | null;
  rss: string | null;
  /** JSON Feed of every update. */
  jsonFeed?: string | null;
  api: string | null;
  /** Calendar of planned work. */
  calendar?: string | null;
  /** Picture of the page's state, for previews of links to it. */
  picture?: string | null;
  /** Where other sites ask what to show for an address of ours. */
  oembed?: string | null;
  /** "I'm still affected" and "ask a question". */
  affected: string | null;
  ask: string | null;
  /** Where the email form posts `email`; null hides the form. */
  subscribe: string | null;
  /** The page on which people subscribe, in whatever way; null hides all of it. */
  subscribing?: string | null;
  /** Other ways to get updates, with their words: SMS, webhook, … */
  ways: readonly { label: string; url: string }[];
  /** Where the "is this really from us?" form sends `q`. */
  verify: string | null;
}

/** What every public page has at its head and foot. */
export interface PageHead {
  id: string;
  name: string;
  /** Absolute address of this page; also printed. */
  url: string;
  /** BCP 47; words fall back to English. */
  language: string;
  dir: 'ltr' | 'rtl';
  /** IANA zone in which every time is printed. */
  timeZone: string;
  languages: readonly LanguageView[];
  links: PageLinks;
  theme: 'auto' | 'light' | 'dark';
  /** Names the log that `seq` counts in, for the script. */
  epoch: string;
  /** Only for some: search engines are told to leave it out. */
  isPrivate: boolean;
  /** The whole installation is a drill: nobody may take its page for a real one. */
  isExercise: boolean;
  /** Its own style, ready to stand inline, with its CSP source. */
  style: { css: string; csp: string } | null;
  /** Paths of its own pictures. */
  logo: string | null;
  favicon: string | null;
  /** What it is about, in a sentence; may be empty. */
  description: string;
  /** Ways to the company: its site, help, contact. */
  company: { homepage: string | null; support: string | null; contact: string | null };
  /** No colour, no counting, no share: people may have been hurt or died. */
  grave: boolean;
  /** Address of the module that keeps the page live; null draws a page that stays a copy. */
  scriptUrl: string | null;
}

export interface PromiseView {
  dueAt: number;
  state: PromiseState;
  /** Of this incident, including this one once it is settled or late. */
  kept: number;
  made: number;
  /** When the team last said it is still working; null leaves it out. */
  lastCheckAt: number | null;
}

export interface CorrectionView {
  id: string;
  at: number;
  /** When the wrong words were published. */
  wrongAt: number;
  wrong: string;
  right: string;
  /** Why, and an apology. May be empty. */
  note: string;
  /** The words were taken back: nothing stands in their place. */
  takenBack: boolean;
}

/** A picture that goes with an update. */
export interface ShownPicture {
  /** Path on the page's own host. */
  src: string;
  alt: string;
  /** Pixels. */
  width: number;
  height: number;
}

export interface TimelineEntry {
  id: string;
  at: number;
  status: IncidentStatus;
  /** Printed instead of the status: a spokesperson's name, "Correction". */
  heading: string | null;
  paragraphs: readonly string[];
  /** Parts of the paragraphs that were put right later; drawn struck through. */
  wrong: readonly string[];
  /** Paragraphs that stood here before they were put right, the newest first. */
  before: readonly string[];
  /** What was wrong, in a sentence; empty when nothing was, or nobody said. */
  note: string;
  /** Those that are not shown further up. */
  pictures: readonly ShownPicture[];
  correctedAt: number | null;
  retractedAt: number | null;
  /** What this update made of the promise before it. `early` is negative lateness, ms. */
  promise: { dueAt: number; state: 'kept' | 'late'; lateMs: number } | null;
  nextBy: number | null;
}

/** The four answers, a sentence each. */
export interface BlocksView {
  action: readonly string[];
  known: readonly string[];
  unknown: readonly string[];
  doing: readonly string[];
}

export interface AffectedComponent {
  id: string;
  name: string;
  status: ComponentStatus;
}

/** One incident as the public sees it; open, or ended and still worth its place at the top. */
export interface IncidentNotice {
  id: string;
  /** Permalink, absolute. */
  url: string;
  kind: IncidentKind;
  status: IncidentStatus;
  impact: Impact;
  title: string;
  headline: string;
  lede: string;
  startedAt: number;
  updatedAt: number;
  endedAt: number | null;
  promise: PromiseView | null;
  blocks: BlocksView;
  /** Of the newest words. */
  pictures: readonly ShownPicture[];
  corrections: readonly CorrectionView[];
  /** Newest first. */
  timeline: readonly TimelineEntry[];
  components: readonly AffectedComponent[];
  /** A matter of life and safety: announced at once. */
  safety: boolean;
  /** Phone line for families and friends; takes the flag on a grave page. */
  contact: { label: string; phone: string; note: string } | null;
}

export interface AccountView {
  /** "Mastodon", "Email". */
  network: string;
  handle: string;
  url: string | null;
  /** `sent` is for mail and messages; `waiting` is on its way; `idle` has nothing to say yet; `answers` answers people. */
  state: 'answers' | 'posted' | 'sent' | 'waiting' | 'cannot_post' | 'idle';
  at: number | null;
}

export interface DayView {
  /** Calendar day in the page's zone: "2026-11-12". */
  date: string;
  /** Worst state of the day; null before the component existed. */
  status: ComponentStatus | null;
  /** How long it was not working as it should, ms. */
  troubleMs: number;
}

export interface ComponentView {
  id: string;
  name: string;
  description: string;
  status: ComponentStatus;
  /** 90 days, oldest first; empty draws no bars. */
  days: readonly DayView[];
  /** 0 to 1 over those days; null when it is not known or not shown. */
  uptime: number | null;
}

export interface GroupView {
  id: string;
  /** Empty for components outside any group. */
  name: string;
  components: readonly ComponentView[];
}

export interface MaintenanceView {
  id: string;
  url: string;
  title: string;
  status: IncidentStatus;
  startsAt: number;
  endsAt: number;
  /** What should have happened by now and has not; null while it goes as planned. */
  overdue: 'start' | 'end' | null;
  text: string;
  components: readonly string[];
  calendarUrl: string | null;
}

export interface HistoryEntry {
  id: string;
  url: string;
  title: string;
  kind: IncidentKind;
  status: IncidentStatus;
  impact: Impact;
  startedAt: number;
  endedAt: number | null;
  summary: string;
  promises: { made: number; kept: number };
}

/** The public page. */
export interface PageView {
  page: PageHead;
  /** The event the page was rendered at; the live stream goes on after it. */
  seq: number;
  renderedAt: number;
  /** Set when the page could not be renewed: the instant its words were last known to be the newest. */
  copyOf: number | null;
  status: PageStatus;
  /** When somebody or something last looked whether all works; null prints nothing. */
  checkedAt: number | null;
  /** Most important first: open ones, then ones that ended a short while ago. */
  incidents: readonly IncidentNotice[];
  maintenance: readonly MaintenanceView[];
  groups: readonly GroupView[];
  accounts: readonly AccountView[];
  /** Recent, newest first. */
  history: readonly HistoryEntry[];
  /** A promised report or answer that outlives its incident. */
  owed: { title: string; url: string | null; dueAt: number } | null;
  /** This year's promises of the whole page; null prints nothing. */
  promises: { made: number; kept: number } | null;
  /** Who journalists should call; empty prints nothing. */
  press: string;
}

/** One incident's own page, for ever. */
export interface IncidentView {
  page: PageHead;
  seq: number;
  renderedAt: number;
  copyOf: number | null;
  incident: IncidentNotice;
  accounts: readonly AccountView[];
  /** What the house learned from it, once that was published. */
  report: { at: number; paragraphs: readonly string[] } | null;
}

export interface HistoryView {
  page: PageHead;
  seq: number;
  renderedAt: number;
  copyOf: number | null;
  /** Newest first; the page groups them by month. */
  entries: readonly HistoryEntry[];
  newerUrl: string | null;
  olderUrl: string | null;
  /** What was looked for, and how much of it there is; null when nothing was. */
  search: { question: string; found: number; more: boolean } | null;
  /** The one month that is shown: "2026-11", and an instant in it. */
  month: { name: string; at: number } | null;
  /** False on a copy that nobody can ask anything. */
  canSearch: boolean;
}

/** The living style page: every token and part of the page or the desk, in the theme asked for. */
export interface StyleView {
  sheet: 'page' | 'desk';
  theme: 'auto' | 'light' | 'dark';
  grave: boolean;
}
