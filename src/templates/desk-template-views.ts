import type { BlockField, LintsView } from './desk-update-views.ts';
import type { ChoiceView, FieldView, FrameView, StateView } from './desk-views.ts';

/** What the screens of pre-cleared texts are given. */

export interface TemplatesView {
  frame: FrameView;
  mayWrite: boolean;
  /** How long a text may be cleared for. */
  terms: ChoiceView[];
  pages: { id: string; name: string; rows: TemplateRow[] }[];
}

export interface TemplateRow {
  id: string;
  name: string;
  title: string;
  href: string;
  version: number;
  state: StateView;
  note: string;
  words: string;
  mayClear: boolean;
  /** The person looking wrote it, so somebody else must clear it. */
  mine: boolean;
  mayRevoke: boolean;
}

export interface TemplateView {
  frame: FrameView;
  heading: string;
  action: string;
  page: string;
  version: number;
  name: FieldView;
  title: FieldView;
  statuses: ChoiceView[];
  blocks: (BlockField & { lints: LintsView })[];
  slots: FieldView;
}

/** A slot to be filled where a template is used. */
export interface SlotField extends FieldView {
  /** What may be chosen; empty when it is typed. */
  choices: ChoiceView[];
}
