import type { ChoiceView, FieldView, FrameView, StateView } from './desk-views.ts';

export interface ConnectionsView {
  frame: FrameView;
  pages: {
    name: string;
    maySwitch: boolean;
    rows: {
      id: string;
      name: string;
      network: string;
      account: string;
      href: string | null;
      role: string;
      state: StateView;
      note: string;
      can: string;
      /** Its own page. */
      settings: string;
      switchAction: string;
      switchLabel: string;
      resumeAction: string | null;
    }[];
  }[];
  kinds: {
    label: string;
    kinds: { href: string | null; name: string; promise: string; note: string; state: StateView | null }[];
  }[];
  mayAdd: boolean;
}

export interface ConnectView {
  frame: FrameView;
  kind: string;
  promise: string;
  cost: string;
  checkedOn: string;
  steps: string[];
  action: string;
  /** For an account that is connected: what it is, and what can be done with it. */
  again: {
    account: string;
    /** Why it was paused. */
    paused: string | null;
    tryAction: string;
    /** In whose own voice it may speak; empty where nobody lends theirs. */
    voices: ChoiceView[];
    voiceAction: string;
    /** Where its network may call us. */
    hook: { url: string; secret: string; token: boolean; steps: string[] } | null;
  } | null;
  /** Where somebody can sign in on the network instead of copying keys. */
  signIn: {
    action: string;
    /** To be copied into the app on the network. */
    redirect: string | null;
    steps: string[];
    fields: CredentialView[];
    open: boolean;
  } | null;
  pages: ChoiceView[];
  name: FieldView;
  role: ChoiceView[];
  languages: ChoiceView[];
  includeLink: boolean;
  thread: boolean;
  fields: CredentialView[];
}

/** One value that connects an account; `as` is what the form calls it. */
export type CredentialView = FieldView & {
  id: string;
  as: string;
  secret: boolean;
  required: boolean;
  placeholder: string;
};

/** Several accounts that one sign-in can speak for. */
export interface ChooseView {
  frame: FrameView;
  kind: string;
  choice: string;
  accounts: { id: string; name: string }[];
}
