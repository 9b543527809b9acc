import type { FrameView, StateView, TimeView } from './desk-views.ts';

/** Something said to us, and what became of it. */
export interface MentionView {
  id: string;
  who: string;
  network: string;
  text: string;
  href: string | null;
  when: TimeView;
  /** What it answers. */
  inReplyTo: boolean;
  state: StateView;
  /** The clock: until when, and how it stands; null once it is settled. */
  due: { until: number; text: string; late: boolean } | null;
  note: string;
  replies: { text: string; by: string; state: StateView; reason: string | null; settle: string | null }[];
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
export interface InboxView {
  frame: FrameView;
  open: MentionView[];
  settled: MentionView[];
  overdue: number;
  /** Accounts that cannot be listened to just now, and why. */
  deaf: { name: string; why: string }[];
}
