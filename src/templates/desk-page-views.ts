import type { FieldView, FrameView } from './desk-views.ts';

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
  checked: string | null;
}
