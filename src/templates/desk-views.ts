/** What the desk's templates are given. Times and durations are ready to read; rules have been asked before. */

/** A state as people meet it: shape, word and colour, always together. */
export interface StateView {
  /** Name of the icon's symbol, without `i-`. */
  icon: string;
  tone: 'good' | 'warn' | 'bad' | 'odd' | 'ink' | '';
  word: string;
}

export interface TimeView {
  iso: string;
  /** With its zone. */
  text: string;
}

export interface PersonView {
  name: string;
  initials: string;
}

export interface ChoiceView {
  value: string;
  label: string;
  chosen: boolean;
}

/** A promise that is running, or was missed. */
export interface CountdownView {
  /** Instant it runs to, ms. */
  until: number;
  /** "08:42", or "late". */
  text: string;
  late: boolean;
  /** "by 14:40 UTC". */
  by: string;
}

export type Room =
  | 'declare'
  | 'board'
  | 'incidents'
  | 'approvals'
  | 'deliveries'
  | 'inbox'
  | 'connections'
  | 'people'
  | 'subscribers'
  | 'templates'
  | 'settings'
  | 'help'
  | '';

/** What is around every screen. */
export interface FrameView {
  title: string;
  room: Room;
  /** Class of the main part. */
  style: string;
  /** The screen is as high as the window, its columns scroll by themselves. */
  fixed: boolean;
  rooms: {
    room: Room;
    href: string;
    label: string;
    key: string;
    icon: string;
    current: boolean;
    waiting: number;
  }[];
  exercise: boolean;
  /** One person may approve their own words: said on every screen. */
  solo: boolean;
  /** Why nothing leaves for any network; null when sending is on. */
  sendingOff: string | null;
  pageName: string;
  clock: TimeView;
  zone: string;
  /** Server time the screen was made, ms. */
  at: number;
  /** Seq of the newest event that the screen is sure to show; null where it follows nothing. */
  seq: number | null;
  /** The clock of what was noticed and not said yet; null when the public knows of all. */
  silent: SilentView | null;
  person: (PersonView & { roles: string }) | null;
  csrf: string;
  /** What has just been done, in a sentence. */
  notice: string | null;
  /** What kept it from being done. */
  trouble: string | null;
  css: string;
  js: string | null;
}

/** Something that was noticed and of which the public has not heard. */
export interface SilentView {
  href: string;
  title: string;
  /** When it was noticed, ms. */
  since: number;
  /** For how long, as a clock. */
  text: string;
  more: string;
}

export interface MessageView {
  frame: FrameView;
  heading: string;
  words: string;
  /** What to do about it, one step a line. */
  steps: string[];
  action: { href: string; label: string } | null;
  /** What a person had written when it went wrong, so that nothing is lost. */
  written: { label: string; text: string }[];
}

/** A form field with what was typed and, beside it, what is wrong with it. */
export interface FieldView {
  name: string;
  label: string;
  help: string;
  value: string;
  error: string | null;
}

export interface SecretView {
  frame: FrameView;
  heading: string;
  words: string;
  secret: string;
  expires: string;
  back: string;
}

export interface SettingsView {
  frame: FrameView;
  pages: {
    name: string;
    url: string;
    /** To its settings; null for who may not change them. */
    href: string | null;
    facts: { name: string; value: string }[];
    components: { group: string; names: string }[];
  }[];
  setUp: { action: string; name: FieldView; url: FieldView; timeZone: FieldView } | null;
  /** Opening another page. */
  another: { name: FieldView; slug: FieldView } | null;
  /** The switch of every network at once; null for who may not use it. */
  sending: {
    action: string;
    on: boolean;
    /** Why it is off. */
    why: string;
    /** What becomes of what waits. */
    waits: string;
    reason: FieldView;
    sure: string | null;
  } | null;
}

export interface HelpView {
  frame: FrameView;
  keys: { key: string; what: string }[];
}
