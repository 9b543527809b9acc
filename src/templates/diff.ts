/** A run of words; neither added nor removed when it was there before and still is. */
export interface Run {
  text: string;
  added: boolean;
  removed: boolean;
}

/** Above this many comparisons the middle is shown as replaced whole: exact for people, and never slow. */
const MOST = 4_000_000;

/** What changed between two texts, word by word, in reading order; what went comes before what came. */
export function diffWords(before: string, after: string): Run[] {
  const a = words(before);
  const b = words(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const same = (list: string[], from: number, to: number): Run[] =>
    from < to ? [{ text: list.slice(from, to).join(''), added: false, removed: false }] : [];
  return merge([
    ...same(a, 0, start),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a, a.length - end, a.length),
  ]);
}

// Each word keeps the space after it, so that joining them gives the text back.
const words = (text: string): string[] => text.match(/\S+\s*|\s+/gu) ?? [];

function middle(a: string[], b: string[]): Run[] {
  const replaced: Run[] = [
    { text: a.join(''), added: false, removed: true },
    { text: b.join(''), added: true, removed: false },
  ];
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST) return replaced;
  const width = b.length + 1;
  // common[i][j]: length of the longest run of words common to a from i and b from j.
  const common = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const runs: Run[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      runs.push({ text: a[i] as string, added: false, removed: false });
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      runs.push({ text: a[i] as string, added: false, removed: true });
      i += 1;
    } else {
      runs.push({ text: b[j] as string, added: true, removed: false });
      j += 1;
    }
  }
  return runs;
}

function merge(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    if (run.text === '') continue;
    const last = out.at(-1);
    if (last && last.added === run.added && last.removed === run.removed) last.text += run.text;
    else out.push({ ...run });
  }
  return out;
}
