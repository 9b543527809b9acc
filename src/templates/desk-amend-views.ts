import type { DiffView } from './desk-lint-views.ts';
import type { FieldView, FrameView, StateView } from './desk-views.ts';

/** What the screens that put published words right are given. */

/** What is done on some networks. */
export interface AmendLine {
  /** "Discord, Facebook, and Mastodon". */
  networks: string;
  state: StateView;
  what: string;
  /** What happens where a network refuses; empty when nothing else is planned. */
  orElse: string;
  /** What becomes of the post's pictures; empty where there are none, or they stay as they should. */
  pictures: string;
}

/** Where a correction or retraction is begun. */
export interface AmendView {
  frame: FrameView;
  heading: string;
  title: string;
  incidentHref: string;
  action: string;
  takesBack: boolean;
  /** The words that stand now. */
  was: string;
  said: string;
  note: FieldView;
  plan: AmendLine[];
  /** What becomes of the pictures on the status page. */
  pictures: string;
  /** Whether this person may ask for the posts to be taken off, here. */
  mayRemove: boolean;
  remove: boolean;
  button: string;
}

/** In the composer and where it is approved: what is put right, and how. */
export interface AmendingView {
  name: string;
  takesBack: boolean;
  note: FieldView;
  was: string;
  said: string;
  changed: DiffView[];
  plan: AmendLine[];
  /** What becomes of the pictures on the status page. */
  pictures: string;
}
