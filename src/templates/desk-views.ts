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
  | 'connections'
  | 'people'
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
  pageName: string;
  clock: TimeView;
  zone: string;
  /** Server time the screen was made, ms. */
  at: number;
  person: (PersonView & { roles: string }) | null;
  csrf: string;
  /** What has just been done, in a sentence. */
  notice: string | null;
  /** What kept it from being done. */
  trouble: string | null;
  css: string;
  js: string | null;
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

export interface SignInView {
  frame: FrameView;
  action: string;
}

export interface BoardView {
  frame: FrameView;
  incidents: BoardIncident[];
  nextPromise: string | null;
  approvals: ApprovalRow[];
  drafts: { href: string; title: string; by: string; state: StateView }[];
  sees: PublicWords[];
  attention: AttentionRow[];
  networks: { name: string; account: string; state: StateView; note: string; href: string }[];
  connectHref: string | null;
  checks: { name: string; state: StateView; note: string }[];
  history: string;
}

export interface BoardIncident {
  href: string;
  title: string;
  kind: string;
  status: string;
  age: string;
  page: string | null;
  owner: PersonView | null;
  promise: CountdownView | null;
  lamps: StateView[];
  lampsText: string;
}

export interface ApprovalRow {
  href: string;
  title: string;
  number: number;
  class: string;
  state: StateView;
  asked: string;
  by: string;
  given: string;
  /** False when the person looking wrote these words or has said yes already. */
  yours: boolean;
}

export interface PublicWords {
  network: string;
  account: string;
  words: string | null;
  href: string | null;
  age: string;
  state: StateView;
}

export interface AttentionRow {
  state: StateView;
  what: string;
  why: string;
  href: string;
  act: string;
}

/** A form field with what was typed and, beside it, what is wrong with it. */
export interface FieldView {
  name: string;
  label: string;
  help: string;
  value: string;
  error: string | null;
}

export interface DeclareView {
  frame: FrameView;
  pages: ChoiceView[];
  kinds: ChoiceView[];
  impacts: ChoiceView[];
  fields: Record<'title' | 'objective' | 'detectedAt' | 'scheduledFor' | 'scheduledUntil', FieldView>;
  grave: boolean;
  maintenance: boolean;
  zone: string;
  now: string;
  cadence: string;
}

export interface IncidentsView {
  frame: FrameView;
  open: IncidentRow[];
  past: IncidentRow[];
}

export interface IncidentRow {
  href: string;
  title: string;
  kind: string;
  status: string;
  opened: TimeView;
  ended: TimeView | null;
}

export interface IncidentView {
  frame: FrameView;
  id: string;
  title: string;
  kind: string;
  status: string;
  objective: string;
  grave: boolean;
  owner: PersonView | null;
  detected: TimeView;
  scheduled: string | null;
  publicHref: string | null;
  promise: CountdownView | null;
  newHref: string;
  mayWrite: boolean;
  updates: {
    href: string;
    number: number;
    state: StateView;
    status: string;
    when: TimeView;
    by: string;
    text: { label: string; words: string }[];
    promised: string | null;
    reason: string | null;
    deliveries: { href: string; lamps: StateView[]; text: string } | null;
    mayStartFrom: boolean;
  }[];
  promises: { state: StateView; due: TimeView; note: string }[];
  log: { when: TimeView; what: string }[];
}

export interface BlockField extends FieldView {
  rows: number;
}

export interface RenditionView {
  id: string;
  network: string;
  account: string;
  initial: string;
  square: boolean;
  state: StateView;
  parts: { text: PieceView[]; subject: string | null; length: string; of: string | null }[];
  /** "233 / 280 weighted", the longest part. */
  length: string;
  short: string;
  /** Share of the limit, 0 to 100. */
  share: number;
  near: boolean;
  note: string;
  /** Blocks or ends of blocks that are not in it. */
  dropped: string;
}

export interface PieceView {
  text: string;
  href: string | null;
}

export interface RefusalView {
  network: string;
  message: string;
  /** Address of the field to mend. */
  fix: string;
}

/** What would leave as things stand, and what keeps it from leaving. */
export interface PreviewView {
  some: boolean;
  renditions: RenditionView[];
  refused: RefusalView[];
  blocked: { message: string; fix: string; field: string }[];
  /** Blocks and refusals together. */
  problems: number;
  summary: string;
  empty: string | null;
}

