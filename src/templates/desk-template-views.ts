import type { LintsView } from './desk-lint-views.ts';
import type { BlockField } from './desk-update-views.ts';
import type { ChoiceView, FieldView, FrameView, StateView } from './desk-views.ts';

/** What the screens of pre-cleared texts are given. */

export interface TemplatesView {
  frame: FrameView;
  /** How long a text may be cleared for. */
  terms: ChoiceView[];
  pages: {
    id: string;
    name: string;
    mayWrite: boolean;
    rows: TemplateRow[];
    heartbeat: HeartbeatView;
  }[];
}

export interface TemplateRow {
  id: string;
  name: string;
  title: string;
  href: string;
  version: number;
  state: StateView;
  /** What the words are about. */
  class: string;
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
  classes: ChoiceView[];
  classError: string | null;
  blocks: (BlockField & { lints: LintsView })[];
  slots: FieldView;
}

/** A slot to be filled where a template is used. */
export interface SlotField extends FieldView {
  /** What may be chosen; empty when it is typed. */
  choices: ChoiceView[];
}

/** What the page may say once when an update is late. */
export interface HeartbeatView {
  state: StateView;
  words: string;
  minutes: number;
  auto: boolean;
  mayWrite: boolean;
  mayClear: boolean;
  mine: boolean;
}
