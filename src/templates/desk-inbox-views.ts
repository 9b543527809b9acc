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
  } | null;
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
export interface InboxView {
  frame: FrameView;
  open: MentionView[];
  settled: MentionView[];
  overdue: number;
  /** Accounts that cannot be listened to just now, and why. */
  deaf: { name: string; why: string }[];
}