export interface ComposeView {
  frame: FrameView;
  action: string;
  previewAction: string;
  withdrawAction: string;
  /** The version these words are of, and the name of the person who saved it. */
  version: number;
  incident: { title: string; href: string };
  number: number;
  state: StateView;
  saved: string;
  reason: string | null;
  promise: CountdownView | null;
  blocks: BlockField[];
  body: BlockField;
  bodyOpen: boolean;
  next: FieldView & { zone: string; day: string; allowed: string };
  statuses: ChoiceView[];
  statusError: string | null;
  classes: ChoiceView[];
  components: { id: string; name: string; now: string; choices: ChoiceView[] }[];
  audience: { id: string; name: string; account: string; role: string; chosen: boolean }[];
  audienceError: string | null;
  overrides: BlockField[];
  overridesOpen: boolean;
  preview: PreviewView;
  approvers: string;
  /** Somebody else saved while this was being written. */
  conflict: {
    by: string;
    theirs: { label: string; text: string; mine: string }[];
    theirsHref: string;
  } | null;
  mayWithdraw: boolean;
}

export interface ApprovalsView {
  frame: FrameView;
  waiting: ApprovalRow[];
}

export interface ApproveView {
  frame: FrameView;
  title: string;
  incidentHref: string;
  facts: string;
  state: StateView;
  ring: { until: number; text: string } | null;
  renditions: (RenditionView & { changed: DiffView[]; hasChanged: boolean })[];
  /** The words on the status page, and what changed in them. */
  page: string;
  pageChanged: DiffView[];
  changes: number;
  firstWords: boolean;
  before: string | null;
  blocks: { label: string; words: string }[];
  components: { name: string; from: string; to: string }[];
  promise: { text: string; note: string } | null;
  hash: string;
  approveAction: string;
  returnAction: string;
  withdrawAction: string;
  editHref: string;
  mayApprove: boolean;
  mayReturn: boolean;
  whyNot: string | null;
  mayEdit: boolean;
  yeses: { who: PersonView; when: TimeView }[];
  needed: string;
  looking: string | null;
  reason: FieldView;
  /** Reasons that one press sends back with. */
  quick: string[];
  expires: string | null;
}

/** A run of words; neither added nor removed when it was there before and still is. */
export interface DiffView {
  text: string;
  added: boolean;
  removed: boolean;
}

export interface DeliveriesView {
  frame: FrameView;
  attention: AttentionRow[];
  updates: {
    href: string;
    title: string;
    number: number;
    when: TimeView;
    lamps: StateView[];
    text: string;
  }[];
}

export interface UpdateDeliveriesView {
  frame: FrameView;
  title: string;
  number: number;
  incidentHref: string;
  released: TimeView;
  since: string;
  publicHref: string;
  tally: StateView[];
  ticks: string[];
  /** Where now is on the axis, per cent; null when it is past its end. */
  now: number | null;
  strips: StripView[];
  cards: DeliveryCard[];
  others: { href: string; label: string; current: boolean }[];
}

/** A stretch of time in the life of a delivery; what has a box is waited for by somebody else. */
export interface SegmentView {
  kind: 'q' | '' | 'ok' | 'wait' | 'unk' | 'no' | 'man';
  box: boolean;
  from: number;
  to: number;
  width: number;
}

export interface StripView {
  id: string;
  network: string;
  account: string;
  state: StateView;
  note: string | null;
  /** Per cent of the axis. */
  segments: SegmentView[];
  read: number | null;
  href: string | null;
  link: string;
  proof: string;
  said: string;
  attention: boolean;
  attempts: { when: TimeView; what: string; outcome: string; message: string }[];
  cardHref: string | null;
}

/** A delivery that waits for a person, with the honest ways out. */
export interface DeliveryCard {
  id: string;
  heading: string;
  state: StateView;
  why: string;
  manual: boolean;
  words: string;
  openHref: string | null;
  confirmAction: string;
  resendAction: string;
  giveUpAction: string;
  mayConfirm: boolean;
  mayResend: boolean;
  url: FieldView;
  reason: FieldView;
}

export interface ConnectionsView {
  frame: FrameView;
  pages: {
    name: string;
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
      switchAction: string;
      switchLabel: string;
      resumeAction: string | null;
    }[];
  }[];
  kinds: { href: string | null; name: string; promise: string; note: string; state: StateView }[];
  mayAdd: boolean;
  maySwitch: boolean;
}

export interface ConnectView {
  frame: FrameView;
  kind: string;
  promise: string;
  cost: string;
  checkedOn: string;
  steps: string[];
  action: string;
  pages: ChoiceView[];
  name: FieldView;
  role: ChoiceView[];
  languages: ChoiceView[];
  includeLink: boolean;
  thread: boolean;
  fields: (FieldView & { secret: boolean; required: boolean; placeholder: string })[];
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
    linkAction: string;
    tokenAction: string;
  }[];
  mayChange: boolean;
  name: FieldView;
  email: FieldView;
  roles: (ChoiceView & { about: string })[];
  rolesError: string | null;
  scopes: (ChoiceView & { about: string })[];
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
    facts: { name: string; value: string }[];
    components: { group: string; names: string }[];
  }[];
  setUp: { action: string; name: FieldView; url: FieldView; timeZone: FieldView } | null;
}

export interface HelpView {
  frame: FrameView;
  keys: { key: string; what: string }[];
}
