import type { FieldView, FrameView, StateView } from './desk-views.ts';

/** Settings of one page. */
export interface PageSettingsView {
  frame: FrameView;
  name: string;
  url: string;
  base: string;
  identity: FieldView[];
  press: FieldView[];
  look: FieldView[];
  css: FieldView;
  /** How many characters a style may have. */
  mostCss: number;
  pictures: { kind: string; label: string; help: string; src: string | null; error: string | null }[];
  isPrivate: boolean;
  hasPassword: boolean;
  mailsLinks: boolean;
  password: FieldView;
  emails: FieldView;
  networks: FieldView;
  /** Address of a proxy that this reader came through and that is not believed; null is none. */
  behind: string | null;
  checked: string | null;
}

/** A field of one of many forms: its name is theirs all, its id is its own. */
export interface PartField extends FieldView {
  id: string;
  /** Id of the list of words it offers. */
  list: string | null;
}

/** The parts of a service. */
export interface ComponentsView {
  frame: FrameView;
  pageName: string;
  back: string;
  action: string;
  /** Names of groups there are. */
  known: string[];
  groups: {
    name: string;
    parts: {
      id: string;
      name: string;
      description: string;
      state: StateView;
      action: string;
      first: boolean;
      last: boolean;
      hidden: boolean;
      /** Its form was refused, so it stands open. */
      open: boolean;
      fields: PartField[];
    }[];
  }[];
  fields: PartField[];
  /** What a part that works is called on the page. */
  working: string;
}
