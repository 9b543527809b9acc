import { BLOCKS, type BlockName, type Blocks, type IncidentKind, type IncidentStatus } from '../words.ts';

/** Something a reader would stumble over. `block` keeps the words from being sent; `warn` is a second thought. */
export interface Finding {
  id: `L${number}`;
  level: 'block' | 'warn';
  /** Which field it is in: `blocks.known`, `body`, `nextUpdateBy`, `media`, … */
  field: string;
  /** The words that were found, as written; empty when something is missing. */
  quote: string;
  /** What is wrong, in a sentence. */
  message: string;
  /** What to do about it, in a sentence. */
  fix: string;
}

/** A confirmed or doubtful statement the incident rests on. */
export interface LintFact {
  key: string;
  value: string;
  state: 'unconfirmed' | 'confirmed' | 'disputed' | 'withdrawn';
  /** What is counted or measured, as it is said after a bare number: "people". */
  unit?: string;
  /** Values it had before, newest first. */
  before?: readonly string[];
}

export interface LintInput {
  kind: IncidentKind;
  status: IncidentStatus;
  language: string;
  blocks: Blocks;
  body: string;
  nextUpdateBy: number | null;
  /** Longest promise of the cadence, ms; null when the update need not promise. */
  longestPromiseMs: number | null;
  now: number;
  grave: boolean;
  /** People were hurt or may have been. */
  peopleHarmed: boolean;
  exercise: boolean;
  facts: readonly LintFact[];
  /** Hosts that links may lead to: the page's own and the company's. */
  officialHosts: readonly string[];
  /** Pictures, with their description. */
  media: readonly { alt: string }[];
  /** Networks on which the words do not fit, with the sentence that says so. */
  tooLong: readonly string[];
  /** What was last published in this incident; empty for the first update. */
  lastText: string;
  /** Whether deaths and names may be spoken of, where people were harmed: those close were told, or it was waived. */
  gateOpen?: boolean;
}

/** A text field of an update with its name, as the rules walk them. */
export interface Passage {
  field: string;
  block: BlockName | 'body';
  text: string;
}

/** Every text a person wrote, in reading order. */
export function passages(input: Pick<LintInput, 'blocks' | 'body'>): Passage[] {
  const list: Passage[] = [];
  for (const block of BLOCKS) {
    const text = input.blocks[block];
    if (text !== undefined && text.trim() !== '') list.push({ field: `blocks.${block}`, block, text });
  }
  if (input.body.trim() !== '') list.push({ field: 'body', block: 'body', text: input.body });
  return list;
}

/** Sentences of plain text, good enough to count words in. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?…])\s+|\n+/)
    .map((s) => s.trim())
    .filter((s) => s !== '');

export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu) ?? [];
