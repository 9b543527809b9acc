import type { AttentionRow } from './desk-board-views.ts';
import type { FieldView, FrameView, StateView, TimeView } from './desk-views.ts';

export interface DeliveriesView {
  frame: FrameView;
  attention: AttentionRow[];
  updates: {
    href: string;
    title: string;
    number: number;
    when: TimeView;
    lamps: StateView[];
    text: string;
  }[];
}

export interface UpdateDeliveriesView {
  frame: FrameView;
  title: string;
  number: number;
  incidentHref: string;
  released: TimeView;
  since: string;
  publicHref: string;
  /** Null when these words do not stand any more. */
  correctHref: string | null;
  retractHref: string;
  tally: StateView[];
  ticks: string[];
  /** Where now is on the axis, per cent; null when it is past its end. */
  now: number | null;
  strips: StripView[];
  cards: DeliveryCard[];
  others: { href: string; label: string; current: boolean }[];
}

/** A stretch of time in the life of a delivery; what has a box is waited for by somebody else. */
export interface SegmentView {
  kind: 'q' | '' | 'ok' | 'wait' | 'unk' | 'no' | 'man';
  box: boolean;
  from: number;
  to: number;
  width: number;
}

export interface StripView {
  id: string;
  network: string;
  account: string;
  state: StateView;
  note: string | null;
  /** Per cent of the axis. */
  segments: SegmentView[];
  read: number | null;
  href: string | null;
  link: string;
  proof: string;
  said: string;
  attention: boolean;
  attempts: { when: TimeView; what: string; outcome: string; message: string }[];
  cardHref: string | null;
  /** What must be settled before it can leave: an earlier post, or its account; `way` is where a person can. */
  behind: { words: string; way: { href: string; act: string } | null } | null;
}

/** A delivery that waits for a person, with the honest ways out. */
export interface DeliveryCard {
  id: string;
  heading: string;
  state: StateView;
  why: string;
  /** What waits for it to be settled. */
  behind: string | null;
  manual: boolean;
  words: string;
  openHref: string | null;
  confirmAction: string;
  resendAction: string;
  giveUpAction: string;
  mayConfirm: boolean;
  mayResend: boolean;
  /** The network said no: sending again is the likely way, and that it is there the unlikely one. */
  resendFirst: boolean;
  url: FieldView;
  reason: FieldView;
}
