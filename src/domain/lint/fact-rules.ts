import { saysValue } from '../fact.ts';
import { literal } from '../literal.ts';
import type { Finding, LintFact, LintInput } from './lint.ts';
import { passages } from './lint.ts';

/** L3 and L10: confirmed numbers, times and places must be used as they stand; doubtful ones only as questions. */
export function factFindings(input: Pick<LintInput, 'blocks' | 'body' | 'facts'>): Finding[] {
  const list: Finding[] = [];
  for (const p of passages(input)) {
    for (const f of input.facts) {
      if (f.state === 'confirmed' || p.block === 'unknown' || !saysValue(p.text, f.value)) continue;
      // Two facts may have the same value; one that is confirmed bears the words.
      if (input.facts.some((x) => x.state === 'confirmed' && x.value === f.value)) continue;
      list.push({
        id: 'L3',
        level: 'block',
        field: p.field,
        quote: f.value,
        message: `“${f.key}” is ${f.state}, and is said here as if it were known.`,
        fix: 'Move it under “What we don’t know yet”, or have it confirmed first.',
      });
    }
    for (const f of input.facts) {
      if (f.state !== 'confirmed') continue;
      const wrong = otherValue(p.text, f, input.facts);
      if (wrong !== undefined)
        list.push({
          id: 'L10',
          level: 'block',
          field: p.field,
          quote: wrong,
          message: `The ledger says ${f.value}${f.unit ? ` ${f.unit}` : ''} for “${f.key}”.`,
          fix: `Use ${f.value}, or correct the ledger first.`,
        });
    }
  }
  return list;
}

/**
 * Another value in the place of a confirmed one, if the text has one: what it was before, or one in its shape (`1 in 8`
 * for `1 in 12`, `14:10 UTC` for `14:09 UTC`, `9 people` for 12 of the unit `people`).
 */
function otherValue(text: string, f: LintFact, all: readonly LintFact[]): string | undefined {
  if (saysValue(text, f.value)) return undefined;
  const borne = (value: string) => all.some((x) => x !== f && x.state === 'confirmed' && x.value === value);
  const before = f.before?.find((value) => saysValue(text, value) && !borne(value));
  if (before !== undefined) return before;
  if (!/\d/.test(f.value)) return undefined;
  const number = '\\d[\\d.,]*';
  const shape = literal(f.value.trim()).replace(/\d+/g, '\\d+');
  // A bare number has no shape of its own, any other number would match it; with its unit it has.
  const bare = /^\\d\+(?:(?:\\\.|,)\\d\+)*$/.test(shape);
  if (bare && !f.unit?.trim()) return undefined;
  const pattern = bare ? `${number}(?=\\s${literal(f.unit?.trim() ?? '')})` : shape;
  for (const [found] of text.matchAll(
    new RegExp(`(?<![\\p{L}\\p{N}]|\\d[.,:])${pattern}(?![\\p{L}\\p{N}])`, 'giu'),
  ))
    if (!borne(found)) return found;
  return undefined;
}
