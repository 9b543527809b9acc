import type { AmendingView } from './desk-amend-views.ts';
import type { ApprovalRow } from './desk-board-views.ts';
import type { DrawerView, FigureView, OverrideOffer, ProofView, RatingView } from './desk-judgement-views.ts';
import type { PlannedRow } from './desk-later-views.ts';
import type { DiffView, FindingView, LintsView } from './desk-lint-views.ts';
import type { MediaChange, MediaField, PictureView } from './desk-media-views.ts';
import type {
  ChoiceView,
  CountdownView,
  FieldView,
  FrameView,
  PersonView,
  StateView,
  TimeView,
} from './desk-views.ts';

/** What the screens of one update are given: writing it, approving it, following it to the networks. */

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
  /** Pictures that its first post shows. */
  media: PictureView[];
  /** "of-1" to "of-4": how they lie beside each other. */
  layout: string;
  /** Why the update's pictures are not shown there; null where they are, or there are none. */
  noPicture: string | null;
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
  /** Findings that only warn. */
  warnings: number;
  /** "1 block, 2 warnings". */
  counts: string;
  lints: LintsView[];
  summary: string;
  empty: string | null;
}

/** A part of the service, and what these words make of it. */
interface PartView {
  id: string;
  name: string;
  now: string;
  /** This incident took it down, and it is not back. */
  broken: boolean;
  /** It is looked at first: it does not work, or this incident has spoken of it. */
  near: boolean;
  choices: ChoiceView[];
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
  blocks: (BlockField & { lints: LintsView })[];
  body: BlockField & { lints: LintsView };
  bodyOpen: boolean;
  next: FieldView & { zone: string; day: string; allowed: string; lints: LintsView };
  statuses: ChoiceView[];
  /** The statuses that end it, a space between: they promise nothing more. */
  ends: string;
  statusError: string | null;
  classes: ChoiceView[];
  /** In whose voice, where the author may choose. */
  voices: ChoiceView[];
  voiceError: string | null;
  /** Asked for where words end an incident and people still wait. */
  leaves: FieldView | null;
  /** Null where these words do not bring it. */
  rating: RatingView | null;
  hasParts: boolean;
  components: PartView[];
  /** Parts that work and that these words leave alone, where there are many. */
  otherParts: PartView[];
  componentLints: LintsView;
  audience: { id: string; name: string; account: string; role: string; chosen: boolean }[];
  audienceError: string | null;
  overrides: BlockField[];
  overridesOpen: boolean;
  /** Pre-cleared words, slots filled: any change of a word makes them class B. */
  cleared: boolean;
  preview: PreviewView;
  /** Set when these words put others right. */
  /** A retraction: there are no words to write but what was wrong. */
  takesBack: boolean;
  amending: AmendingView | null;
  approvers: string;
  /** Somebody else saved while this was being written. */
  conflict: {
    by: string;
    theirs: { label: string; text: string; mine: string }[];
    theirsHref: string;
  } | null;
  mayWithdraw: boolean;
  /** Where what is typed is kept while it is typed. */
  draftAction: string;
  /** Whose words a browser keeps: what one person typed is not offered to the next at the same machine. */
  writer: string;
  /** Words of this person that were typed here and never saved. */
  kept: {
    when: TimeView;
    words: { label: string; text: string }[];
    restoreHref: string;
    dropAction: string;
  } | null;
  /** Who else has this open: "Marcus Lee is writing here too." */
  here: string | null;
  drawer: DrawerView;
  publishAt: FieldView;
  /** Its pictures; null where words are taken back and nothing is shown. */
  media: MediaField | null;
}

export interface ApprovalsView {
  frame: FrameView;
  waiting: ApprovalRow[];
}

export interface ApproveView {
  frame: FrameView;
  /** What goes out later by the same yes. */
  later: PlannedRow[];
  title: string;
  incidentHref: string;
  facts: string;
  state: StateView;
  ring: { until: number; text: string } | null;
  renditions: (RenditionView & { changed: DiffView[]; hasChanged: boolean })[];
  /** Set when these words put others right. */
  amending: AmendingView | null;
  /** The words on the status page, and what changed in them. */
  page: string;
  pageChanged: DiffView[];
  /** Pictures on the status page, and what became of those before. */
  media: PictureView[];
  mediaChanged: MediaChange[];
  manyPictures: boolean;
  /** "the page, X and Mastodon". */
  shownOn: string;
  changes: number;
  firstWords: boolean;
  before: string | null;
  blocks: { label: string; words: string }[];
  /** How bad the page will say it is, where that changes. */
  impact: { from: string; to: string } | null;
  components: { name: string; from: string; to: string }[];
  /** A correction without a time of its own leaves this promise as it was. */
  runsOn: string | null;
  promise: { text: string; note: string } | null;
  /** Warnings that the author let stand, to be known before the yes. */
  warnings: { count: string; findings: FindingView[] } | null;
  hash: string;
  approveAction: string;
  returnAction: string;
  withdrawAction: string;
  editHref: string;
  mayApprove: boolean;
  /** Somebody's own voice: whose, what they said to it, and the form of the person themselves. */
  voice: {
    name: string;
    state: StateView;
    /** Set for the person who speaks, while they have not consented. */
    consent: { action: string; proof: ProofView; whyNot: string | null } | null;
  } | null;
  /** Why they show who they are although the class does not ask for it. */
  self: string | null;
  mayReturn: boolean;
  whyNot: string | null;
  mayEdit: boolean;
  /** `as` is what they are besides, like “legal”. */
  yeses: { who: PersonView; as: string; when: TimeView }[];
  needed: string;
  looking: string | null;
  reason: FieldView;
  /** Reasons that one press sends back with. */
  quick: string[];
  expires: string | null;
  /** Every fact the words rest on, then every number in them that has none. */
  figures: FigureView[];
  /** What is to be shown with the yes. */
  proof: ProofView;
  /** For whoever stands alone: putting the words out without a second person. */
  override: OverrideOffer | null;
  timed: string | null;
}
