import type { ChoiceView, FieldView, FrameView, TimeView } from './desk-views.ts';

/** What the templates of the desk's door are given: signing in, one's own keys, and everybody's. */

/** A button that only works with a module; `script` is its address. */
export interface PasskeyView {
  script: string;
  /** `new` makes one, `get` shows one. */
  act: 'new' | 'get';
  ask: string;
  label: string;
}

export interface PasswordView extends FieldView {
  /** For password managers. */
  fill: 'current-password' | 'new-password';
}

export interface SignInView {
  frame: FrameView;
  /** They were signed in, and it was too long ago. */
  ended: boolean;
  action: string;
  email: FieldView;
  password: PasswordView;
  passkey: PasskeyView | null;
  passkeyAction: string;
  sso: { href: string; name: string } | null;
}

/** A page with one button, which spends a link: mail scanners follow links and press nothing. */
export interface LinkView {
  frame: FrameView;
  action: string;
}

export interface SecondView {
  frame: FrameView;
  name: string;
  action: string;
  app: boolean;
  code: FieldView;
  passkey: PasskeyView | null;
  passkeyAction: string;
}

export interface InvitationView {
  frame: FrameView;
  action: string;
  email: string;
  name: FieldView;
  password: PasswordView;
  passkey: PasskeyView | null;
  sso: { href: string; name: string } | null;
}

export interface SetUpView {
  frame: FrameView;
  action: string;
  name: FieldView;
  email: FieldView;
  password: PasswordView;
  passkey: PasskeyView | null;
  pageName: FieldView;
  timeZone: FieldView;
  /** Names to choose among. */
  zones: string[];
  /** Nobody has typed one yet: the browser's own is proposed. */
  guess: boolean;
  approvals: (ChoiceView & { about: string })[];
  approvalsError: string | null;
}

/** A person's own ways in. */
export interface MeView {
  frame: FrameView;
  name: string;
  email: string;
  /** False when signing in was too long ago to change anything here. */
  fresh: boolean;
  hasPassword: boolean;
  /** Whether the password of now is asked for. */
  mustShow: boolean;
  current: PasswordView;
  password: PasswordView;
  passkeys: { id: string; name: string; made: TimeView; used: string; removeAction: string }[];
  passkey: PasskeyView | null;
  passkeyName: FieldView;
  phone: FieldView;
  /** Browsers that tell this person. */
  pushes: { what: string; since: TimeView; offAction: string }[];
  /** One's own voice: whether words may be drafted in it, and by whom besides oneself. */
  voice: { on: boolean; title: FieldView; people: ChoiceView[] };
  totp: boolean;
  /** An app that awaits its first code. */
  starting: { secret: string; uri: string; code: FieldView } | null;
  recoveryLeft: number;
  mayRecover: boolean;
  sessions: { what: string; from: string; since: TimeView; here: boolean }[];
  others: boolean;
  sso: { href: string; name: string; connected: boolean } | null;
}

/** What somebody who signs out would leave to nobody. */
export interface LeavingView {
  frame: FrameView;
  /** "2 open incidents". */
  count: string;
  incidents: { href: string; title: string; status: string; offered: string | null }[];
}

export interface CodesView {
  frame: FrameView;
  codes: string[];
  back: string;
}

export interface PeopleView {
  frame: FrameView;
  people: {
    id: string;
    name: string;
    initials: string;
    email: string;
    roles: string;
    off: boolean;
    you: boolean;
    /** "password, 2 passkeys, app", or that they have not been here yet. */
    ways: string;
    seen: string;
    choices: ChoiceView[];
    /** What they are besides their roles. */
    offices: (ChoiceView & { about: string })[];
    officesAction: string;
    rolesAction: string;
    /** Only somebody who has no way in of their own yet. */
    mayInvite: boolean;
    inviteAction: string;
    linkAction: string;
    tokenAction: string;
    sessionsAction: string;
    resetAction: string;
    switchAction: string;
    switchLabel: string;
    /** Only oneself may let a program say yes in one's name. */
    mayApproveToken: boolean;
    /** Roles on single pages instead of the usual ones. */
    pageRoles: {
      id: string;
      name: string;
      action: string;
      own: boolean;
      held: string;
      choices: ChoiceView[];
    }[];
    tokens: { name: string; may: string; ends: TimeView; used: string; endAction: string }[];
  }[];
  mayChange: boolean;
  name: FieldView;
  email: FieldView;
  roles: (ChoiceView & { about: string })[];
  rolesError: string | null;
  scopes: (ChoiceView & { about: string })[];
  /** The scopes that a token for somebody else may have. */
  others: (ChoiceView & { about: string })[];
  lives: ChoiceView[];
}
