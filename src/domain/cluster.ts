/** Which of many messages ask the same thing, by the words they share. */

export interface Spoken {
  id: string;
  authorId: string;
  text: string;
}

export interface Cluster {
  ids: string[];
  /** What it is about, in their own words: “card payments”. */
  about: string;
}

/** A cluster is worth showing from here on. */
const FEWEST = 3;
/** As much of two messages' words must be the same. */
const ALIKE = 0.5;

/** Words that say nothing of what is asked, in the languages of the page. */
const EMPTY = new Set(
  `a about after all also am an and any are as at be been but by can cannot could did do does for from get got had has
  have hello hey hi how i if in is it its just me my no not now of on or our out please so still than thanks that the
  their them there they this to today too up us was we what when where which who why will with would you your yet anyone
  der die das den dem ein eine ist sind und oder nicht mit auf für von zu im in wann warum was wie ich wir ihr euer bitte
  le la les un une des est sont et ou pas avec sur pour de du dans quand pourquoi je nous vous
  el los las una es son y o no con por para en cuando mi`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Groups of at least three people who ask alike, the largest first; a message is in one group at most. */
export function cluster(messages: readonly Spoken[]): Cluster[] {
  const groups: { members: { said: Spoken; words: Set<string> }[]; counts: Map<string, number> }[] = [];
  for (const said of messages) {
    const words = wordsIn(said.text);
    if (words.size === 0) continue;
    const [best] = groups
      .map((group) => ({ group, alike: likeness(words, core(group)) }))
      .filter((x) => x.alike >= ALIKE)
      .sort((a, b) => b.alike - a.alike);
    const group = best?.group ?? { members: [], counts: new Map<string, number>() };
    if (!best) groups.push(group);
    group.members.push({ said, words });
    for (const word of words) group.counts.set(word, (group.counts.get(word) ?? 0) + 1);
  }
  return groups
    .filter((g) => new Set(g.members.map((m) => m.said.authorId)).size >= FEWEST)
    .sort((a, b) => b.members.length - a.members.length)
    .map((g) => ({
      ids: g.members.map((m) => m.said.id),
      about: topicOf(
        g.members.map((m) => m.said.text),
        core(g),
      ),
    }));
}

/** The two words that most of them write side by side, or the one that most of them have. */
function topicOf(texts: readonly string[], about: readonly string[]): string {
  const pairs = new Map<string, number>();
  for (const text of texts) {
    const words = rawWords(text);
    const own = words.flatMap((word, i) => {
      const next = words[i + 1];
      return next !== undefined && about.includes(stem(word)) && about.includes(stem(next))
        ? [`${word} ${next}`]
        : [];
    });
    for (const pair of new Set(own)) pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const [best] = [...pairs].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return best !== undefined && best[1] > 1 ? best[0] : (about[0] ?? '');
}

/** What at least four in ten of a group's messages say, most common first. */
function core(group: { members: readonly unknown[]; counts: ReadonlyMap<string, number> }): string[] {
  return [...group.counts]
    .filter(([, n]) => n >= 0.4 * group.members.length)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([word]) => word);
}

/** Shared words as a part of the shorter of the two; one word in common is not yet the same question. */
function likeness(words: ReadonlySet<string>, about: readonly string[]): number {
  const shared = about.filter((word) => words.has(word)).length;
  if (shared < 2 && Math.min(words.size, about.length) > 1) return 0;
  return shared / Math.max(1, Math.min(words.size, about.length));
}

/** No names of accounts, no addresses, no numbers. */
const rawWords = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/https?:\/\/\S+|@[\w.@-]+/g, ' ')
    .match(/\p{L}[\p{L}’'-]*/gu) ?? [];

/** The plural like the one. */
const stem = (word: string): string => word.replace(/(?<=\p{L}{3})s$/u, '');

/** The words that carry a question. */
const wordsIn = (text: string): Set<string> =>
  new Set(
    rawWords(text)
      .filter((w) => w.length > 1 && !EMPTY.has(w))
      .map(stem),
  );
