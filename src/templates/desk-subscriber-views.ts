import type { ChoiceView, FieldView, FrameView, StateView } from './desk-views.ts';

/** Who asked to be told: how many, who is in quarantine, and one of them when somebody asks. */
export interface SubscribersView {
  frame: FrameView;
  pages: {
    id: string;
    name: string;
    /** One row a kind that the page offers or has. */
    kinds: {
      name: string;
      active: string;
      unconfirmed: string;
      quarantined: string;
      ended: string;
      offered: boolean;
    }[];
    any: boolean;
    quarantined: SubscriberRow[];
  }[];
  /** Null for everybody but admins. */
  admin: {
    pages: ChoiceView[];
    kinds: ChoiceView[];
    people: ChoiceView[];
    find: FieldView;
    /** What was looked for and found; null before. */
    found: { row: SubscriberRow | null } | null;
    list: FieldView;
    basis: FieldView;
    agree: string | null;
  } | null;
}

export interface SubscriberRow {
  id: string;
  address: string;
  kind: string;
  state: StateView;
  note: string;
  about: string;
  sure: string | null;
}
