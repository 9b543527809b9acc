import type { BlockName } from '../words.ts';

/** English phrases that do harm in a crisis, each with the doctrine it offends and a way out. */
export interface PhraseRule {
  id: `L${number}`;
  level: 'block' | 'warn';
  pattern: RegExp;
  /** Blocks in which the phrase is allowed. */
  except?: readonly (BlockName | 'body')[];
  message: string;
  fix: string;
}

export const PHRASES: readonly PhraseRule[] = [
  {
    id: 'L4',
    level: 'warn',
    pattern:
      /\b(probably|presumably|most likely|we (?:believe|think|suspect|assume) (?:it|this|that|the)|seems? to (?:have been|be) caused|appears? to be caused|may have been caused|likely (?:due|caused))\b/gi,
    message: 'This guesses at the cause.',
    fix: 'Say what you know, and put the question under “What we don’t know yet”.',
  },
  {
    id: 'L5',
    level: 'warn',
    pattern:
      /\b(no risk|no danger|completely safe|perfectly safe|totally safe|absolutely (?:safe|secure)|nothing to worry about|no cause for concern|100 ?%|rest assured|fully under control)(?![\p{L}\p{N}])/giu,
    message: 'This reassures more than anyone can know now.',
    fix: 'Say what was checked and what was found.',
  },
  {
    id: 'L6',
    level: 'warn',
    pattern:
      /\b(?:will be (?:back|fixed|restored|resolved|up|working|available) (?:by|at|before|within|in)|(?:fixed|resolved|restored) (?:by|before) \d|guarantee(?:d)?)\b/gi,
    message: 'This is certain about a time. If it slips, every network is wrong at once.',
    fix: 'Say what you aim for: “We aim to … by …”, or leave it to the next update.',
  },
  {
    id: 'L7',
    level: 'warn',
    pattern:
      /\b(any inconvenience|if any(?:one|body) (?:was|were|is|felt)|mistakes were made|sorry (?:you feel|if)|regret any|apologi[sz]e if)\b/gi,
    message: 'Readers do not hear this as an apology.',
    fix: 'Name what went wrong for them: “We’re sorry: you cannot …”.',
  },
  {
    id: 'L9',
    level: 'warn',
    pattern:
      /\b((?:due to|because of|caused by) (?:a |our |an |one of our )?(?:third[- ]party|external|supplier|vendor|upstream|provider)|not our fault|beyond our control)\b/gi,
    message: 'This shifts the blame. Your customers bought from you.',
    fix: 'Say what you are doing about it. Name a supplier only when people need to know.',
  },
  {
    id: 'L14',
    level: 'warn',
    pattern:
      /\b(exciting|amazing|world-class|best-in-class|seamless(?:ly)?|delighted|thrilled|industry-leading|stay tuned)\b/gi,
    message: 'This is marketing, in the wrong hour.',
    fix: 'Leave it out.',
  },
  {
    id: 'L24',
    level: 'warn',
    pattern: /\b(today|tomorrow|tonight|yesterday|this (?:morning|afternoon|evening))\b/gi,
    message: 'The page stays up; tomorrow this word means another day.',
    fix: 'Give the date.',
  },
];

export const JARGON: readonly string[] = [
  'latency',
  'degradation',
  'mitigation',
  'mitigate',
  'remediate',
  'remediation',
  'root cause',
  'failover',
  'p99',
  'throughput',
  'backend',
  'upstream',
  'downstream',
  'cluster',
  'rollback',
  'deploy',
  'intermittent',
  'leverage',
  'going forward',
];
