import { conflict, invalid } from './error.ts';
import { assertOther, type Hands, handsOf } from './hands.ts';
import type { LintFact } from './lint/lint.ts';
import { literal } from './literal.ts';

/** A typed statement that an incident rests on. Words are built from facts; when one changes, what was said can be found. */

export const FACT_KINDS = ['number', 'time', 'place', 'other'] as const;
export const FACT_STATES = ['unconfirmed', 'confirmed', 'disputed', 'withdrawn'] as const;
/** Where it was learnt: from our own systems and people, from somebody with a name and an office, or on a network. */
export const FACT_ORIGINS = ['inside', 'official', 'social'] as const;

export interface Fact {
  id: string;
  key: string;
  kind: (typeof FACT_KINDS)[number];
  value: string;
  unit: string;
  state: (typeof FACT_STATES)[number];
  source: string;
  origin: (typeof FACT_ORIGINS)[number];
  grade: string;
  secondSource: string;
  authorId: string;
  verifierId: string | null;
  confirmedAt: number | null;
  supersedesId: string | null;
  version: number;
}

export const MAX_KEY = 120;
export const MAX_VALUE = 200;
export const MAX_SOURCE = 200;

/** "12 people", "14:09 UTC": as it is said. */
export const spoken = (f: Pick<Fact, 'value' | 'unit'>): string =>
  f.unit === '' ? f.value : `${f.value} ${f.unit}`;

/**
 * Throws unless this person may confirm it: another one than who wrote it down, or anybody with a named source; and for
 * what was found on a network, two sources and a grade (who says it A–F, how sure 1–6).
 */
export function assertMayConfirm(
  f: Pick<Fact, 'state' | 'origin' | 'authorId' | 'source' | 'grade' | 'secondSource'>,
  by: Hands,
): void {
  if (f.state === 'confirmed') throw conflict('This is confirmed already.');
  if (f.state === 'withdrawn') throw conflict('This was withdrawn. Write it down anew.');
  if (f.origin === 'social') {
    assertOther(by, [f.authorId], 'You found this on a network, so another person must confirm it.');
    if (f.secondSource.trim() === '')
      throw invalid('secondSource', 'What was found on a network needs a second source.');
    if (!/^[A-F][1-6]$/.test(f.grade))
      throw invalid('grade', 'Grade it: who says it from A to F, how sure it is from 1 to 6, like B2.');
    return;
  }
  if (handsOf(by).includes(f.authorId) && f.source.trim() === '')
    throw invalid('source', 'Name the source, or let another person confirm it.');
}

/** Which facts some words rest on: those whose value stands in them, word for word. */
export function citedIn<F extends Pick<Fact, 'value' | 'unit' | 'state'>>(
  text: string,
  facts: readonly F[],
): F[] {
  return facts.filter((f) => f.state !== 'withdrawn' && saysValue(text, f.value));
}

/** Whether a value stands in a text by itself, not as a part of another word or number. */
export function saysValue(text: string, value: string): boolean {
  const said = literal(value.trim());
  return (
    said !== '' &&
    new RegExp(`(?<![\\p{L}\\p{N}]|\\d[.,:])${said}(?![\\p{L}\\p{N}]|[.,:]\\d)`, 'iu').test(text)
  );
}

/** Facts as the lints read them: the newest of each key, and what was said before it. */
export function lintFacts(
  facts: readonly Pick<Fact, 'id' | 'key' | 'value' | 'unit' | 'kind' | 'state' | 'supersedesId'>[],
): LintFact[] {
  const replaced = new Set(facts.flatMap((f) => f.supersedesId ?? []));
  return facts
    .filter((f) => !replaced.has(f.id))
    .map((f) => ({
      key: f.key,
      value: f.value,
      unit: f.unit,
      state: f.state,
      before: chain(f.supersedesId, facts),
    }));
}

function chain(from: string | null, facts: readonly Pick<Fact, 'id' | 'value' | 'supersedesId'>[]): string[] {
  const values: string[] = [];
  for (let id = from; id !== null && values.length < facts.length; ) {
    const f = facts.find((x) => x.id === id);
    if (!f) break;
    values.push(f.value);
    id = f.supersedesId;
  }
  return values;
}

/** What an approver must be shown: every number, time and place in the words, with the fact behind it or none. */
export function figuresIn(text: string): string[] {
  const found = text.match(
    /(?<![\p{L}\p{N}/:.-])\d[\d.,]*(?::\d\d)?(?:\s?%|\s(?:in|of)\s\d[\d.,]*)?(?![\p{L}\p{N}])/gu,
  );
  return [...new Set((found ?? []).map((x) => x.replace(/[.,]+$/, '')))];
}
