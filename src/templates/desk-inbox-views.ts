import type { FindingView } from './desk-lint-views.ts';
import type { FieldView, FrameView, StateView, TimeView } from './desk-views.ts';

/** Something said to us, and what became of it. */
export interface MentionView {
  id: string;
  who: string;
  network: string;
  /** Named only where there are several. */
  page: string | null;
  text: string;
  href: string | null;
  when: TimeView;
  /** What it answers. */
  inReplyTo: boolean;
  state: StateView;
  /** The clock: until when, and how it stands; null once it is settled. */
  due: { until: number; text: string; late: boolean } | null;
  note: string;
  replies: ReplyView[];
  answer: {
    csrf: string;
    action: string;
    dismiss: string;
    name: string;
    text: string;
    max: string;
    error: string | null;
    reasonError: string | null;
    /** What is to be thought over; `sure` when it may be sent all the same. */
    warning: string | null;
    /** Answers to start from. */
    drafts: { href: string; label: string }[];
    linkAction: string;
    incidents: { id: string; title: string; chosen: boolean }[];
  } | null;
  /** What it speaks of, once somebody has said so. */
  about: { href: string; title: string } | null;
  /** Answers that wait for a second person, or came back from one. */
  asked: {
    id: string;
    text: string;
    by: string;
    state: StateView;
    note: string | null;
    judge: { csrf: string; action: string; error: string | null } | null;
  }[];
}
/** Our answer, and the ways out where only a person can say what became of it. */
export interface ReplyView {
  text: string;
  by: string;
  state: StateView;
  reason: string | null;
  href: string | null;
  settle: {
    csrf: string;
    id: string;
    /** To be posted by hand: there is nothing to send again. */
    manual: boolean;
    openHref: string | null;
    confirmAction: string;
    resendAction: string;
    giveUpAction: string;
    url: FieldView;
    reason: FieldView;
  } | null;
}
/** Whether enough people answer. */
export interface StaffingView {
  state: StateView;
  /** "16 people wait, the longest for 48 min." */
  waits: string;
  /** What came in, and what was done. */
  pace: string;
  /** What that leads to. */
  ahead: string;
}

export interface InboxView {
  frame: FrameView;
  /** Null while nobody waits and nobody wrote. */
  staffing: StaffingView | null;
  open: MentionView[];
  settled: MentionView[];
  overdue: number;
  /** How people were answered in the last day; null while nobody wrote. */
  figures: string | null;
  /** Many who ask alike: answered once for all, each on their own. */
  clusters: { href: string; words: string }[];
  /** Accounts that cannot be listened to just now, and why. */
  deaf: { name: string; why: string }[];
}

/** One answer for many, before it is sent: who gets it, and what is to be thought over. */
export interface TogetherView {
  frame: FrameView;
  action: string;
  heading: string;
  text: string;
  error: string | null;
  /** Set once it was reviewed and may be sent. */
  ready: { seen: string; batch: string; words: string; second: string | null } | null;
  findings: FindingView[];
  people: {
    id: string;
    who: string;
    network: string;
    text: string;
    chosen: boolean;
    refused: string | null;
  }[];
  drafts: { href: string; label: string }[];
}
