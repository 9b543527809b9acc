import type { BlockName, ComponentStatus, Impact, IncidentKind, IncidentStatus } from '../../domain/words.ts';

/** The words of ours that go out to networks, around what a person wrote. */
export interface MessageStrings {
  /** The promise, as one whole sentence. `time` names its zone: "14:40 UTC". */
  nextUpdate: (time: string) => string;
  /** The same, when the promised time falls on another day: `date` is "Friday 27 November", without a year. */
  nextUpdateOn: (time: string, date: string) => string;
  kind: Record<IncidentKind, string>;
  /** Whole phrases: "Major impact". */
  impact: Record<Impact, string>;
  status: Record<IncidentStatus, string>;
  component: Record<ComponentStatus, string>;
  /** Before the sentence that says what was wrong, and in subjects; without a colon. */
  amends: { correction: string; retraction: string };
  /** Headings over the blocks, where a message is long enough to have them. Care comes first and needs none. */
  headings: Record<Exclude<BlockName, 'care'>, string>;
  /** Before the names of the components concerned; without a colon. */
  affected: string;
  /** Before or on the link to the page; without a colon. */
  moreAt: string;
}

/** Everything Tocsin itself says in one language. One file a language, the same keys in each. */
export interface Strings {
  /** BCP 47, as in `lang="…"`. */
  language: string;
  /** Its own name for itself. */
  name: string;
  direction: 'ltr' | 'rtl';
  message: MessageStrings;
}
