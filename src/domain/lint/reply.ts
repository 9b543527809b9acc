import { type Finding, type LintInput, passages, sentencesOf } from './lint.ts';
import { peopleFindings } from './people-rules.ts';

const STEP =
  /https?:\/\/|\b(?:please|you can|you could|try|tap|click|open|go to|visit|check|use|choose|send us|reply|restart|sign in|keep|wait|do not|don’t|don't|we(?:’|'| wi)ll (?:tell|write|update|refund|call|let)|next update|by \d{1,2}[:.]\d{2}|within \d|refund)\b/i;
const ELSEWHERE = /\b(?:call|phone|ring|write to|e-?mail)(?:ing)? (?:us\b|our\b|\+?\d)/i;

/**
 * A reply to one person, before it goes: L18 (personal data), L19 (only sent elsewhere), L20 (nothing to do next). The
 * English rules look only at English words.
 */
export function lintReply(input: {
  text: string;
  language: string;
  facts: LintInput['facts'];
  officialHosts: readonly string[];
  grave: boolean;
  gateOpen: boolean;
}): Finding[] {
  const words = { blocks: {}, body: input.text };
  const list: Finding[] = peopleFindings({ ...input, ...words, peopleHarmed: input.grave });
  if (!input.language.startsWith('en') || passages(words).length === 0) return list;
  const elsewhere = ELSEWHERE.exec(input.text)?.[0];
  if (elsewhere && sentencesOf(input.text).every((s) => ELSEWHERE.test(s) || s.split(' ').length < 4))
    list.push({
      id: 'L19',
      level: 'warn',
      field: 'body',
      quote: elsewhere,
      message: 'They asked here, and are only sent elsewhere.',
      fix: 'Answer here as well, or say what they can do now.',
    });
  if (!STEP.test(input.text) && !elsewhere)
    list.push({
      id: 'L20',
      level: 'warn',
      field: 'body',
      quote: '',
      message: 'This leaves them with nothing to do next.',
      fix: 'Add a next step: a link, what to do, or when you will tell them more.',
    });
  return list;
}
