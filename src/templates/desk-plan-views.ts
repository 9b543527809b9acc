import type { ChoiceView, FieldView, FrameView } from './desk-views.ts';

/** Planned work at the desk. */

export interface PlanFormView {
  from: FieldView;
  until: FieldView;
  components: ChoiceView[];
  componentsError: string | null;
  reminders: ChoiceView[];
  remindersError: string | null;
  autoStart: boolean;
  autoEnd: boolean;
  ends: ChoiceView[];
  /** Words for later; `proposed` is what goes out when the field stays empty. */
  words: (FieldView & { proposed: string; notifyName: string; notify: boolean })[];
}

export interface PlanView {
  frame: FrameView;
  heading: string;
  action: string;
  back: string;
  zone: string;
  /** Only of a new announcement. */
  pages: ChoiceView[];
  title: FieldView | null;
  known: FieldView | null;
  version: number | null;
  plan: PlanFormView;
  begun: boolean;
}
