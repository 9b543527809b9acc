import { figuresIn } from '../fact.ts';
import { factFindings } from './fact-rules.ts';
import { type Finding, sentencesOf } from './lint.ts';
import { PHRASES } from './phrases.ts';
import { lintReply } from './reply.ts';
import { links } from './rules.ts';

/** How strictly answers are held to what is public already. */
export interface AnswerPolicy {
  /** A number, time or place that no confirmed fact bears and no published words have. Missing: block. */
  figures?: 'warn' | 'block';
  /** A guess at the cause, or more reassurance than anyone can give. Missing: warn. */
  guesses?: 'warn' | 'block';
  /** What reads like class C goes out only with a second person's yes. Missing: yes. */
  second?: boolean;
  /** The first five answers of somebody who only answers wait for a second person. Missing: no. */
  firstFive?: boolean;
}

export interface AnswerInput extends Omit<Parameters<typeof lintReply>[0], 'text'> {
  text: string;
  /** What they wrote: its figures may be said back to them. */
  asked: string;
  /** The newest published words; null while no incident is open, when there is nothing to run ahead of. */
  said: string | null;
  policy: AnswerPolicy;
}

/** Guesses and promises of which an answer must not make more than the company has made. */
const GUESSES: readonly string[] = ['L4', 'L5', 'L6'];

/**
 * What would make an answer to one person the first word on something: what is new is said on the page, to everybody.
 * Besides it the rules for any answer, and for links.
 */
export function lintAnswer(input: AnswerInput): Finding[] {
  const words = { blocks: {}, body: input.text };
  const list = [
    ...lintReply(input),
    ...factFindings({ ...words, facts: input.facts }),
    ...links({ ...input, ...words }),
  ];
  if (input.language.startsWith('en'))
    for (const rule of PHRASES.filter((x) => GUESSES.includes(x.id)))
      for (const [quote] of input.text.matchAll(rule.pattern))
        list.push({
          id: rule.id,
          level: input.policy.guesses ?? 'warn',
          field: 'body',
          quote,
          message: rule.message,
          fix: 'Say what is public, or when they will hear more.',
        });
  list.push(...newFigures(input));
  return list.sort((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'));
}

function newFigures(input: AnswerInput): Finding[] {
  const { said } = input;
  if (said === null) return [];
  const borne = new Set([
    ...figuresIn(said),
    ...figuresIn(input.asked),
    ...input.facts.filter((f) => f.state === 'confirmed').flatMap((f) => [f.value, ...figuresIn(f.value)]),
  ]);
  const known = new Set(
    factFindings({ blocks: {}, body: input.text, facts: input.facts }).map((f) => f.quote),
  );
  return figuresIn(input.text.replace(/https?:\/\/\S+/g, ''))
    .filter((figure) => !borne.has(figure) && !known.has(figure))
    .map((figure) => ({
      id: 'L3',
      level: input.policy.figures ?? 'block',
      field: 'body',
      quote: figure,
      message: 'No confirmed fact and none of the published words have this.',
      fix: 'Leave it out, or have it confirmed and published first.',
    }));
}

/** What a class C statement is about, as far as words tell: see the table of classes. English and numbers only. */
const GRAVE: readonly { why: string; pattern: RegExp }[] = [
  { why: 'death or injury', pattern: /\b(?:died|dead|deaths?|killed|fatal\w*|injur\w+|hurt|wounded)\b/i },
  { why: 'a breach of data', pattern: /\b(?:breach\w*|leak(?:ed|s)?|stolen|hack(?:ed|ers?)|exposed)\b/i },
  {
    why: 'an admission',
    pattern:
      /\b(?:our (?:fault|mistake|error)|we (?:are|were) (?:responsible|to blame|at fault|negligent)|we failed)\b/i,
  },
  {
    why: 'money',
    pattern:
      /\b(?:refund\w*|compensat\w+|reimburs\w+|goodwill|vouchers?)\b|[$€£¥]\s?\d|\d\s?(?:EUR|USD|GBP|€)/i,
  },
  {
    why: 'numbers of people',
    pattern: /\d[\d.,]*\s(?:people|persons|customers|users|passengers|patients)\b/i,
  },
  { why: 'the law', pattern: /\b(?:lawyers?|lawsuit|court|liab(?:le|ility)|legal\w*|police|prosecut\w+)\b/i },
];

/**
 * Why a second person should read this first; undefined when none need to. Words that somebody has said yes to before,
 * in an update or a cleared message map, need no other yes.
 */
export function whySecond(text: string, approved: readonly string[]): string | undefined {
  const flat = (x: string) => x.toLowerCase().replace(/\s+/g, ' ').trim();
  const known = flat(approved.join('\n'));
  const fresh = sentencesOf(text).filter((s) => !known.includes(flat(s)));
  return GRAVE.find(({ pattern }) => fresh.some((s) => pattern.test(s)))?.why;
}
