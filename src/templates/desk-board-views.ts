import type { StaffingView } from './desk-inbox-views.ts';
import type { CountdownView, FrameView, PersonView, StateView } from './desk-views.ts';

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
  /** What each network shows, where it is behind first. */
  sees: PublicWords[];
  /** Of many those where nothing is amiss: folded, and what they are called then. */
  seesMore: PublicWords[];
  seesMoreText: string;
  attention: AttentionRow[];
  /** Null while nobody waits and nobody wrote. */
  staffing: StaffingView | null;
  /** Accounts to look at, and the ready ones where they are few. */
  networks: { name: string; account: string; state: StateView; note: string }[];
  /** The ready ones where they are many: folded, so that trouble stands out. */
  ready: { name: string; account: string; state: StateView; note: string }[];
  /** "6 ready, 2 to look at"; empty while nothing is connected. */
  readyText: string;
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
  /** Who waits for an answer about it; null when nobody does. */
  unanswered: StateView | null;
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
  /** Newer words of ours are not there. */
  behind: boolean;
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
