import type { Blocks } from './words.ts';

/** The six parts of an apology that is heard as one (Lewicki, Polin and Lount 2016), the weightiest first. */
export const APOLOGY_PARTS = [
  'responsibility',
  'repair',
  'explanation',
  'repentance',
  'regret',
  'forgiveness',
] as const;
export type ApologyPart = (typeof APOLOGY_PARTS)[number];
export type Apology = Readonly<Partial<Record<ApologyPart, string>>>;

export interface ApologyScore {
  /** Of six. */
  score: number;
  missing: ApologyPart[];
  /** Without responsibility and repair it is none, whatever else it has. */
  isApology: boolean;
}

export function scoreApology(apology: Apology): ApologyScore {
  const missing = APOLOGY_PARTS.filter((part) => !apology[part]?.trim());
  return {
    score: APOLOGY_PARTS.length - missing.length,
    missing,
    isApology: !missing.includes('responsibility') && !missing.includes('repair'),
  };
}

const join = (...texts: (string | undefined)[]): string =>
  texts
    .map((t) => t?.trim() ?? '')
    .filter((t) => t !== '')
    .join(' ');

/** The parts in the order readers need them: sorrow and blame, what happened, what is mended, what changes. */
export function apologyBlocks(apology: Apology): Blocks {
  const blocks: Blocks = {
    care: join(apology.regret, apology.responsibility),
    known: join(apology.explanation),
    doing: join(apology.repair, apology.repentance),
    action: join(apology.forgiveness),
  };
  return Object.fromEntries(Object.entries(blocks).filter(([, text]) => text !== '')) as Blocks;
}
