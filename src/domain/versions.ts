import type { Amends, UpdateState } from './words.ts';

/** An update, as far as what became of its words is concerned. */
export interface Versioned {
  id: string;
  correctsId: string | null;
  amends: Amends | null;
  state: UpdateState;
  publishedSeq: number | null;
  /** Says nothing but that we are still there. */
  heartbeat?: boolean;
}

/** Something that was said once, and what has become of it since. */
export interface Standing<U> {
  /** The update that said it. */
  root: U;
  /** Where the words are that stand now: the root, or its newest correction. */
  words: U;
  /** Words that stood before, the newest first. */
  before: U[];
  /** The newest correction. */
  corrected: U | undefined;
  /** What took it back. `state` alone says so for words that were taken back without a sentence. */
  retracted: U | undefined;
}

/** What was said in an incident, each thing once, in the order in which `updates` come; drafts say nothing. */
export function standings<U extends Versioned>(updates: readonly U[]): Standing<U>[] {
  const told = updates.filter((u) => u.publishedSeq !== null);
  const next = new Map<string, U>();
  for (const u of told) if (u.correctsId !== null) next.set(u.correctsId, u);
  return told
    .filter((u) => u.correctsId === null)
    .map((root) => {
      const chain = [root];
      // A chain cannot be longer than what was told: nothing may go round in circles, whatever a database holds.
      while (chain.length <= told.length) {
        const after = next.get(chain.at(-1)!.id);
        if (!after) break;
        chain.push(after);
      }
      const retracted = chain.find((u) => takesBack(u.amends));
      const versions = chain.filter((u) => !takesBack(u.amends));
      const words = versions.at(-1)!;
      return {
        root,
        words,
        before: versions.slice(0, -1).reverse(),
        corrected: words === root ? undefined : words,
        retracted,
      };
    });
}

export const takesBack = (amends: Amends | null): boolean => amends === 'retraction' || amends === 'removal';

/** Ids of an update and of everything before it that it puts right, the newest first. */
export function versionsOf(updates: readonly Versioned[], id: string): string[] {
  const out: string[] = [];
  for (let at: string | null = id; at !== null && !out.includes(at); ) {
    out.push(at);
    at = updates.find((u) => u.id === at)?.correctsId ?? null;
  }
  return out;
}

/** The newest thing that was said and not taken back, by the order the public read it in. */
export function newestOf<U extends Versioned>(updates: readonly U[]): Standing<U> | undefined {
  const standing = standings(updates).filter(
    (s) => s.retracted === undefined && s.root.state !== 'retracted' && s.root.heartbeat !== true,
  );
  return standing.reduce<Standing<U> | undefined>(
    (newest, s) => (newest === undefined || s.root.publishedSeq! > newest.root.publishedSeq! ? s : newest),
    undefined,
  );
}
